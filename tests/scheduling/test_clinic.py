"""The clinic's numbers and holidays over HTTP, limits of a day, and visits that no longer fit the hours."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.scheduling import catalogue
from telegut.scheduling.documents import policy_document
from telegut.scheduling.reminders import store
from telegut.scheduling.rules import Policy
from tests import build
from tests.scheduling.conftest import Api, Client, Practice, at, booked, refused, text

POLICY, HOLIDAYS = "/api/v1/scheduling/policy", "/api/v1/scheduling/holidays"


def day_of(days: int) -> str:
    """A day some days from today, as in a list of holidays."""
    return at(days).date().isoformat()


async def close(api: Api, *days: int) -> dict[str, Any]:
    """Make these days, some from today, the clinic's only holidays."""
    version = (await booked(await api.get(HOLIDAYS)))["version"]
    wanted = [{"day": day_of(one), "name": "Closed"} for one in days]
    return await booked(await api.put(HOLIDAYS, {"version": version, "holidays": wanted}))


async def explained(api: Api, practice: Practice, days: int, clock: str = "10:00") -> list[str]:
    """Why a consultation may not start then."""
    answer = await api.get(
        "/api/v1/slots/explain",
        service=practice.short,
        practitioner=practice.consultant.id,
        start=text(at(days, clock)),
    )
    return list((await booked(answer))["reasons"])


# --- numbers


def test_every_number_of_the_clinic_is_in_the_answer() -> None:
    assert len(fields(Policy)) == len(policy_document(Policy()))


async def test_numbers_change_one_by_one_and_know_their_version(client: Client, practice: Practice) -> None:
    noor = Api(client, practice.coordinator)
    before = await booked(await noor.get(POLICY))
    change = {"version": before["version"], "max_visits_a_day": 3, "quiet_from": "22:30"}
    after = await booked(await noor.put(POLICY, change))

    assert {**before, **change, "version": before["version"] + 1} == after
    assert after == await booked(await Api(client, practice.patient).get(POLICY))


@pytest.mark.parametrize("minutes", [[], [2880, 120, 15], [30]])
async def test_the_clinic_says_how_long_before_visits_it_reminds(
    client: Client, practice: Practice, db: Database, minutes: list[int]
) -> None:
    noor = Api(client, practice.coordinator)
    version = (await booked(await noor.get(POLICY)))["version"]
    after = await booked(await noor.put(POLICY, {"version": version, "reminder_minutes": minutes[::-1]}))
    async with db.begin(Caller.system("a test")) as tx:
        sent = (await store.numbers(tx)).minutes

    assert (minutes, tuple(sorted(minutes))) == (after["reminder_minutes"], sent)


async def test_a_kind_of_visit_gets_other_room_around_it_and_what_is_booked_keeps_its_own(
    client: Client, practice: Practice
) -> None:
    noor, lena = Api(client, practice.coordinator), Api(client, practice.patient)
    path = f"/api/v1/services/{practice.short}/numbers"
    first = at(3, "10:00")
    await booked(await lena.book(practice.short, [practice.consultant], first))
    given = await booked(await noor.put(path, {"buffer_before_minutes": 30}))
    starts = await lena.starts(practice.short, at(3, "09:00"), at(3, "12:00"))
    kept = await booked(await noor.put(path, {"buffer_after_minutes": 5}))

    assert (30, 5) == (kept["buffer_before_minutes"], kept["buffer_after_minutes"])
    assert 30 == given["buffer_before_minutes"]
    assert text(first + timedelta(minutes=30)) not in starts
    assert text(first + timedelta(minutes=60)) in starts


async def test_a_stale_change_of_numbers_gets_the_current_ones(client: Client, practice: Practice) -> None:
    noor = Api(client, practice.coordinator)
    current = await booked(await noor.get(POLICY))
    answer = await noor.put(POLICY, {"version": current["version"] - 1, "horizon_days": 5})
    problem = await answer.json()

    assert (answer.status, problem["code"], problem["current"]) == (409, "numbers_changed", current)


@pytest.mark.parametrize(
    "change",
    [
        {"grid_minutes": 7},
        {"horizon_days": 0},
        {"max_visits_a_day": 0},
        {"max_visits_a_day": 10**30},
        {"minimum_notice_minutes": -1},
        {"quiet_from": "25:00"},
        {"reminder_minutes": [60, 60]},
        {"reminder_minutes": [4]},
        {"reminder_minutes": [20_161]},
        {"reminder_minutes": [10, 20, 30, 40, 50, 60]},
        {"any_practitioner": "perhaps"},
        {"colour": "red"},
    ],
)
async def test_numbers_that_cannot_be_are_refused(client: Client, practice: Practice, change: dict[str, Any]) -> None:
    noor = Api(client, practice.coordinator)
    version = (await booked(await noor.get(POLICY)))["version"]

    assert (await noor.put(POLICY, {"version": version, **change})).status == 422


