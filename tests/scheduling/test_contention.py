"""
Two processes fight over the same time, round after round: one winner, a reason for everybody else, never a fault.

As services over real connections, because two hundred rounds over HTTP would measure HTTP; `test_races` does that.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.errors import Conflict, TelegutError
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.changing import NotBooked, Stale
from telegut.scheduling.holding import Hold, HoldExpired, HoldUsed
from telegut.scheduling.refusals import SlotTaken
from telegut.scheduling.rules import Status
from tests import build
from tests.build import Account
from tests.scheduling.conftest import GENEROUS, Practice, at, practice_in
from tests.scheduling.processes import Process, caller, together, two_processes, visits
from tests.scheduling.test_races import expire_at

MANY = 200
HALF_HOUR = timedelta(minutes=30)
DAY = timedelta(days=1)


def rounds(few: int) -> pytest.MarkDecorator:
    """A few rounds always, two hundred with the long tests."""
    return pytest.mark.parametrize("rounds", [few, pytest.param(MANY, marks=pytest.mark.long)])


@pytest.fixture
async def practice(db: Database) -> Practice:
    """Patients may have as many visits ahead as there are rounds."""
    return await practice_in(db, replace(GENEROUS, max_future_visits=1000))


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Process]]:
    """Two of them."""
    async with two_processes(database_url) as both:
        yield both


async def crowd(db: Database, count: int) -> list[Account]:
    """So many patients."""
    return [await build.person(db) for _ in range(count)]


async def fight(
    processes: Sequence[Process], people: Sequence[Account], wishes: Sequence[tuple[UUID, Sequence[UUID], datetime]]
) -> list[int]:
    """The statuses of many requests at one moment, by turns in one process and the other."""
    work = [processes[number % 2].book(people[number % len(people)], *wish) for number, wish in enumerate(wishes)]
    answers = await together(*work)
    assert [] == [one for one in answers if isinstance(one, TelegutError)]
    return [one for one in answers if isinstance(one, int)]


@rounds(2)
async def test_of_all_bookers_one_wins(processes: list[Process], practice: Practice, db: Database, rounds: int) -> None:
    people, many = await crowd(db, 20), 200 if rounds == MANY else 60
    for number in range(rounds):
        start = at(3 + number)
        statuses = await fight(processes, people, [(practice.short, [practice.consultant.id], start)] * many)

        assert Counter({201: 1, 409: many - 1}) == Counter(statuses)
        assert [(start, start + HALF_HOUR)] == await visits(
            db, practice.consultant.id, start - DAY / 2, start + DAY / 2
        )


@rounds(2)
async def test_of_wishes_that_overlap_the_winners_are_apart_and_nobody_else_could_have_won(
    processes: list[Process], practice: Practice, db: Database, rounds: int
) -> None:
    people, chance = await crowd(db, 20), Random(7)
    gap = timedelta(minutes=10)
    for number in range(rounds):
        first = at(3 + number, "08:00")
        starts = [first + HALF_HOUR * chance.randrange(16) for _ in range(100)]
        statuses = await fight(processes, people, [(practice.padded, [practice.consultant.id], one) for one in starts])
        won = await visits(db, practice.consultant.id, first, first + DAY / 2)

        assert set(statuses) <= {201, 409, 422}
        assert statuses.count(201) == len(won)
        assert all(after[0] - before[1] >= gap for before, after in pairwise(won))
        for status, start in zip(statuses, starts, strict=True):
            near = any(start < end + gap and start + HALF_HOUR + gap > begin for begin, end in won)
            assert status == 201 or near, "refused although nobody was there"


@rounds(2)
async def test_a_joint_visit_asked_for_in_both_orders_has_one_winner_and_no_half(
    processes: list[Process], practice: Practice, db: Database, rounds: int
) -> None:
    people = await crowd(db, 25)
    both = [practice.consultant.id, practice.nutritionist.id]
    for number in range(rounds):
        start = at(3 + number)
        wishes: list[tuple[UUID, Sequence[UUID], datetime]] = []
        for turn in range(50):
            wishes += [(practice.joint, both, start), (practice.joint, both[::-1], start)] * 2
            wishes += [(practice.short, both[:1], start)] if turn else []
        statuses = await fight(processes, people, wishes)
        consultant, nutritionist = [await visits(db, one, start, start + HALF_HOUR) for one in both]

        assert Counter({201: 1, 409: len(wishes) - 1}) == Counter(statuses)
        assert (1, True) == (len(consultant), set(nutritionist) <= set(consultant))


@rounds(6)
async def test_a_hold_that_runs_out_is_confirmed_or_somebody_elses(
    processes: list[Process], practice: Practice, db: Database, rounds: int
) -> None:
    lena, tom, chance = caller(practice.patient), caller(practice.other), Random(11)
    one, other = (process.scheduling for process in processes)
    who = [practice.consultant.id]
    for number in range(rounds):
        start = at(3 + number)
        held = await one.hold(lena, practice.short, who, start, None)
        ends = await expire_at(db, str(held.id), timedelta(milliseconds=40))
        pause = (ends - utc_now()).total_seconds() + chance.uniform(-0.005, 0.005)
        await asyncio.sleep(max(0.0, pause))
        confirmed, taken = await together(one.confirm(lena, held.id), other.hold(tom, practice.short, who, start, None))

        if isinstance(confirmed, Appointment):
            assert isinstance(taken, SlotTaken)
        else:
            # Too late: expired while nobody has the time yet, taken once somebody does. Tom too may have come too
            # early; then the time is nobody's, and he gets it now.
            assert isinstance(confirmed, HoldExpired | SlotTaken)
            late = taken if isinstance(taken, Hold) else await other.hold(tom, practice.short, who, start, None)
            assert isinstance(late, Hold)


@rounds(4)
async def test_a_hold_is_confirmed_once_however_often_it_is_asked(
    processes: list[Process], practice: Practice, db: Database, rounds: int
) -> None:
    lena, tom = caller(practice.patient), practice.other
    for number in range(rounds):
        start = at(3 + number)
        who = [practice.consultant.id]
        held = await processes[0].scheduling.hold(lena, practice.short, who, start, None)
        first, second, status = await together(
            processes[0].scheduling.confirm(lena, held.id),
            processes[1].scheduling.confirm(lena, held.id),
            processes[1].book(tom, practice.short, who, start),
        )

        outcomes = sorted((first, second), key=lambda one: isinstance(one, TelegutError))
        assert isinstance(outcomes[0], Appointment)
        assert isinstance(outcomes[1], HoldUsed)
        assert 409 == status
        assert 1 == len(await visits(db, practice.consultant.id, start, start + HALF_HOUR))


@rounds(4)
async def test_a_visit_is_moved_to_a_time_or_somebody_else_books_it(
    processes: list[Process], practice: Practice, db: Database, rounds: int
) -> None:
    lena, amara = practice.patient, practice.consultant.id
    moving, booking = processes
    for number in range(rounds):
        old, new = at(3 + number, "09:00"), at(3 + number, "11:00")
        visit = await moving.scheduling.book(caller(lena), practice.short, [amara], old)
        moved, status = await together(
            moving.scheduling.reschedule(caller(lena), visit.id, new, 1),
            booking.book(practice.other, practice.short, [amara], new),
        )
        at_old, at_new = [await visits(db, amara, one, one + HALF_HOUR) for one in (old, new)]

        if isinstance(moved, Appointment):
            assert (409, new, 1) == (status, moved.start, moved.sequence)
            assert [] == at_old
        else:
            assert isinstance(moved, SlotTaken)
            assert 201 == status
            assert [(old, old + HALF_HOUR)] == at_old
        assert [(new, new + HALF_HOUR)] == at_new


@rounds(4)
async def test_a_visit_is_cancelled_or_moved_and_not_both(
    processes: list[Process], practice: Practice, db: Database, rounds: int
) -> None:
    lena, amara = caller(practice.patient), practice.consultant
    one, other = (process.scheduling for process in processes)
    for number in range(rounds):
        old, new = at(3 + number, "09:00"), at(3 + number, "15:00")
        visit = await one.book(lena, practice.short, [amara.id], old)
        cancelled, moved = await together(
            one.cancel(lena, visit.id, "", 1), other.reschedule(caller(amara), visit.id, new, 1)
        )
        final = (await one.appointment(lena, visit.id)).appointment
        times = [start for start, _ in await visits(db, amara.id, old, old + DAY / 2)]

        assert 1 == sum(isinstance(outcome, Appointment) for outcome in (cancelled, moved))
        lost = moved if isinstance(cancelled, Appointment) else cancelled
        assert isinstance(lost, Stale | NotBooked)
        assert isinstance(lost, Conflict)
        if isinstance(cancelled, Appointment):
            assert (Status.CANCELLED, []) == (final.status, times)
        else:
            assert (Status.BOOKED, [new]) == (final.status, times)
        assert (2, 1) == (final.version, final.sequence)
