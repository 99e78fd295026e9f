"""The list of free times, and why one is not in it: the same question as a booking's, asked without locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from telegut.db.engine import Transaction
from telegut.errors import FieldError, Invalid
from telegut.scheduling import asking, bookers, calendars, catalogue, diaries, zones
from telegut.scheduling.booking import offer_of
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.diaries import Asker, Diaries
from telegut.scheduling.interpreters import choosing, finding
from telegut.scheduling.refusals import Reason
from telegut.scheduling.slots import AROUND, Offer, Question
from telegut.scheduling.zones import DAY

TEAMS_AT_MOST = 500
"""How many combinations of practitioners one question may have."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Who wants to know about what.

    practitioners: a joint visit of all of them; none: anybody. moving: an appointment that would give its own time up.
    language: only with people who speak it (BCP 47); empty: any. opening: for a group session, which takes its
    practitioners' time alone. interpreter: a language or an interpreter's id, when somebody is to translate.
    """

    service: UUID
    practitioners: tuple[UUID, ...] = ()
    patient: UUID | None = None
    moving: UUID | None = None
    language: str = ""
    opening: bool = False
    interpreter: str = ""


class Slot(NamedTuple):
    """A time that may be booked with these people together. Instants in seconds."""

    start: int
    end: int
    practitioners: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """
    Who could hold a visit together, and everything that is asked of them, for one stretch of time.

    groups: in the order of fairness. booked: how many visits each practitioner got lately, which is the reason for it.
    interpreters: of whom one has to be free; None: nobody is needed.
    """

    question: Question
    offers: dict[UUID, Offer]
    groups: tuple[tuple[UUID, ...], ...]
    booked: dict[UUID, int]
    interpreters: tuple[Offer, ...] | None = None

    def can_be_translated(self, start: int) -> bool:
        """Whether an interpreter is free for a visit that begins then, or nobody needs one."""
        those = self.interpreters
        return those is None or choosing.first_free(self.question, start, those) is not None

    def starts(self, first: int, last: int) -> dict[tuple[UUID, ...], set[int]]:
        """Every start that each group offers in ``[first, last)``."""
        of = {one: self.question.starts(offer, first, last) for one, offer in self.offers.items()}
        found = {group: set.intersection(*(of[one] for one in group)) for group in self.groups}
        if self.interpreters is None:
            return found
        fine = {start for starts in found.values() for start in starts if self.can_be_translated(start)}
        return {group: starts & fine for group, starts in found.items()}


async def free(
    tx: Transaction, asked: Asked, since: datetime | None, until: datetime | None, *, practitioner_days: int
) -> list[Slot]:
    """
    Every time in ``[since, until)`` that may be booked, by its start; equal starts in the order of fairness.

    Cut to what the clinic's horizon allows; *since* is now when not given, *until* a month later.

    Raises:
        Invalid: an unknown service or practitioner, a stretch that ends before it starts, or more days times
            practitioners than *practitioner_days*.
    """
    terms, may_book = await terms_for(tx, asked)
    first = zones.seconds(since or terms.now)
    last = zones.seconds(until) if until else first + 31 * DAY
    if last <= first:
        raise Invalid(errors=[FieldError("to", "This needs to be after the beginning.")])
    first, last = within(terms, first, last)
    if last <= first:
        return []
    people = await candidates(tx, asked, terms)
    if not may_book:
        return []
    if len(people) * (last - first) > practitioner_days * DAY:
        raise Invalid(errors=[FieldError("to", "Please ask for a shorter time, or for fewer people.")])
    market = await visit_market(tx, asked, terms, people, first, last)
    length = market.question.duration
    found = [Slot(start, start + length, group) for group, at in market.starts(first, last).items() for start in at]
    # Sorting keeps the order of the groups where starts are equal.
    return sorted(found, key=itemgetter(0))


def within(terms: Terms, first: int, last: int) -> tuple[int, int]:
    """A stretch of time cut to what may be booked at all, in seconds."""
    return max(first, zones.seconds(terms.now)), min(last, zones.seconds(terms.now + terms.policy.horizon) + 1)


async def explain(tx: Transaction, asked: Asked, start: datetime) -> list[Reason]:
    """
    Everything that speaks against a start; empty: it is offered.

    With nobody named it is offered when anybody can; otherwise the reasons of everybody are given.

    Raises:
        Invalid: an unknown service or practitioner.
    """
    terms, may_book = await terms_for(tx, asked)
    at = zones.seconds(start)
    people = await candidates(tx, asked, terms)
    market = await visit_market(tx, asked, terms, people, at, at)
    if not market.groups:
        return [Reason.ROLE_MISSING]
    answers = [market.question.joint_reasons(at, [market.offers[one] for one in group]) for group in market.groups]
    if start.microsecond:
        answers = [[*reasons, Reason.OFF_GRID] for reasons in answers]
    if not market.can_be_translated(at):
        answers = [[*reasons, Reason.NO_INTERPRETER] for reasons in answers]
    if not may_book:
        answers = [[*reasons, Reason.TOO_MANY_VISITS] for reasons in answers]
    if any(not reasons for reasons in answers):
        return []
    return list(dict.fromkeys(reason for reasons in answers for reason in reasons))


async def terms_for(tx: Transaction, asked: Asked) -> tuple[Terms, bool]:
    """
    The kind of visit that is asked for, and whether the patient may book another: see `booking.TooManyVisits`.

    Staff is not bound by that number, and a visit that only moves is none more. One statement.

    Raises:
        Invalid: there is no such kind of visit.
    """
    free_of_it = asked.moving is not None or bookers.is_staff(tx.caller)
    bound = [] if asked.patient is None or free_of_it else [asked.patient]
    known = await asking.ask(tx, {(asked.service, None)}, bound)
    found, ahead = known.terms, known.ahead
    if asked.service not in found:
        raise catalogue.UnknownService(errors=[FieldError("service", "There is no such kind of visit.")])
    terms = found[asked.service]
    return terms, all(ahead.get(one, 0) < terms.policy.max_future_visits for one in bound)


async def candidates(tx: Transaction, asked: Asked, terms: Terms) -> list[Calendar]:
    """
    Who may take part: those who were named, or else everybody whom the caller may choose; who speak the language.

    Raises:
        UnknownPractitioner: somebody who was named takes no visits, or is not the caller's to choose.
    """
    providing = await calendars.load_providing(tx, asked.service, asked.language)
    known = {one.practitioner for one in providing}
    others = set(asked.practitioners) - known
    found = providing + (await calendars.load(tx, others, asked.service) if others else [])
    allowed = await bookers.choice(tx, asked.patient, anybody=terms.policy.any_practitioner)
    wanted = [one for one in found if allowed is None or one.practitioner in allowed]
    if asked.practitioners and not set(asked.practitioners) <= {one.practitioner for one in wanted}:
        raise calendars.UnknownPractitioner(errors=[FieldError("practitioner", "Choose somebody of your care team.")])
    named = [one for one in wanted if one.practitioner in asked.practitioners]
    if asked.practitioners and not _missing(terms.visit.needs, named):
        wanted = named
    return [one for one in wanted if one.speaks]


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


def by_fairness(groups: Sequence[tuple[UUID, ...]], booked: Mapping[UUID, int]) -> list[tuple[UUID, ...]]:
    """Who got the fewest visits lately first, together; ties by id."""
    return sorted(groups, key=lambda group: (sum(booked.get(one, 0) for one in group), group))


async def visit_market(
    tx: Transaction, asked: Asked, terms: Terms, people: Sequence[Calendar], first: int, last: int
) -> Market:
    """Everything that decides about starts in ``[first, last)``, read in one go."""
    first, last = first - AROUND, last + AROUND
    those = await finding.candidates(tx, asked.interpreter) if asked.interpreter else ()
    everybody = {one.practitioner for one in people} | {*those} | ({asked.patient} if asked.patient else set())
    asker = Asker(tx.caller.account, asked.patient, asked.moving)
    found = await diaries.read(tx, everybody, first, last, asker)
    question = Question.of(terms.visit, terms.policy, terms.now, found.diary(asked.patient) if asked.patient else None)
    question.group = question.group and not asked.opening
    present = {one.practitioner for one in people}
    groups = teams(terms.visit.needs, asked.practitioners, people) if set(asked.practitioners) <= present else []
    booked = {one.practitioner: one.booked for one in people}
    offers = {one.practitioner: offer_of(one, found, first, last) for one in people}
    translating = await _interpreters(tx, asked, those, found, first, last) if asked.interpreter else None
    return Market(question, offers, tuple(by_fairness(groups, booked)), booked, translating)


async def _interpreters(
    tx: Transaction, asked: Asked, those: Sequence[UUID], found: Diaries, first: int, last: int
) -> tuple[Offer, ...]:
    known = {one.practitioner: one for one in await calendars.load(tx, those, asked.service)}
    return tuple(replace(offer_of(known[one], found, first, last), provides=True) for one in those)