async def test_a_kind_of_visit_gets_numbers_of_its_own(client: Client, practice: Practice) -> None:
    noor, lena = Api(client, practice.coordinator), Api(client, practice.patient)
    path = f"/api/v1/services/{practice.short}/numbers"
    given = await booked(await noor.put(path, {"horizon_days": 2, "grid_minutes": 15}))

    assert (given["minimum_notice_minutes"], given["horizon_days"], given["grid_minutes"]) == (None, 2, 15)
    assert (await lena.starts(practice.short, at(1), at(1, "11:00")))[:2] == [text(at(1)), text(at(1, "10:15"))]
    assert await explained(lena, practice, 4) == ["beyond_horizon"]
    assert (await refused(await lena.book(practice.short, [practice.consultant], at(4)))) == (422, "not_offered")
    await booked(await lena.book(practice.padded, [practice.consultant], at(4)))


# --- the most visits of a day


async def test_a_full_day_takes_no_more_whoever_asks_first(client: Client, practice: Practice) -> None:
    """Two consultations fit: of six people at six times exactly two get one, and the day is gone from the list."""
    amara = Api(client, practice.consultant)
    path = f"/api/v1/practitioners/{practice.consultant.id}/availability"
    hours = await booked(await amara.get(path))
    await booked(await amara.put(path, {**hours, "max_a_day": 2}))
    askers = [Api(client, who) for who in (practice.patient, practice.other)] * 3
    answers = await asyncio.gather(
        *(
            api.book(practice.short, [practice.consultant], at(3, f"{9 + number:02}:00"))
            for number, api in enumerate(askers)
        )
    )
    codes = sorted([answer.status for answer in answers])

    assert codes == [201, 201, 409, 409, 409, 409]
    assert {(await refused(one))[1] for one in answers if one.status == 409} == {"day_full"}
    assert await askers[0].starts(practice.short, at(3, "00:00"), at(4, "00:00")) == []
    assert await explained(askers[0], practice, 3, "16:00") == ["day_full"]
    assert (await booked(await amara.get(path)))["max_a_day"] == 2


async def test_a_hold_counts_as_a_visit_of_the_day_but_not_for_its_owner(
    client: Client, practice: Practice, db: Database
) -> None:
    async with db.begin(build.BUILDER) as tx:
        policy, _ = await catalogue.clinic_policy(tx)
        await catalogue.set_policy(tx, replace(policy, max_visits_a_day=1))
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    hold = await booked(await lena.hold(practice.short, [practice.consultant], at(3)))

    assert await explained(tom, practice, 3, "15:00") == ["day_full"]
    assert (await refused(await tom.hold(practice.short, [practice.consultant], at(3, "15:00"))))[0] == 409
    assert await explained(lena, practice, 3, "15:00") == []
    await booked(await lena.post("/api/v1/appointments", {"hold": hold["id"]}))
    assert await explained(lena, practice, 3, "15:00") == ["day_full"]


async def test_a_visit_may_move_within_a_full_day(client: Client, practice: Practice) -> None:
    amara, lena = Api(client, practice.consultant), Api(client, practice.patient)
    path = f"/api/v1/practitioners/{practice.consultant.id}/availability"
    await booked(await amara.put(path, {**await booked(await amara.get(path)), "max_a_day": 1}))
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    move = {"start": text(at(3, "14:00")), "version": visit["version"]}

    assert (await lena.post(f"/api/v1/appointments/{visit['id']}/reschedule", move)).status == 200


# --- holidays


async def test_a_holiday_takes_the_times_and_leaves_the_visits(client: Client, practice: Practice) -> None:
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)
    visit = await booked(await lena.book(practice.joint, [practice.consultant, practice.nutritionist], at(3)))
    answer = await close(noor, 3, 5)

    assert [(one["day"], one["visits"]) for one in answer["holidays"]] == [(day_of(3), 1), (day_of(5), 0)]
    assert await lena.starts(practice.short, at(3, "00:00"), at(4, "00:00")) == []
    assert await explained(lena, practice, 3, "16:00") == ["holiday"]
    assert (await refused(await lena.book(practice.short, [practice.consultant], at(5)))) == (422, "not_offered")
    assert (await booked(await lena.get(f"/api/v1/appointments/{visit['id']}")))["status"] == "booked"
    assert (await booked(await lena.get(HOLIDAYS)))["holidays"][0]["visits"] is None

    await close(noor)
    assert await explained(lena, practice, 3, "16:00") == []


