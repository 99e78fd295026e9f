"""Bookings that come at one moment are one transaction: each judged by itself, each answered once for its key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text as sql

from telegut.db.engine import Database
from telegut.errors import Unavailable
from telegut.scheduling.arranging import Request
from telegut.web.idempotency import attempt
from tests import build
from tests.scheduling.conftest import Api, Client, Practice, at, text
from tests.scheduling.processes import Process, caller, two_processes


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Process]]:
    """Two of them."""
    async with two_processes(database_url) as both:
        yield both


async def count(db: Database, statement: str) -> int:
    """One number."""
    async with db.begin(build.BUILDER) as tx:
        return int(await tx.scalar(sql(statement)) or 0)


async def test_what_comes_at_one_moment_is_one_transaction(
    processes: list[Process], practice: Practice, db: Database
) -> None:
    one, people = processes[0], [await build.person(db) for _ in range(12)]
    who = [practice.consultant.id]
    starts = [at(3 + number // 4, f"{9 + number % 4:02}:00") for number in range(12)]
    wishes = [one.book(person, practice.short, who, start) for person, start in zip(people, starts, strict=True)]

    assert [201] * 12 == await asyncio.gather(*wishes)
    assert one.writer.groups <= 2
    assert 12 == await count(db, "select count(*) from db_audit where action = 'book' and actor = 'person'")
    assert 12 == await count(db, "select count(distinct account) from db_audit where action = 'book'")
    assert 12 == await count(db, "select count(*) from jobs_job where kind = 'appointment.booked'")
    assert 12 == await count(db, "select count(*) from db_audit where action = 'join' and what = 'care_team'")


async def test_one_group_holds_every_kind_of_answer(
    client: Client, practice: Practice, db: Database, subtests: pytest.Subtests
) -> None:
    stranger = await build.person(db)
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    doctor, noor = Api(client, practice.consultant), Api(client, practice.coordinator)
    who, start = [practice.consultant], at(3)
    asked: dict[str, tuple[Any, int, str]] = {
        "the first": (lena.book(practice.short, who, start, reason="my own words"), 201, ""),
        "the second": (tom.book(practice.short, who, start), 409, "slot_taken"),
        "the same patient elsewhere": (lena.book(practice.advice, [practice.nutritionist], start), 409, "patient_busy"),
        "off the grid": (tom.book(practice.short, who, at(3, "11:07")), 422, "not_offered"),
        "an unknown kind": (tom.book(stranger.id, who, at(3, "12:00")), 422, "unknown_service"),
        "an unknown practitioner": (tom.book(practice.short, [stranger], at(3, "12:00")), 422, "unknown_practitioner"),
        "somebody missing": (tom.book(practice.joint, who, at(3, "12:00")), 422, "role_missing"),
        "for somebody else": (
            tom.book(practice.short, who, at(3, "12:00"), patient=str(stranger.id)),
            404,
            "not_found",
        ),
        "not in their care": (
            doctor.book(practice.short, who, at(3, "12:30"), patient=str(stranger.id)),
            404,
            "not_found",
        ),
        "by the coordinator": (noor.book(practice.short, who, at(3, "13:00"), patient=str(practice.other.id)), 201, ""),
        "for nobody": (noor.book(practice.short, who, at(3, "13:30")), 422, "invalid"),
    }
    answers = await asyncio.gather(*(wish for wish, _, _ in asked.values()))

    for (what, (_, status, code)), answer in zip(asked.items(), answers, strict=True):
        with subtests.test(what):
            body = await answer.json()
            assert (status, code) == (answer.status, body.get("code", ""))
    assert "my own words" == (await answers[0].json())["reason"]
    assert 2 == await count(db, "select count(*) from scheduling_appointment")
    assert 1 == await count(db, "select count(*) from scheduling_reason")


async def test_a_key_is_one_visit_in_one_process_and_in_two(
    processes: list[Process], practice: Practice, db: Database
) -> None:
    lena = caller(practice.patient)
    wish = Request(lena, practice.short, (practice.consultant.id,), at(3), reason="again and again")
    this = attempt(lena.account, "POST /api/v1/appointments", "a key", b"the same")
    settled = await asyncio.gather(*(process.writer.book(wish, this) for process in processes for _ in range(5)))

    assert {201} == {one.answer.status for one in settled}
    assert 1 == len({one.answer.body for one in settled})
    assert 1 == sum(not one.again for one in settled)
    assert 1 == await count(db, "select count(*) from scheduling_appointment")


async def test_a_key_that_comes_with_another_wish_is_refused_and_a_refusal_is_kept(
    client: Client, practice: Practice
) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    path, who = "/api/v1/appointments", [str(practice.consultant.id)]
    body = {"service": str(practice.short), "practitioners": who, "start": text(at(3))}
    first = await lena.post(path, body, **{"Idempotency-Key": "one"})
    other = await lena.post(path, {**body, "start": text(at(4))}, **{"Idempotency-Key": "one"})
    late = await tom.post(path, body, **{"Idempotency-Key": "mine"})
    visit = await first.json()
    await lena.post(f"{path}/{visit['id']}/cancel", {"version": 1})
    still = await tom.post(path, body, **{"Idempotency-Key": "mine"})
    anew = await tom.post(path, body, **{"Idempotency-Key": "another"})

    assert (201, 422, "idempotency_key_reused") == (first.status, other.status, (await other.json())["code"])
    assert (409, 409, "true") == (late.status, still.status, still.headers.get("Idempotency-Replayed"))
    assert await late.json() == await still.json()
    assert 201 == anew.status


async def test_the_limit_of_visits_ahead_counts_within_a_group(
    processes: list[Process], practice: Practice, db: Database
) -> None:
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(sql("update scheduling_policy set max_future_visits = 2"))
    who = [practice.consultant.id]
    wishes = [processes[0].book(practice.patient, practice.short, who, at(3, f"{9 + one:02}:00")) for one in range(5)]

    assert [201, 201, 422, 422, 422] == sorted(await asyncio.gather(*wishes))


async def test_a_calendar_that_stays_locked_keeps_nobody_else_waiting(
    processes: list[Process], practice: Practice, db: Database
) -> None:
    one = processes[0]
    async with db.begin(build.BUILDER) as holder:
        statement = sql("select from scheduling_calendar where practitioner = :one for update")
        await holder.execute(statement, {"one": practice.consultant.id})
        stuck = asyncio.create_task(one.book(practice.patient, practice.short, [practice.consultant.id], at(3)))
        others = [
            one.book(practice.other, practice.advice, [practice.nutritionist.id], at(3, f"{9 + hour:02}:00"))
            for hour in range(3)
        ]

        assert [201] * 3 == await asyncio.gather(*others)
        assert not stuck.done()
    assert 201 == await stuck


async def test_a_calendar_that_stays_locked_for_long_is_said_kindly(
    processes: list[Process], practice: Practice, db: Database
) -> None:
    """The time-out is made short here; what it leads to is the same."""
    one, other = processes[0], Database(processes[0].db.url, lock_timeout_ms=50)
    one.writer._db = other
    async with db.begin(build.BUILDER) as holder:
        await holder.execute(sql("select from scheduling_calendar for update"))
        with pytest.raises(Unavailable):
            await one.book(practice.patient, practice.short, [practice.consultant.id], at(3))

    assert 201 == await one.book(practice.patient, practice.short, [practice.consultant.id], at(3))
    await other.dispose()
