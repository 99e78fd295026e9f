"""A series is looked at, booked as a whole or not at all, and ended from any day on."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from telegut.db.engine import Database
from telegut.scheduling import calendars, catalogue
from tests import build
from tests.scheduling.conftest import GENEROUS, Api, Client, Practice, all_week, at, booked, refused, text

WEEK = timedelta(weeks=1)


def plan(practice: Practice, start: datetime, count: int = 4, every: str = "weekly") -> dict[str, Any]:
    """A series with the consultant."""
    who = [str(practice.consultant.id)]
    return {"service": str(practice.short), "practitioners": who, "start": text(start), "every": every, "count": count}


def chosen(practice: Practice, starts: list[datetime], **more: Any) -> dict[str, Any]:
    """The starts that were chosen."""
    who = [str(practice.consultant.id)]
    return {"service": str(practice.short), "practitioners": who, "starts": [text(one) for one in starts], **more}


async def test_conflicts_are_listed_before_anything_is_booked(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    start = at(7)
    await booked(await tom.book(practice.short, [practice.consultant], start + WEEK))
    found = await booked(await lena.post("/api/v1/series/preview", plan(practice, start)))
    second = found["occurrences"][1]

    assert [True, False, True, True] == [one["offered"] for one in found["occurrences"]]
    assert ["taken"] == second["reasons"]
    assert [text(start + WEEK + timedelta(minutes=half)) for half in (-60, -30, 30)] == second["near"]
    assert 20 == found["allowed"]
    mine = await (await lena.get("/api/v1/appointments")).json()
    assert [] == mine["items"]


async def test_times_near_it_come_from_the_same_week_when_the_day_is_off(
    client: Client, practice: Practice, db: Database
) -> None:
    day = at(14)
    hours = all_week()
    free = {(day + timedelta(days=1)).strftime("%A")[:2].upper()}
    weekday = type(hours.rules[0])(tuple(free), hours.rules[0].start, hours.rules[0].end)
    async with db.begin(build.BUILDER) as tx:
        await calendars.replace(tx, practice.consultant.id, type(hours)("UTC", (weekday,)), version=None, by=None)
    found = await booked(
        await Api(client, practice.patient).post("/api/v1/series/preview", plan(practice, day, count=2))
    )
    first = found["occurrences"][0]

    assert ["outside_hours"] == first["reasons"]
    assert 3 == len(first["near"])
    week = {datetime.fromisoformat(one).isocalendar()[:2] for one in first["near"]}
    assert {day.isocalendar()[:2]} == week


async def test_a_series_is_ordinary_visits_that_name_it(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    starts = [at(7) + WEEK * number for number in range(4)]
    made = await booked(await lena.post("/api/v1/series", chosen(practice, starts, reason="Sleep")))
    visits = made["appointments"]

    assert [text(one) for one in starts] == [one["start"] for one in visits]
    assert {made["id"]} == {one["series"] for one in visits}
    assert 4 == len({one["visit"] for one in visits})
    moved = await lena.post(
        f"/api/v1/appointments/{visits[1]['id']}/reschedule", {"start": text(at(8) + WEEK), "version": 1}
    )
    assert 200 == moved.status
    again = await booked(await lena.get(f"/api/v1/series/{made['id']}"))
    assert [2, 1, 1, 1] == [one["version"] for one in sorted(again["appointments"], key=lambda one: one["version"])][
        ::-1
    ]


async def test_all_are_booked_or_none(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    starts = [at(7) + WEEK * number for number in range(3)]
    await booked(await tom.book(practice.short, [practice.consultant], starts[2]))
    answer = await lena.post("/api/v1/series", chosen(practice, starts))
    told = await answer.json()

    assert (409, "series_taken") == (answer.status, told["code"])
    assert [(2, "slot_taken")] == [(one["index"], one["code"]) for one in told["current"]["failed"]]
    assert [] == (await (await lena.get("/api/v1/appointments")).json())["items"]


async def test_times_that_are_never_offered_are_named_by_their_place(client: Client, practice: Practice) -> None:
    starts = [at(7), at(8, "10:07"), at(9, "03:00")]
    answer = await Api(client, practice.patient).post("/api/v1/series", chosen(practice, starts))

    assert (422, "series_refused") == (answer.status, (await answer.json())["code"])
    assert ["starts.1", "starts.2"] == [one["field"] for one in (await answer.json())["errors"]]


async def test_the_same_start_twice_is_refused(client: Client, practice: Practice) -> None:
    answer = await Api(client, practice.patient).post("/api/v1/series", chosen(practice, [at(7), at(7)]))

    assert (409, "series_taken") == await refused(answer)


async def test_patients_keep_to_their_number_of_visits_and_staff_may_go_beyond(
    client: Client, practice: Practice, db: Database
) -> None:
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, type(GENEROUS)(**{**_numbers(), "max_future_visits": 2}))
    starts = [at(7) + WEEK * number for number in range(3)]
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)
    preview = await booked(await lena.post("/api/v1/series/preview", plan(practice, starts[0], count=3)))
    refusal = await lena.post("/api/v1/series", chosen(practice, starts))
    beyond = await noor.post("/api/v1/series", chosen(practice, starts, patient=str(practice.patient.id)))

    assert (2, 422) == (preview["allowed"], refusal.status)
    assert ["starts.2"] == [one["field"] for one in (await refusal.json())["errors"]]
    assert 201 == beyond.status


def _numbers() -> dict[str, Any]:
    return {name: getattr(GENEROUS, name) for name in GENEROUS.__dataclass_fields__}


async def test_the_rest_of_a_series_is_cancelled_and_what_was_before_stays(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    starts = [at(7) + WEEK * number for number in range(4)]
    made = await booked(await lena.post("/api/v1/series", chosen(practice, starts)))
    path = f"/api/v1/series/{made['id']}/cancel"
    after = await booked(await lena.post(path, {"from": text(starts[2]), "reason": "A journey"}))
    again = await booked(await lena.post(path, {"from": text(starts[2])}))

    assert ["booked", "booked", "cancelled", "cancelled"] == [one["status"] for one in after["appointments"]]
    assert [0, 0, 1, 1] == [one["sequence"] for one in again["appointments"]]
    free = await Api(client, practice.other).starts(practice.short, starts[2], starts[2] + timedelta(minutes=1))
    assert [text(starts[2])] == free
    stranger = await Api(client, practice.other).post(path, {})
    assert 404 == stranger.status


async def test_a_series_has_two_visits_at_least_and_the_clinics_number_at_most(
    client: Client, practice: Practice, subtests: pytest.Subtests
) -> None:
    lena = Api(client, practice.patient)
    for count, expected in ((1, 422), (2, 200), (12, 200), (13, 422), (105, 422)):
        with subtests.test(str(count)):
            answer = await lena.post("/api/v1/series/preview", plan(practice, at(7), count=count))
            assert expected == answer.status


async def test_of_two_series_that_meet_in_one_visit_one_is_booked(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    for number in range(3):
        start = at(7 + number)
        hers = [start + WEEK * week for week in range(3)]
        his = [start + timedelta(minutes=60), start + WEEK * 2, start + WEEK * 3]
        answers = await asyncio.gather(
            lena.post("/api/v1/series", chosen(practice, hers)),
            tom.post("/api/v1/series", chosen(practice, his)),
        )
        assert [201, 409] == sorted(one.status for one in answers)
        winner, api = (answers[0], lena) if answers[0].status == 201 else (answers[1], tom)
        await api.post(f"/api/v1/series/{(await winner.json())['id']}/cancel", {})
