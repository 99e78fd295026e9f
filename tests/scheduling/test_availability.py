"""Hours over HTTP, and what they do to the list of free times."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telegut.db.engine import Database
from telegut.scheduling.bodies.times import SlotAnswer, slots_json
from telegut.scheduling.offers import Slot
from telegut.web.api import Page
from tests import build
from tests.scheduling.conftest import Api, Client, Practice, at, booked, refused, text

MONDAYS = {"weekdays": ["MO"], "start": "09:00", "end": "12:30"}


def path_of(practice: Practice) -> str:
    """Where the consultant's hours are."""
    return f"/api/v1/practitioners/{practice.consultant.id}/availability"


async def test_hours_are_set_and_read(client: Client, practice: Practice) -> None:
    amara = Api(client, practice.consultant)
    exception = {"start": "2027-12-24T00:00:00", "end": "2027-12-27T00:00:00", "kind": "off", "note": "Family"}
    rule = {**MONDAYS, "from": "2027-01-01", "until": "2027-12-31", "services": [str(practice.short)]}
    body = {"version": 1, "zone": "Europe/Berlin", "rules": [MONDAYS, rule], "exceptions": [exception]}
    given = await booked(await amara.put(path_of(practice), body))

    assert {**body, "version": 2} == given == await booked(await amara.get(path_of(practice)))


async def test_notes_are_not_for_patients(client: Client, practice: Practice) -> None:
    exception = {"start": "2027-12-24T00:00:00", "end": "2027-12-27T00:00:00", "kind": "off", "note": "Family"}
    body = {"zone": "UTC", "rules": [], "exceptions": [exception]}
    await booked(await Api(client, practice.consultant).put(path_of(practice), body))
    seen = await booked(await Api(client, practice.patient).get(path_of(practice)))

    assert "note" not in seen["exceptions"][0]


async def test_a_stale_change_gets_the_current_hours(client: Client, practice: Practice) -> None:
    amara = Api(client, practice.consultant)
    answer = await amara.put(path_of(practice), {"version": 0, "zone": "UTC", "rules": [MONDAYS]})
    problem = await answer.json()

    assert (answer.status, problem["code"], problem["current"]["version"]) == (409, "hours_changed", 1)


async def test_nobody_sets_the_hours_of_somebody_else(client: Client, practice: Practice) -> None:
    for who in (practice.patient, practice.nutritionist, practice.coordinator):
        assert (await Api(client, who).put(path_of(practice), {"zone": "UTC", "rules": []})).status == 403


WRONG: list[dict[str, Any]] = [
    {"rules": [{**MONDAYS, "end": "09:00"}]},
    {"rules": [{**MONDAYS, "end": "25:00"}]},
    {"rules": [{**MONDAYS, "start": "24:00"}]},
    {"rules": [{**MONDAYS, "start": "9:00"}]},
    {"rules": [{**MONDAYS, "start": None}]},
    {"rules": [{**MONDAYS, "start": 9}]},
    {"rules": [{**MONDAYS, "weekdays": []}]},
    {"rules": [{**MONDAYS, "weekdays": ["MONDAY"]}]},
    {"rules": [{**MONDAYS, "from": 5}]},
    {"rules": [{**MONDAYS, "from": "2027-02-30"}]},
    {"rules": [{**MONDAYS, "colour": "red"}]},
    {"rules": [{**MONDAYS, "services": ["00000000-0000-0000-0000-000000000000"]}]},
    {"rules": None},
    {"zone": "Europe/Berlim"},
    {"zone": None},
    {"exceptions": [{"start": "2027-01-01T10:00:00", "end": "2027-01-01T10:00:00", "kind": "off"}]},
    {"exceptions": [{"start": "2027-01-01T10:00:00", "end": "2027-01-01T09:00:00", "kind": "off"}]},
    {"exceptions": [{"start": "2027-01-01T10:00:00Z", "end": "2027-01-01T11:00:00Z", "kind": "off"}]},
    {"exceptions": [{"start": "2027-01-01T25:00:00", "end": "2027-01-02T11:00:00", "kind": "off"}]},
    {"exceptions": [{"start": "2027-01-01T10:00:00", "end": "2027-01-01T11:00:00", "kind": "maybe"}]},
    {"exceptions": [{"start": None, "end": "2027-01-01T11:00:00", "kind": "off"}]},
]


