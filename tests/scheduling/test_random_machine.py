"""
Twenty people do as they like, and a model of forty lines knows what each of them must be told.

The model shares no code with the server. One after another, every answer is the model's. All at once, there is an order
in which the model gives every success, and every refusal is right at some moment of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest

from telegut.db.engine import Database
from tests import build
from tests.scheduling.conftest import GENEROUS, Api, Client, Practice, at, text
from tests.scheduling.test_races import expire_at, spans

PEOPLE = 20
HALF_HOUR = timedelta(minutes=30)
Answer = tuple[int, str]
"""The status, and the code of a refusal."""


@dataclass(slots=True)
class Stay:
    """A hold or an appointment of the model. *state*: open, booked, used, released or cancelled."""

    id: str
    patient: int
    service: str
    start: datetime
    state: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that somebody asks for. *about*: the hold or appointment it is about."""

    what: str
    patient: int
    service: str = ""
    start: datetime | None = None
    about: str = ""
    version: int = 0
    staff: bool = False


@dataclass(slots=True)
class Model:
    """Everything that is held or booked, and what follows from it."""

    needs: dict[str, tuple[set[str], timedelta]]
    stays: dict[str, Stay] = field(default_factory=dict)

    def standing(self, wish: Wish, apart: str = "") -> list[Stay]:
        """What stands in the way of others; one's own holds do not."""
        taken = [one for one in self.stays.values() if one.state in ("open", "booked") and one.id != apart]
        return [one for one in taken if wish.staff or one.state == "booked" or one.patient != wish.patient]

    def closes(self, one: Stay) -> datetime:
        """When its practitioners are free again."""
        return one.start + HALF_HOUR + self.needs[one.service][1]

    def time(self, wish: Wish, service: str, patient: int, apart: str = "") -> Answer | None:
        """Why a time is refused; None: it is not."""
        start = wish.start
        assert start is not None
        end, who = start + HALF_HOUR, self.needs[service][0]
        if start.minute % 30 or not 8 <= start.hour < 18:
            return 422, "not_offered"
        others = self.standing(wish, apart)
        theirs = [one for one in others if self.needs[one.service][0] & who]
        if any(one.start < end and one.start + HALF_HOUR > start for one in theirs):
            return 409, "slot_taken"
        if any(one.patient == patient and one.start < end and one.start + HALF_HOUR > start for one in others):
            return 409, "patient_busy"
        near = any(one.start < end + self.needs[service][1] and self.closes(one) > start for one in theirs)
        return (422, "not_offered") if near else None

    def limit(self, patient: int) -> Answer | None:
        """Whether somebody has enough ahead."""
        ahead = sum(one.state == "booked" and one.patient == patient for one in self.stays.values())
        return (422, "too_many_visits") if ahead >= GENEROUS.max_future_visits else None

    def expected(self, wish: Wish) -> Answer:
        """What somebody must be told."""
        if wish.what in ("book", "hold"):
            done = 201, ""
            return self.time(wish, wish.service, wish.patient) or self.limit(wish.patient) or done
        one = self.stays[wish.about]
        if wish.what == "confirm":
            ended = {"used": (409, "hold_used"), "released": (410, "hold_expired")}.get(one.state)
            return ended or self.limit(one.patient) or (201, "")
        if one.state != "booked" or one.version != wish.version:
            return 409, "not_booked" if one.state != "booked" else "stale"
        moved = self.time(wish, one.service, one.patient, one.id) if wish.what == "move" else None
        return moved or (200, "")

    def do(self, wish: Wish, new: str) -> None:
        """Let it be so. *new*: the id of what came of it."""
        if wish.what in ("book", "hold"):
            assert wish.start is not None
            self.give_way(wish, wish.service)
            if wish.what == "hold":
                for old in self.holds(wish.patient)[: -GENEROUS.holds_per_patient + 1]:
                    old.state = "released"
            state = "booked" if wish.what == "book" else "open"
            self.stays[new] = Stay(new, wish.patient, wish.service, wish.start, state)
            return
        one = self.stays[wish.about]
        if wish.what == "confirm":
            one.state = "used"
            self.stays[new] = Stay(new, one.patient, one.service, one.start, "booked")
            return
        if wish.what == "move" and wish.start == one.start:
            return
        one.version += 1
        if wish.what == "move":
            assert wish.start is not None
            self.give_way(wish, one.service)
            one.start = wish.start
        else:
            one.state = "cancelled"

    def holds(self, patient: int) -> list[Stay]:
        """Somebody's holds, the oldest first."""
        return [one for one in self.stays.values() if one.state == "open" and one.patient == patient]

    def give_way(self, wish: Wish, service: str) -> None:
        """One's own holds end that touch a time one takes."""
        assert wish.start is not None
        closes = wish.start + HALF_HOUR + self.needs[service][1]
        for one in self.holds(wish.patient) if not wish.staff else []:
            shared = self.needs[one.service][0] & self.needs[service][0]
            until = self.closes(one) if shared else one.start + HALF_HOUR
            if one.start < closes and until > wish.start:
                one.state = "released"