async def test_a_new_practitioner_has_the_clinics_holidays(client: Client, practice: Practice, db: Database) -> None:
    await close(Api(client, practice.coordinator), 3)
    mei = await build.person(db, "consultant", "Mei Tanaka", "UTC")
    rule = {"weekdays": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "start": "08:00", "end": "18:00"}
    path = f"/api/v1/practitioners/{mei.id}/availability"
    await booked(await Api(client, mei).put(path, {"zone": "UTC", "rules": [rule]}))
    lena = Api(client, practice.patient)

    assert await lena.starts(practice.short, at(3, "00:00"), at(4, "00:00"), [mei]) == []
    assert await lena.starts(practice.short, at(4, "00:00"), at(5, "00:00"), [mei]) != []


async def test_the_list_of_holidays_knows_its_version_and_names_each_day_once(
    client: Client, practice: Practice
) -> None:
    noor = Api(client, practice.coordinator)
    listed = await close(noor, 3)
    stale = await noor.put(HOLIDAYS, {"version": listed["version"] - 1, "holidays": []})
    twice = [{"day": day_of(4)}, {"day": day_of(4)}]
    double = await noor.put(HOLIDAYS, {"version": listed["version"], "holidays": twice})

    assert (stale.status, (await stale.json())["current"]["version"]) == (409, listed["version"])
    assert [one["field"] for one in (await double.json())["errors"]] == ["holidays.0.day", "holidays.1.day"]


async def test_nobody_books_past_a_holiday_that_is_being_set(client: Client, practice: Practice) -> None:
    """Whoever was let in is counted; whoever was not counted was told."""
    noor = Api(client, practice.coordinator)
    askers = [Api(client, who) for who in (practice.patient, practice.other)] * 4
    wishes = [
        asyncio.create_task(api.book(practice.short, [practice.consultant], at(6, f"{9 + number:02}:00")))
        for number, api in enumerate(askers)
    ]
    answer = await close(noor, 6)
    inside = [one for one in await asyncio.gather(*wishes) if one.status == 201]

    assert answer["holidays"][0]["visits"] == len(inside)


# --- what no longer fits


async def test_leave_a_move_and_a_holiday_flag_the_visits_they_fall_on(client: Client, practice: Practice) -> None:
    lena, amara, noor = (Api(client, who) for who in (practice.patient, practice.consultant, practice.coordinator))
    visits = [await booked(await lena.book(practice.short, [practice.consultant], at(days))) for days in (3, 4, 5, 6)]
    path = f"/api/v1/practitioners/{practice.consultant.id}"
    midnight = at(3, "00:00").replace(tzinfo=None)
    leave = {"start": midnight.isoformat(), "end": (midnight + timedelta(days=1)).isoformat(), "kind": "off"}
    until = {"weekdays": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "start": "08:00", "end": "18:00"}
    moved = {**until, "from": day_of(5), "zone": "Pacific/Auckland"}
    hours = {"zone": "UTC", "rules": [{**until, "until": day_of(4)}, moved], "exceptions": [leave]}
    answer = await booked(await amara.put(f"{path}/availability", hours))
    await close(noor, 4)
    found = (await booked(await noor.get(f"{path}/conflicts")))["items"]

    assert answer["outside"] == [visits[0]["id"], visits[2]["id"], visits[3]["id"]]
    assert {"Lena Hartmann"} == {one["patient_name"] for one in found}
    assert [(one["appointment"], one["reasons"]) for one in found] == [
        (visits[0]["id"], ["time_off"]),
        (visits[1]["id"], ["holiday"]),
        (visits[2]["id"], ["outside_hours"]),
        (visits[3]["id"], ["outside_hours"]),
    ]
    for visit in visits:
        seen = await booked(await lena.get(f"/api/v1/appointments/{visit['id']}"))
        assert (seen["status"], seen["start"], seen["version"]) == ("booked", visit["start"], 1)
    assert (await Api(client, practice.nutritionist).get(f"{path}/conflicts")).status == 403


async def test_what_put_answered_may_be_sent_back(client: Client, practice: Practice) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    path = f"/api/v1/practitioners/{practice.consultant.id}/availability"
    await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    rule = {"weekdays": ["MO"], "start": "01:00", "end": "02:00", "zone": "Asia/Kolkata"}
    body = {"zone": "UTC", "rules": [rule], "max_a_day": 4, "minimum_notice_minutes": 90}
    given = await booked(await amara.put(path, body))
    again = await booked(await amara.put(path, given))

    assert {**given, "version": given["version"] + 1} == again
    assert len(given["outside"]) == 1
