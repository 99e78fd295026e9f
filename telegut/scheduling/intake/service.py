"""
What people do with forms before a visit. One method, one transaction.

The patient's side fills in, the care team reads; whoever defines forms sees no answer. Who came by a personal link may
answer, but reads nothing that was said before: a link may have been passed on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.errors import Conflict, NotFound, Refused
from telegut.realtime import outbox
from telegut.realtime.events import Event
from telegut.scheduling import appointments, catalogue, links
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.intake import forms, rules, sheets
from telegut.scheduling.intake.forms import Form
from telegut.scheduling.intake.rules import Content, Question
from telegut.scheduling.intake.sheets import Given, New
from telegut.scheduling.rules import Status

SUBMITTED = "intake.submitted"
THEIR_SIDE = frozenset({Relation.THEMSELVES, Relation.GUARDIAN})
AUTHORS = frozenset({"coordinator", "admin", "consultant"})
"""Roles that say what is asked."""


class IntakeClosed(Conflict):
    """This visit has begun or is no longer booked, so its form is closed. What you wrote before is kept."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the caller may do with one sheet."""

    reads: bool
    writes: bool


@dataclass(frozen=True, slots=True)
class Glance:
    """How far a form is: ``open``, ``draft`` or ``submitted``; and about how many minutes it takes."""

    state: str
    minutes: int

    @property
    def waits(self) -> bool:
        """Whether it still waits for the patient."""
        return self.state != "submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """
    One appointment's form as the caller may see it.

    state: ``none``, ``open``, ``draft`` or ``submitted``. form: None when nothing is asked. answers: by question;
    known: what was said of a question's fact before and not yet answered here. reads: whether values may be shown.
    """

    appointment: Appointment
    state: str
    form: Form | None
    answers: Mapping[str, Given]
    known: Mapping[str, Given]
    submitted_at: datetime | None
    reads: bool
    editable: bool


class Intake:
    """Forms before visits."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db = db
        self.vault = vault

    # --- for the patient's side

    async def sheet(self, caller: Caller, appointment: UUID) -> Sheet:
        """
        The form of an appointment, with what was answered.

        Raises:
            NotFound: there is no such appointment, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            one, access = await self._open(tx, appointment)
            return await self._sheet(tx, one, access)

    async def of_visit(self, caller: Caller, visit: UUID) -> Sheet:
        """As `sheet`, by the visit's id."""
        async with self.db.begin(caller) as tx:
            await links.enter(tx)
            found = await appointments.of_visit(tx, visit)
            one, access = await self._open(tx, found.id)
            return await self._sheet(tx, one, access)

    async def save(
        self, caller: Caller, appointment: UUID, answers: Mapping[str, object], keep: Collection[str]
    ) -> Sheet:
        """
        Keep answers, and earlier ones that still hold; those before them stay readable for the care team.

        keep: questions whose known fact still holds. None as an answer takes it back.

        Raises:
            NotFound, Refused: not the caller's to fill in. Invalid: an answer that cannot be. IntakeClosed: too late.
        """

        async def work(tx: Transaction) -> Sheet:
            one, access = await self._open(tx, appointment)
            form = await self._writable(tx, one, access)
            given = await sheets.answers(tx, self.vault, one)
            new = _new(form.content, rules.check_answers(form.content, answers), given)
            rules.check_kept(form.content, keep)
            new += await self._kept(tx, one, form.content, keep)
            await sheets.begin(tx, one, form)
            await sheets.write(tx, self.vault, one, new)
            if new:
                await audit.record(tx, "write", "intake", one.id, patient=one.patient)
            return await self._sheet(tx, one, access)

        return await self.db.run(caller, work)

    async def submit(self, caller: Caller, appointment: UUID) -> Sheet:
        """
        Hand the form in; again changes nothing.

        Raises:
            NotFound, Refused: not the caller's to fill in. NotComplete: a question waits. IntakeClosed: too late.
        """

        async def work(tx: Transaction) -> Sheet:
            one, access = await self._open(tx, appointment)
            form = await self._writable(tx, one, access)
            given = await sheets.answers(tx, self.vault, one)
            rules.check_complete(form.content, {name: each.value for name, each in given.items()})
            await sheets.begin(tx, one, form)
            if await sheets.submit(tx, one):
                await audit.record(tx, "submit", "intake", one.id, patient=one.patient)
                facts = {"appointment": str(one.id), "visit": str(one.visit)}
                await outbox.append(tx, Event(SUBMITTED, one.patient, facts), to=one.people)
            return await self._sheet(tx, one, access)

        return await self.db.run(caller, work)

    async def states(self, tx: Transaction, wanted: Collection[UUID]) -> dict[UUID, str]:
        """How far the forms of some appointments are: see `sheets.states`."""
        return await sheets.states(tx, wanted)

    async def glance(self, tx: Transaction, appointment: UUID) -> Glance | None:
        """How far the form of one appointment is; None: nothing is asked any more. Says nothing about any answer."""
        state = (await sheets.states(tx, [appointment])).get(appointment, "none")
        one = await appointments.one(tx, appointment)
        if state == "none" or not await _is_open(tx, one):
            return None
        form = await self._form(tx, one)
        return Glance(state, form.content.minutes) if form else None

    # --- for those who define forms

    async def forms(self, caller: Caller) -> list[Form]:
        """
        Every form at its current version.

        Raises:
            Refused: not part of the caller's work.
        """
        _check_author(caller)
        async with self.db.begin(caller) as tx:
            return await forms.every(tx)

    async def form(self, caller: Caller, wanted: UUID) -> Form:
        """
        One form at its current version.

        Raises:
            Refused: not part of the caller's work. NotFound: there is none.
        """
        _check_author(caller)
        async with self.db.begin(caller) as tx:
            return await forms.one(tx, wanted)

    async def publish(self, caller: Caller, service: UUID, content: Content, base: int) -> Form:
        """
        Make *content* the form for a kind of visit, as its next version.

        Raises:
            Refused: not part of the caller's work. Invalid: it makes no sense. FormChanged: not based on the current.
        """
        _check_author(caller)
        rules.check_content(content)

        async def work(tx: Transaction) -> Form:
            return await forms.publish(tx, service, content, base)

        return await self.db.run(caller, work)

    # --- steps

    async def _open(self, tx: Transaction, appointment: UUID) -> tuple[Appointment, Access]:
        await links.enter(tx)
        one = await appointments.one(tx, appointment)
        scope = tx.caller.scope
        if scope is not None:
            await links.check_own(tx, one)
            return one, Access(reads=scope.admitted, writes=True)
        relation = await care.require(tx, one.patient)
        return one, Access(reads=True, writes=relation in THEIR_SIDE)

    async def _writable(self, tx: Transaction, one: Appointment, access: Access) -> Form:
        if not access.writes:
            raise Refused("The patient fills this in. You can read it here once it is there.")
        form = await self._form(tx, one)
        if form is None:
            raise NotFound("Nothing is asked before this visit.")
        if not await _is_open(tx, one):
            raise IntakeClosed
        return form

    async def _form(self, tx: Transaction, one: Appointment) -> Form | None:
        begun = await sheets.begun(tx, one)
        if begun is not None:
            return await forms.at_version(tx, begun.form, begun.version)
        return await forms.of_service(tx, one.service)

    async def _kept(self, tx: Transaction, one: Appointment, content: Content, keep: Collection[str]) -> list[New]:
        questions = [each for each in content.questions if each.id in set(keep) and each.fact]
        facts = {each.fact for each in questions if each.fact}
        known = await sheets.known(tx, self.vault, one, facts)
        return [_copied(each, known[each.fact]) for each in questions if each.fact in known and _fits(each, known)]

    async def _sheet(self, tx: Transaction, one: Appointment, access: Access) -> Sheet:
        begun = await sheets.begun(tx, one)
        form = await self._form(tx, one)
        answers = await sheets.answers(tx, self.vault, one)
        content = form.content if form else Content("")
        asked = {each.fact: each.id for each in content.questions if each.fact and each.id not in answers}
        known = await sheets.known(tx, self.vault, one, asked)
        shown = {asked[fact]: given for fact, given in known.items() if _fits_id(content, asked[fact], given)}
        if access.reads and (answers or shown):
            await audit.record(tx, "read", "intake", one.id, patient=one.patient)
        submitted = begun.submitted_at if begun else None
        state = "submitted" if submitted else "draft" if begun else "open" if form else "none"
        return Sheet(
            appointment=one,
            state=state,
            form=form,
            answers={name: given for name, given in answers.items() if given.value is not None},
            known=shown,
            submitted_at=submitted,
            reads=access.reads,
            editable=access.writes and form is not None and await _is_open(tx, one),
        )


