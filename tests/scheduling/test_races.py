"""Many people want the same time at once: one winner, a clear answer for everybody else, never a fault."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import text as sql

from telegut.clock import utc_now
from telegut.db.engine import Database
from tests import build
from tests.scheduling.conftest import Api, Client, Practice, at, booked, text

ROUNDS = 3


async def bookers(client: Client, db: Database, count: int) -> list[Api]:
    """So many patients."""
    return [Api(client, await build.person(db)) for _ in range(count)]


async def outcomes(answers: Sequence[ClientResponse]) -> Counter[tuple[int, str]]:
    """How often which answer was given."""
    found: Counter[tuple[int, str]] = Counter()
    for one in answers:
        found[(one.status, (await one.json()).get("code", ""))] += 1
    return found


async def spans(db: Database, person: Any) -> list[tuple[Any, Any]]:
    """The time of somebody's booked visits."""
    statement = sql(
        "select lower(visit), upper(visit) from scheduling_participant where person = :person and active"
        " order by lower(visit)"
    )
    async with db.begin(build.BUILDER) as tx:
        rows: list[Any] = [*await tx.execute(statement, {"person": person})]
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("count", [60, pytest.param(200, marks=pytest.mark.long)])
async def test_of_all_bookers_one_wins(client: Client, practice: Practice, db: Database, count: int) -> None:
    people = await bookers(client, db, 20)
    for number in range(ROUNDS):
        start = at(3 + number)
        wishes = [people[one % 20].book(practice.short, [practice.consultant], start) for one in range(count)]
        found = await outcomes(await asyncio.gather(*wishes))

        assert found[(201, "")] == 1
        assert found[(409, "slot_taken")] + found[(409, "patient_busy")] == count - 1
        assert len(await spans(db, practice.consultant.id)) == number + 1


async def test_of_a_hundred_overlapping_wishes_the_winners_are_apart(
    client: Client, practice: Practice, db: Database
) -> None:
    """Starts half an hour apart, visits of half an hour with ten minutes after: every refused one touches a winner."""
    people = await bookers(client, db, 20)
    starts = [at(3, "08:00") + timedelta(minutes=30 * (number % 10)) for number in range(100)]
    wishes = [
        people[number % 20].book(practice.padded, [practice.consultant], start) for number, start in enumerate(starts)
    ]
    answers = await asyncio.gather(*wishes)
    won = await spans(db, practice.consultant.id)

    assert {one.status for one in answers} <= {201, 409, 422}
    assert all(after[0] - before[1] >= timedelta(minutes=10) for before, after in pairwise(won))
    for answer, start in zip(answers, starts, strict=True):
        near = [one for one in won if abs(one[0] - start) < timedelta(minutes=40)]
        assert answer.status == 201 or near


async def test_joint_visits_asked_for_in_both_orders_never_deadlock(
    client: Client, practice: Practice, db: Database
) -> None:
    people = await bookers(client, db, 20)
    one_way, other_way = (
        [practice.consultant, practice.nutritionist],
        [practice.nutritionist, practice.consultant],
    )
    for number in range(ROUNDS):
        start = at(3 + number)
        wishes = [people[one % 20].book(practice.joint, one_way, start) for one in range(40)]
        wishes += [people[one % 20].book(practice.joint, other_way, start) for one in range(40)]
        wishes += [people[one % 20].book(practice.short, [practice.consultant], start) for one in range(20)]
        found = await outcomes(await asyncio.gather(*wishes))
        consultant, nutritionist = [{span for span in await spans(db, one.id) if span[0] == start} for one in one_way]

        assert (found[(201, "")], len(consultant)) == (1, 1)
        assert nutritionist <= consultant
        assert sum(found.values()) - 1 == found[(409, "slot_taken")] + found[(409, "patient_busy")]


