"""Invitations around clock changes in thirty zones: two other libraries find the instant that was agreed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import vobject
from dateutil.tz import tzical
from icalendar import Calendar, Timezone

from telegut.db.ids import new_id
from telegut.scheduling import calendar, ical, zones
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.calendar import Sender
from telegut.scheduling.rules import Status

SENDER = Sender("Clinic; with, signs", "https://clinic.example")
ZONES = [
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Chisinau", "Europe/Istanbul",
    "America/New_York", "America/Vancouver", "America/St_Johns", "America/Havana", "America/Sao_Paulo",
    "America/Santiago", "America/Asuncion", "America/Phoenix", "America/Nuuk", "Africa/Cairo", "Africa/Casablanca",
    "Africa/Lagos", "Asia/Jerusalem", "Asia/Gaza", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo",
    "Australia/Sydney", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham",
    "Pacific/Kiritimati",
]  # fmt: skip
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def visit(start: datetime, zone: str, minutes: int = 30, **more: Any) -> Appointment:
    """A booked visit."""
    base = Appointment(
        id=UUID(int=7),
        visit=new_id(),
        version=1,
        sequence=0,
        status=Status.BOOKED,
        outcome=None,
        service=new_id(),
        service_name="Gut review",
        patient=new_id(),
        practitioners=(new_id(),),
        start=start,
        end=start + timedelta(minutes=minutes),
        zone=zone,
        booked_by=None,
        changed_at=NOW,
    )
    return replace(base, **more)


def around_changes(zone: str) -> list[datetime]:
    """Half-hours around every clock change of some years, and a plain afternoon."""
    first, last = (zones.seconds(datetime(year, 6, 1, tzinfo=UTC)) for year in (2026, 2028))
    changes = [one.start for one in zones.regimes(zone, first, last)[1:]]
    near = [zones.instant(change + step * 1800) for change in changes for step in range(-4, 5)]
    return [*near, datetime(2027, 1, 15, 17, tzinfo=UTC)]


def by_the_file(body: bytes) -> tuple[datetime, datetime]:
    """Start and end as dateutil understands them with nothing but the file's own VTIMEZONE."""
    own = tzical(_Text(body))
    event: Any = Calendar.from_ical(body).events[0]
    found = []
    for name in ("DTSTART", "DTEND"):
        at, tzid = event[name].dt, event[name].params.get("TZID")
        found.append(at.replace(tzinfo=own.get(tzid), fold=0).astimezone(UTC) if tzid else at.astimezone(UTC))
    return found[0], found[1]


class _Text:
    """The lines of a file, as dateutil reads them."""

    name = "invitation"

    def __init__(self, body: bytes) -> None:
        self._body = body.decode()

    def read(self) -> str:
        """All of it; dateutil wants the zones alone."""
        zone_lines = self._body.split("BEGIN:VEVENT")[0] + "END:VCALENDAR\r\n"
        return zone_lines.replace("\r\n", "\n") if "BEGIN:VTIMEZONE" in zone_lines else _NO_ZONE


_NO_ZONE = "\n".join(["BEGIN:VCALENDAR", *ical.vtimezone("UTC", NOW, NOW), "END:VCALENDAR", ""])


@pytest.mark.parametrize("zone", ZONES)
def test_other_libraries_find_the_instant_that_was_agreed(zone: str) -> None:
    for start in around_changes(zone):
        one = visit(start, zone)
        body = calendar.invitation(one, SENDER, "lena@clinic.example", now=NOW)
        event: Any = Calendar.from_ical(body).events[0]

        assert (one.start, one.end) == by_the_file(body)
        assert (one.start, one.end) == (event.start.astimezone(UTC), event.end.astimezone(UTC))