async def test_hours_that_cannot_be_are_refused_and_nothing_changes(
    client: Client, practice: Practice, subtests: pytest.Subtests
) -> None:
    amara = Api(client, practice.consultant)
    for change in WRONG:
        answer = await amara.put(
            path_of(practice), {"version": 1, "zone": "UTC", "rules": [MONDAYS], "exceptions": [], **change}
        )
        problem = await answer.json()
        with subtests.test(str(change)):
            assert answer.status == 422
            assert all(one["field"] and one["message"] for one in problem["errors"])
    assert (await booked(await amara.get(path_of(practice))))["version"] == 1


async def test_leave_over_a_booked_visit_leaves_the_visit_and_takes_the_times(
    client: Client, practice: Practice
) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    day = at(3, "00:00").replace(tzinfo=None)
    leave = {"start": day.isoformat(), "end": (day + timedelta(days=1)).isoformat(), "kind": "off"}
    hours = await booked(await amara.get(path_of(practice)))
    await booked(await amara.put(path_of(practice), {**hours, "exceptions": [leave]}))

    assert await lena.starts(practice.short, at(3, "00:00"), at(4, "00:00")) == []
    assert (await booked(await lena.get(f"/api/v1/appointments/{visit['id']}")))["status"] == "booked"
    explained = await lena.get(
        "/api/v1/slots/explain", service=practice.short, practitioner=practice.consultant.id, start=text(at(3, "12:00"))
    )
    assert (await explained.json())["reasons"] == ["time_off"]


async def test_somebody_new_offers_what_their_role_can_once_they_set_hours(
    client: Client, practice: Practice, db: Database
) -> None:
    mei = await build.person(db, "consultant", "Mei Tanaka", "Asia/Tokyo")
    api, path = Api(client, mei), f"/api/v1/practitioners/{mei.id}/availability"
    before = await booked(await api.get(path))
    await booked(await api.put(path, {"zone": "Asia/Tokyo", "rules": [MONDAYS]}))
    listed = (await booked(await api.get("/api/v1/practitioners")))["items"]

    assert (before["version"], before["zone"], before["rules"]) == (0, "Asia/Tokyo", [])
    assert {"id": str(mei.id), "zone": "Asia/Tokyo"}.items() <= next(
        one for one in listed if one["name"] == "Mei Tanaka"
    ).items()


async def test_kinds_of_visit_say_what_they_need(client: Client, practice: Practice) -> None:
    listed = await booked(await Api(client, practice.patient).get("/api/v1/services"))

    assert [("Consultation", 30, 0, ["consultant"]), ("Review", 30, 10, ["consultant"])] == [
        (one["name"], one["duration_minutes"], one["buffer_after_minutes"], one["needs"]) for one in listed["items"][:2]
    ]
    assert listed["next"] is None


QUESTIONS: list[dict[str, str]] = [
    {"from_": "2027-05-05T10:00:00"},
    {"from_": text(at(5)), "to": text(at(4))},
    {"from_": text(at(5)), "to": text(at(5))},
    {"service": "nothing"},
    {"service": "00000000-0000-0000-0000-000000000000"},
    {"practitioner": "00000000-0000-0000-0000-000000000000"},
    {"colour": "red"},
]


async def test_a_question_that_makes_no_sense_is_refused(
    client: Client, practice: Practice, subtests: pytest.Subtests
) -> None:
    lena = Api(client, practice.patient)
    for query in QUESTIONS:
        with subtests.test(str(query)):
            answer = await lena.get("/api/v1/slots", **{"service": practice.short, **query})
            assert (await refused(answer))[0] in (404, 422)


async def test_the_quick_text_is_the_same_as_the_slow_one(practice: Practice) -> None:
    slots = [Slot(1_809_500_400, 1_809_502_200, (practice.consultant.id, practice.nutritionist.id))]
    quick = Page[SlotAnswer].model_validate_json(slots_json(slots))

    assert quick.model_dump_json(by_alias=True).encode() == slots_json(slots)