async def _is_open(tx: Transaction, one: Appointment) -> bool:
    _policy, now = await catalogue.clinic_policy(tx)
    return one.status is Status.BOOKED and now < one.start


def _new(content: Content, values: Mapping[str, rules.Value | None], given: Mapping[str, Given]) -> list[New]:
    """What is said now and was not said already."""
    found = []
    for name, value in values.items():
        question, before = content.question(name), given.get(name)
        if question is not None and value != (before.value if before else None):
            found.append(New(name, question.fact, value))
    return found


def _copied(question: Question, earlier: Given) -> New:
    return New(question.id, question.fact, earlier.value, earlier.id)


def _fits(question: Question, known: Mapping[str, Given]) -> bool:
    """Whether the earlier answer answers this question too: it may have been asked in another way."""
    try:
        return rules.check_value(question, known[question.fact or ""].value) is not None
    except ValueError:
        return False


def _fits_id(content: Content, name: str, given: Given) -> bool:
    question = content.question(name)
    return question is not None and _fits(question, {question.fact or "": given})


def _check_author(caller: Caller) -> None:
    if not caller.is_system and not caller.roles & AUTHORS:
        raise Refused("What is asked before a visit is not part of your work here.")


def build_intake(db: Database, vault: Vault) -> Intake:
    """The service."""
    return Intake(db, vault)