@dataclass(slots=True)
class Machine:
    """The clinic, its twenty patients, and the model beside it."""

    db: Database
    practice: Practice
    people: list[Api]
    staff: Api
    random: Random
    model: Model
    services: dict[str, tuple[UUID, list[Any]]]

    def wish(self, patient: int) -> Wish:
        """Something that somebody might want."""
        mine = [one for one in self.model.stays.values() if one.patient == patient]
        visits = [one for one in mine if one.state in ("booked", "cancelled")]
        holds = [one for one in mine if one.state in ("open", "used", "released")]
        kinds = ["book"] * 4 + ["hold"] * 3 + ["confirm"] * 3 * bool(holds) + ["move", "move", "cancel"] * bool(visits)
        what, start = self.random.choice(kinds), self.start()
        if what in ("book", "hold"):
            return Wish(what, patient, self.random.choice([*self.services]), start)
        ones = holds if what == "confirm" else visits
        lasting = [each for each in ones if each.state in ("open", "booked")] if self.random.random() < 0.7 else []
        one = self.random.choice((lasting or ones)[-4:])
        version = one.version - (self.random.random() < 0.1)
        staff = what != "confirm" and self.random.random() < 0.3
        return Wish(what, patient, one.service, start, one.id, version, staff)

    def start(self) -> datetime:
        """A time within two days, now and then where no visit may be."""
        minutes = self.random.choice([0, 0, 0, 0, 0, 0, 0, 0, 10])
        return (
            at(self.random.choice([3, 4]), "07:30") + self.random.randrange(22) * HALF_HOUR + timedelta(minutes=minutes)
        )

    async def ask(self, wish: Wish) -> tuple[Answer, str]:
        """Ask the server; the answer, and the id of what came of it."""
        api = self.staff if wish.staff else self.people[wish.patient]
        match wish.what:
            case "book" | "hold":
                service, practitioners = self.services[wish.service]
                assert wish.start is not None
                take = api.book if wish.what == "book" else api.hold
                answer = await take(service, practitioners, wish.start)
            case "confirm":
                answer = await api.post("/api/v1/appointments", {"hold": wish.about})
            case "move":
                assert wish.start is not None
                body: dict[str, Any] = {"start": text(wish.start), "version": wish.version}
                answer = await api.post(f"/api/v1/appointments/{wish.about}/reschedule", body)
            case _:
                answer = await api.post(f"/api/v1/appointments/{wish.about}/cancel", {"version": wish.version})
        said = await answer.json()
        return (answer.status, said.get("code", "")), said.get("id", "")

    async def lapse(self) -> None:
        """Let the time of one hold run out."""
        still = [one for one in self.model.stays.values() if one.state == "open"]
        if still:
            one = self.random.choice(still)
            await expire_at(self.db, one.id, timedelta(milliseconds=-1))
            one.state = "released"

    async def check_list(self) -> None:
        """What is listed for somebody is exactly what the model would let them book."""
        patient, service = self.random.randrange(PEOPLE), self.random.choice([*self.services])
        first = at(3, "00:00")
        found = await self.people[patient].starts(
            self.services[service][0], first, first + timedelta(days=2), self.services[service][1]
        )
        starts = [] if self.model.limit(patient) else [first + number * HALF_HOUR for number in range(96)]
        free = [one for one in starts if not self.model.time(Wish("book", patient, service, one), service, patient)]

        assert [text(one) for one in free] == found

    async def check_rows(self) -> None:
        """Nobody is in two places, by what the database holds."""
        for person in [one.who for one in self.people] + [self.practice.consultant, self.practice.nutritionist]:
            times = await spans(self.db, person.id)
            assert all(before[1] <= after[0] for before, after in pairwise(times))


@pytest.fixture
async def machine(client: Client, db: Database, practice: Practice) -> Machine:
    """Twenty patients of one practice."""
    one, other = practice.consultant, practice.nutritionist
    services = {
        "short": (practice.short, [one]),
        "padded": (practice.padded, [one]),
        "joint": (practice.joint, [one, other]),
        "advice": (practice.advice, [other]),
    }
    after = {"padded": timedelta(minutes=10)}
    needs = {
        name: ({who.name for who in people}, after.get(name, timedelta(0))) for name, (_, people) in services.items()
    }
    people = [Api(client, await build.person(db)) for _ in range(PEOPLE)]
    staff = Api(client, practice.coordinator)
    return Machine(db, practice, people, staff, Random(20261122), Model(needs), services)


@pytest.mark.parametrize("operations", [200, pytest.param(2_000, marks=pytest.mark.long)])
async def test_one_after_another_every_answer_is_the_models(machine: Machine, operations: int) -> None:
    for number in range(operations):
        wish = machine.wish(machine.random.randrange(PEOPLE))
        answer, new = await machine.ask(wish)

        assert machine.model.expected(wish) == answer, (number, wish)
        if answer[0] < 300:
            machine.model.do(wish, new)
        if number % 11 == 0:
            await machine.lapse()
        if number % 25 == 0:
            await machine.check_list()
    await machine.check_rows()


@pytest.mark.parametrize("rounds", [8, pytest.param(100, marks=pytest.mark.long)])
async def test_all_at_once_there_is_an_order_that_explains_every_answer(machine: Machine, rounds: int) -> None:
    for number in range(rounds):
        wishes = [machine.wish(patient) for patient in range(PEOPLE)]
        said = await asyncio.gather(*(machine.ask(wish) for wish in wishes))
        done = [(wish, new) for wish, (answer, new) in zip(wishes, said, strict=True) if answer[0] < 300]
        moments = list(in_some_order(machine.model, done))

        assert len(moments) == len(done) + 1, (number, done)
        for wish, (answer, _) in zip(wishes, said, strict=True):
            assert any(one.expected(wish) == answer for one in moments) or answer[0] < 300, (number, wish, answer)
        machine.model = moments[-1]
        await machine.lapse()
        await machine.check_list()
    await machine.check_rows()


def in_some_order(model: Model, done: list[tuple[Wish, str]]) -> Iterator[Model]:
    """
    The moments of an order in which every wish that was granted is to be granted.

    Whichever may go first does: two that take the same time are never both granted, so going first harms nobody.
    """
    model, left = deepcopy(model), list(done)
    yield deepcopy(model)
    while ready := next((one for one in left if model.expected(one[0])[0] < 300), None):
        model.do(*ready)
        left.remove(ready)
        yield deepcopy(model)