async def test_a_move_and_a_booking_of_the_same_time(client: Client, practice: Practice, db: Database) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    for number in range(10):
        old, new = at(3 + number, "09:00"), at(3 + number, "11:00")
        visit = await booked(await lena.book(practice.short, [practice.consultant], old))
        path = f"/api/v1/appointments/{visit['id']}"
        moved, taken = await asyncio.gather(
            lena.post(path + "/reschedule", {"start": text(new), "version": 1}),
            tom.book(practice.short, [practice.consultant], new),
        )
        now = await booked(await lena.get(path))
        free = text(old) in await tom.starts(practice.short, old, old + timedelta(minutes=1))

        assert sorted((moved.status, taken.status)) in ([200, 409], [201, 409])
        assert (now["start"] == text(new), free) == (moved.status == 200,) * 2
        for api, one in ((lena, now), (tom, await taken.json() if taken.status == 201 else None)):
            if one:
                await api.post(f"/api/v1/appointments/{one['id']}/cancel", {"version": one["version"]})


async def test_a_cancellation_and_a_move_of_the_same_visit(client: Client, practice: Practice) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    for number in range(10):
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(3 + number)))
        path = f"/api/v1/appointments/{visit['id']}"
        cancelled, moved = await asyncio.gather(
            lena.post(path + "/cancel", {"reason": "", "version": 1}),
            amara.post(path + "/reschedule", {"start": text(at(3 + number, "15:00")), "version": 1}),
        )
        final = await booked(await lena.get(path))

        assert sorted((cancelled.status, moved.status)) == [200, 409]
        assert (final["version"], final["status"] == "cancelled") == (2, cancelled.status == 200)
        if final["status"] == "booked":
            await booked(await lena.post(path + "/cancel", {"version": 2}))


async def test_a_hold_that_runs_out_while_it_is_confirmed(client: Client, practice: Practice, db: Database) -> None:
    """Confirmed around its expiry while somebody else takes the time: never both, never neither without a reason."""
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    for number in range(12):
        start = at(3 + number % 6, f"{9 + number // 6}:00".zfill(5))
        hold = await booked(await lena.hold(practice.short, [practice.consultant], start))
        ends = await expire_at(db, hold["id"], timedelta(milliseconds=60))
        pause = (ends - utc_now()).total_seconds() + (number - 6) * 0.002
        await asyncio.sleep(max(0.0, pause))
        confirmed, taken = await asyncio.gather(
            lena.post("/api/v1/appointments", {"hold": hold["id"]}),
            tom.hold(practice.short, [practice.consultant], start),
        )

        # Too late is 410 while nobody has the time yet, and 409 once somebody does.
        assert (confirmed.status, taken.status) in {(201, 409), (410, 201), (409, 201), (410, 409)}


async def expire_at(db: Database, hold: str, within: timedelta) -> Any:
    """Let a hold run out soon; returns when, by the database's clock."""
    values = {"hold": hold, "within": within}
    async with db.begin(build.BUILDER) as tx:
        ends = await tx.scalar(
            sql(
                "update scheduling_hold set expires_at = statement_timestamp() + :within,"
                " made_at = statement_timestamp() - interval '1 minute' where id = :hold returning expires_at"
            ),
            values,
        )
        await tx.execute(
            sql("update scheduling_participant set expires_at = :ends where hold = :hold"), {"ends": ends, "hold": hold}
        )
        return ends


async def test_the_database_takes_no_time_without_a_beginning_an_end_or_a_length(
    client: Client, practice: Practice, db: Database, subtests: pytest.Subtests
) -> None:
    """An exclusion constraint alone would take all of these in silence."""
    await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))
    for during in ("empty", "(10,11)", "[,11)", "[10,]"):
        span = during.replace("10", "2027-05-05 10:00Z").replace("11", "2027-05-05 11:00Z").replace(":", "\\:")
        change = f"update scheduling_participant set visit = '{span}'\\:\\:tstzrange, during = '{span}'\\:\\:tstzrange"
        with subtests.test(during), pytest.raises(Exception, match="check constraint"):
            async with db.begin(build.BUILDER) as tx:
                await tx.execute(sql(change))