@pytest.mark.parametrize("zone", ZONES)
def test_the_zones_own_clock_goes_as_ours_for_the_whole_of_its_years(zone: str) -> None:
    start = datetime(2027, 5, 5, 9, tzinfo=UTC)
    found = Calendar.from_ical(calendar.invitation(visit(start, zone), SENDER, None))
    [part] = [one for one in found.subcomponents if isinstance(one, Timezone)]
    theirs = part.to_tz(lookup_tzid=False)
    for step in range(365 * 4):
        at = datetime(2027, 1, 2, tzinfo=UTC) + timedelta(hours=6 * step)
        wall = zones.on_the_wall(at, zone)
        if not wall.fold and len(zones.instants(wall.replace(tzinfo=None), zone)) == 1:
            assert wall.replace(tzinfo=theirs).utcoffset() == wall.utcoffset(), at


def test_the_second_pass_of_a_repeated_hour_is_said_in_utc() -> None:
    first, second = (visit(datetime(2027, 11, 7, hour, 15, tzinfo=UTC), "America/New_York") for hour in (5, 6))
    bodies = [calendar.invitation(one, SENDER, None).decode() for one in (first, second)]

    assert "DTSTART;TZID=America/New_York:20271107T011500" in bodies[0]
    assert ("DTSTART:20271107T061500Z" in bodies[1], "VTIMEZONE" in bodies[1]) == (True, False)


def test_a_third_library_reads_invitation_move_and_cancellation_as_one_event() -> None:
    one = visit(datetime(2027, 3, 5, 9, tzinfo=UTC), "Europe/Berlin")
    moved = replace(one, start=one.start + timedelta(days=30), end=one.end + timedelta(days=30), sequence=1, version=2)
    ended = replace(moved, status=Status.CANCELLED, sequence=2, version=3)
    found = [
        vobject.readOne(calendar.invitation(each, SENDER, "lena@clinic.example").decode())
        for each in (one, moved, ended)
    ]

    assert [("REQUEST", "0"), ("REQUEST", "1"), ("CANCEL", "2")] == [
        (file.method.value, file.vevent.sequence.value) for file in found
    ]
    assert {f"{one.id}@clinic.example"} == {file.vevent.uid.value for file in found}
    assert {"mailto:lena@clinic.example"} == {file.vevent.attendee.value for file in found}
    assert [each.start for each in (one, moved, ended)] == [file.vevent.dtstart.value.astimezone(UTC) for file in found]


def test_each_file_is_stamped_anew_and_names_the_page_alone() -> None:
    one = visit(datetime(2027, 3, 5, 9, tzinfo=UTC), "Europe/Berlin")
    first, second = (
        calendar.invitation(one, SENDER, None, now=NOW + timedelta(minutes=step)).decode() for step in (1, 2)
    )
    [event] = Calendar.from_ical(first).events

    assert ("DTSTAMP:20261122T120100Z" in first, "DTSTAMP:20261122T120200Z" in second) == (True, True)
    assert f"https://clinic.example/visits/{one.visit}" == str(event["CONFERENCE"]) == str(event["URL"])
    assert "Gut" not in first
    assert all(len(line.encode()) <= 75 for line in first.split("\r\n"))


def test_lines_are_folded_between_characters() -> None:
    long = "SUMMARY:" + "äöü€😀" * 30
    folded = ical.fold(long)

    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert long == folded.replace("\r\n ", "").rstrip("\r\n")
    assert "a\\,b\\;c\\\\d\\ne" == ical.text("a,b;c\\d\ne")


def test_what_could_end_a_line_does_not() -> None:
    one = visit(datetime(2027, 3, 5, 9, tzinfo=UTC), "Europe/Berlin")
    body = calendar.invitation(one, Sender('A "B"\r\nX-EVIL:1', "https://c.example"), "a@b.c\r\nX-EVIL:1").decode()

    assert "\r\nX-EVIL" not in body
    assert ("+0530", "-0930", "+1245", "+001730") == tuple(ical.offset(one) for one in (19800, -34200, 45900, 1050))
