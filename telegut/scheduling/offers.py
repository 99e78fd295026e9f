"""The list of free times, and why one is not in it: the same question as a booking's, asked without locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import NamedTuple
from uuid import UUID

from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling import bookers, calendars, catalogue, diaries, zones
from telegut.scheduling.booking import offer_of
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.diaries import Asker
from telegut.scheduling.slots import Offer, Question, Reason
from telegut.scheduling.zones import DAY

TEAMS_AT_MOST = 500
"""How many combinations of practitioners one question may have."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Who wants to know about what.

    practitioners: a joint visit of all of them; none: anybody. moving: an appointment that would give its own time up.
    """

    service: UUID
    practitioners: tuple[UUID, ...] = ()
    patient: UUID | None = None
    moving: UUID | None = None


class Slot(NamedTuple):
    """A time that may be booked with these people together. Instants in seconds."""

    start: int
    end: int
    practitioners: tuple[UUID, ...]


async def free(
    tx: Transaction, asked: Asked, since: datetime | None, until: datetime | None, *, practitioner_days: int
) -> list[Slot]:
    """
    Every time in ``[since, until)`` that may be booked, by its start.

    Cut to what the clinic's horizon allows; *since* is now when not given, *until* a month later.

    Raises:
        Invalid: an unknown service or practitioner, a stretch that ends before it starts, or more days times
            practitioners than *practitioner_days*.
    """
    terms = await catalogue.terms(tx, asked.service)
    first = zones.seconds(since or terms.now)
    last = zones.seconds(until) if until else first + 31 * DAY
    if last <= first:
        raise Invalid(errors=[FieldError("to", "This needs to be after the beginning.")])
    first = max(first, zones.seconds(terms.now))
    last = min(last, zones.seconds(terms.now + terms.policy.horizon) + 1)
    if last <= first:
        return []
    people = await _candidates(tx, asked, terms)
    if len(people) * (last - first) > practitioner_days * DAY:
        raise Invalid(errors=[FieldError("to", "Please ask for a shorter time, or for fewer people.")])
    question, offers = await _question(tx, asked, terms, people, first - DAY, last + DAY)
    return _listed(question, offers, teams(terms.visit.needs, asked.practitioners, people), first, last)


def _listed(
    question: Question, offers: dict[UUID, Offer], groups: Sequence[tuple[UUID, ...]], first: int, last: int
) -> list[Slot]:
    starts = {one: question.starts(offer, first, last) for one, offer in offers.items()}
    found = [
        Slot(start, start + question.duration, group)
        for group in groups
        for start in set.intersection(*(starts[one] for one in group))
    ]
    return sorted(found)


async def explain(tx: Transaction, asked: Asked, start: datetime) -> list[Reason]:
    """
    Everything that speaks against a start; empty: it is offered.

    With nobody named it is offered when anybody can; otherwise the reasons of everybody are given.

    Raises:
        Invalid: an unknown service or practitioner.
    """
    terms = await catalogue.terms(tx, asked.service)
    at = zones.seconds(start)
    people = await _candidates(tx, asked, terms)
    question, offers = await _question(tx, asked, terms, people, at - DAY, at + DAY)
    groups = teams(terms.visit.needs, asked.practitioners, people)
    if not groups:
        return [Reason.ROLE_MISSING]
    answers = [question.joint_reasons(at, [offers[one] for one in group]) for group in groups]
    if start.microsecond:
        answers = [[*reasons, Reason.OFF_GRID] for reasons in answers]
    if any(not reasons for reasons in answers):
        return []
    return list(dict.fromkeys(reason for reasons in answers for reason in reasons))


async def _candidates(tx: Transaction, asked: Asked, terms: Terms) -> list[Calendar]:
    providing = await calendars.load_providing(tx, asked.service)
    known = {one.practitioner for one in providing}
    others = set(asked.practitioners) - known
    found = providing + (await calendars.load(tx, others, asked.service) if others else [])
    allowed = await bookers.choice(tx, asked.patient, anybody=terms.policy.any_practitioner)
    wanted = [one for one in found if allowed is None or one.practitioner in allowed]
    if asked.practitioners and not set(asked.practitioners) <= {one.practitioner for one in wanted}:
        raise calendars.UnknownPractitioner(errors=[FieldError("practitioner", "Choose somebody of your care team.")])
    named = [one for one in wanted if one.practitioner in asked.practitioners]
    if asked.practitioners and not _missing(terms.visit.needs, named):
        return named
    return wanted


def _missing(needs: Sequence[str], present: Sequence[Calendar]) -> list[str]:
    roles = {one.provides_as or one.role for one in present}
    return [role for role in needs if role not in roles]


def teams(needs: Sequence[str], named: Sequence[UUID], people: Sequence[Calendar]) -> list[tuple[UUID, ...]]:
    """
    Every combination that can hold a visit: who was named, and one of each role that is still missing.

    Sorted within by role and id. Raises Invalid when there are too many to answer.
    """
    roles = {one.practitioner: one.provides_as or one.role for one in people}
    fixed = [one for one in people if one.practitioner in named]
    open_roles = [
        [one.practitioner for one in people if one.provides_as == role and one.practitioner not in named]
        for role in _missing(needs, fixed)
    ]
    count = 1
    for candidates in open_roles:
        count *= len(candidates)
    if count > TEAMS_AT_MOST:
        raise Invalid(errors=[FieldError("practitioner", "Please name somebody: there are too many to choose from.")])
    groups = [(*named, *chosen) for chosen in product(*open_roles)]
    return [tuple(sorted(group, key=lambda one: (roles[one], one))) for group in groups if group]


async def _question(
    tx: Transaction, asked: Asked, terms: Terms, people: Sequence[Calendar], first: int, last: int
) -> tuple[Question, dict[UUID, Offer]]:
    everybody = {one.practitioner for one in people} | ({asked.patient} if asked.patient else set())
    asker = Asker(tx.caller.account, asked.patient, asked.moving)
    found = await diaries.read(tx, everybody, first, last, asker)
    question = Question.of(terms.visit, terms.policy, terms.now, found.diary(asked.patient) if asked.patient else None)
    return question, {one.practitioner: offer_of(one, found, first, last) for one in people}
