"""Calendar files: one appointment keeps its identity through moves and its end."""

from __future__ import annotations

from icalendar import Calendar, Event

from tests.scheduling.conftest import Api, Client, Practice, at, booked, text


async def test_a_file_follows_its_visit_from_invitation_to_end(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3), reason="Bloating"))
    path = f"/api/v1/appointments/{visit['id']}"
    changes = [
        ("reschedule", {"start": text(at(4)), "version": 1}),
        ("cancel", {"reason": "Travelling", "version": 2}),
    ]
    seen = [await event_of(lena, path)]
    for verb, body in changes:
        await booked(await lena.post(f"{path}/{verb}", body))
        seen.append(await event_of(lena, path))

    assert [("REQUEST", 0, "CONFIRMED"), ("REQUEST", 1, "CONFIRMED"), ("CANCEL", 2, "CANCELLED")] == [
        (method, event["SEQUENCE"], str(event["STATUS"])) for method, event in seen
    ]
    assert len({str(event["UID"]) for _, event in seen}) == 1
    assert [at(3), at(4), at(4)] == [event.start for _, event in seen]


async def event_of(who: Api, path: str) -> tuple[str, Event]:
    """The file's method, the same in body and type, and its only event."""
    answer = await who.get(path + ".ics")
    body = await answer.read()
    file = Calendar.from_ical(body)
    [event] = file.events

    assert answer.headers["Content-Type"] == f"text/calendar; charset=utf-8; method={file['METHOD']}"
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    for word in (b"Bloating", b"Travelling", b"Consultation", b"Okafor", b"Hartmann"):
        assert word not in body
    assert (str(event["ORGANIZER"]).startswith("mailto:"), str(event["ATTENDEE"])) == (True, f"mailto:{who.who.email}")
    return str(file["METHOD"]), event
