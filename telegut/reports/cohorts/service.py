"""
Comparison groups: load a clinic's own, approve it by a second person, withdraw it, and hold a report beside one.

Who may: consultants and administrators load, approve and withdraw. They see what a group is and what the checks found,
nobody's values.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update

from telegut.accounts import people
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.sealed import Vault
from telegut.errors import Conflict, FieldError, Invalid
from telegut.evidence.findings_in_words import tied_to_a_finding
from telegut.reports.cohorts import shelf, unrecognised
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.checks import Finding
from telegut.reports.cohorts.comparison import Comparison, compare, for_the_patient
from telegut.reports.cohorts.group import About, Group
from telegut.reports.cohorts.loading import Loaded, Unit, load
from telegut.reports.cohorts.match import pipeline_family, region_of
from telegut.reports.cohorts.shelf import Stored
from telegut.reports.cohorts.tables import cohort
from telegut.reports.confirming import NamesNotKnown
from telegut.reports.exchange.consent.service import agreeing
from telegut.reports.shelf import Stored as Report
from telegut.reports.taxonomy.databases import database_of
from telegut.web.words import gettext as _

_MOST_OPEN = 16
"""Groups whose figures a process keeps open; they never change, and a clinic has a handful."""


_TO_CONFIRM = (
    "Send those columns that are groups of bacteria or other organisms in `confirmed` of the facts; with `unknown` as "
    "`leave_out` the others are left out, and whoever approves the group reads which."
)


class OwnGroup(Conflict):
    """A group is approved by somebody else than who loaded it."""


class NotADraft(Conflict):
    """This group is no draft any more."""


class ConsentTakenBack(Conflict):
    """Somebody of this group has taken back their consent since it was loaded. Discard it, and load it without them."""


class NotApproved(Conflict):
    """Only an approved group can be withdrawn."""


class SameGroup(Conflict):
    """This very group is here already: the same people, values and facts. Nothing was loaded."""


class WordsRefused(Conflict):
    """The words of this group speak of a score or a finding, and patients would read them. Please load it anew."""


class NameTaken(Conflict):
    """Somebody has just loaded a group of this name. Please try again."""


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The service. opened: groups whose figures this process has open."""

    db: Database
    vault: Vault
    now: Clock
    opened: dict[str, Group] = field(default_factory=dict, repr=False)

    async def groups(self, tx: Transaction) -> list[Group]:
        """Every group that a report may be compared with now: those that telegut brings, and the clinic's approved."""
        ids = await tx.execute(select(cohort.c.id).where(cohort.c.state == "approved").order_by(cohort.c.id))
        own = [await self._group(tx, id) for id in ids.scalars()]
        return [*own, *built_in()]

    async def compared(self, caller: Caller, report: Report, *, for_patient: bool) -> Comparison | None:
        """
        *report*, which the caller was given, beside its group; ``None`` while it has no reading.

        The group at its version is kept with this version of the report, so that what was shown stays what is shown;
        only a group that matches in everything may take the place of one that does not. Who reads does not decide
        which: the team's view does.
        """
        if report.answer is None:
            return None
        async with self.db.begin(caller) as tx:
            found = await self._chosen(tx, report, report.answer)
        return for_the_patient(found) if for_patient else found

    async def _chosen(self, tx: Transaction, report: Report, answer: dict[str, Any]) -> Comparison:
        kept = await shelf.pinned(tx, report.id, report.version)
        held = None
        if kept is not None:
            held = compare(answer, report.metadata, await self._kept(tx, kept), for_patient=False)
            if held.full:
                return held
        best = compare(answer, report.metadata, await self.groups(tx), for_patient=False)
        if held is not None and held.matched and not best.full:
            return held
        if best.group is not None:
            await shelf.pin(tx, report.id, report.version, report.patient, best.group, at=self.now())
        return best

    async def _kept(self, tx: Transaction, kept: tuple[str, int]) -> Sequence[Group]:
        published = [one for one in built_in() if (one.id, one.version) == kept]
        return published or [await self._group(tx, UUID(kept[0]))]

    async def _group(self, tx: Transaction, id: UUID) -> Group:
        """A group with its figures. Withdrawing is looked up each time, the rest never changes."""
        state = await tx.scalar(select(cohort.c.state).where(cohort.c.id == id))
        known = self.opened.get(str(id))
        if known is None or known.withdrawn != (state == "withdrawn"):
            [known] = await shelf.groups(tx, self.vault, id=id)
            if len(self.opened) >= _MOST_OPEN:
                self.opened.pop(next(iter(self.opened)))
            self.opened[str(id)] = known
        return known

    async def all(self, caller: Caller) -> list[Stored]:
        """The clinic's groups, drafts and withdrawn ones too, the newest first."""
        async with self.db.begin(caller) as tx:
            return await shelf.every(tx)

    async def one(self, caller: Caller, id: UUID) -> Stored:
        """
        One of them.

        Raises:
            NotFound: there is none.
        """
        async with self.db.begin(caller) as tx:
            return await shelf.one(tx, id)

    async def load(self, caller: Caller, facts: Mapping[str, Any], table: bytes, *, unit: Unit) -> Stored:
        """
        Keep a group as a draft. *facts*: `About` without ``n``, ages, sexes and depth, which the table tells.

        Raises:
            Invalid: the facts or the table do not pass the checks; each finding is an error of its own.
            NamesNotKnown: nobody said what becomes of columns whose names are not known.
            NameTaken: two loaded a group of one name at once. SameGroup: it is here already.
        """
        errors = [*wrong_facts(facts), *unrecognised.wrong(table, facts)]
        found = load(table, unit, frozenset(facts.get("confirmed", ())))
        leave_out = facts.get("unknown") == "leave_out"
        findings = [*found.findings, *await self._patients(found)]
        async with self.db.begin(caller) as tx:
            errors += [FieldError("file", str(one.text)) for one in findings if one.blocks]
            if errors:
                raise Invalid("The table was not taken. Nothing was kept.", errors=errors)
            if found.unknown and not leave_out:
                raise NamesNotKnown(found.unknown, ["confirmed"], _TO_CONFIRM)
            if not found.people:
                raise Invalid(errors=[FieldError("file", _("There is no column of a genus."))])
            about = _about(facts, found)
            with on_violation(reports_cohort_name_version=NameTaken, reports_cohort_once=SameGroup):
                id = await shelf.put(
                    tx,
                    self.vault,
                    {**about.as_answer(), "dots_allowed": bool(facts.get("dots_allowed"))},
                    found.figures(),
                    findings,
                    hashlib.sha256(table).digest(),
                    at=self.now(),
                )
            await audit.record(tx, "write", "comparison group", id, patient=None)
            return await shelf.one(tx, id)

    async def _patients(self, found: Loaded) -> list[Finding]:
        """
        Findings about people in the table who are patients here: each agrees to research by their own decision, which
        no word in a table stands for, and the table says that they agreed to being used as a reference.
        """
        named = {one.patient: one for one in found.people if one.patient is not None}
        meant = {one.coded: one for one in found.people if one.coded is not None} | named
        async with self.db.begin(Caller.system("asks who agrees to research")) as tx:
            known = await people.named(tx, meant)
            agreed = await agreeing(tx, known)
        unsaid = _("“%(code)s” is a patient here and has not agreed to be used as a reference.")
        undecided = _("“%(code)s” is a patient here and has not agreed themselves (on their own page, under research).")
        return [
            Finding("patient_without_consent", (undecided if one.consented else unsaid) % {"code": one.code[:60]})
            for id, one in meant.items()
            if id in known and not (one.consented and id in agreed)
        ]

    async def approve(self, caller: Caller, id: UUID) -> Stored:
        """
        From now on reports are compared with it.

        Raises:
            NotFound: there is none. OwnGroup: the caller loaded it. NotADraft: it was approved before.
            ConsentTakenBack: one of its people agrees no more. WordsRefused: its words are not for patients.
        """
        await self._still_agreed(caller, id)
        async with self.db.begin(caller) as tx:
            found = await shelf.one(tx, id, lock=True)
            if found.state != "draft":
                raise NotADraft(current={"state": found.state})
            if _words(found.about.as_answer()):
                raise WordsRefused
            values = {"state": "approved", "approved_at": self.now(), "approved_by": caller.account}
            with on_violation(reports_cohort_two_people_check=OwnGroup):
                await tx.execute(update(cohort).where(cohort.c.id == id).values(values))
            await audit.record(tx, "write", "approval of a comparison group", id, patient=None)
            return await shelf.one(tx, id)

    async def _still_agreed(self, caller: Caller, id: UUID) -> None:
        """Figures of a group are sorted and cannot be parted again: who took back their word keeps all of it out."""
        async with self.db.begin(caller) as tx:
            await shelf.one(tx, id)
            inside = await shelf.patients_in(tx, self.vault, id)
        async with self.db.begin(Caller.system("asks who agrees to research")) as tx:
            known = await people.named(tx, inside)
            agreed = await agreeing(tx, known)
        if set(known) - agreed:
            raise ConsentTakenBack

    async def withdraw(self, caller: Caller, id: UUID, why: str) -> Stored:
        """
        No new report is compared with it; those that were say that it was withdrawn.

        Raises:
            NotFound: there is none. NotApproved: it is a draft or was withdrawn. Invalid: no reason.
        """
        if not why.strip():
            raise Invalid(errors=[FieldError("why", "is needed")])
        async with self.db.begin(caller) as tx:
            found = await shelf.one(tx, id, lock=True)
            if found.state != "approved":
                raise NotApproved(current={"state": found.state})
            values = {"state": "withdrawn", "withdrawn_at": self.now(), "withdrawn_by": caller.account}
            await tx.execute(update(cohort).where(cohort.c.id == id).values({**values, "withdrawn_why": why.strip()}))
            await audit.record(tx, "write", "withdrawal of a comparison group", id, patient=None)
            return await shelf.one(tx, id)

    async def discard(self, caller: Caller, id: UUID) -> None:
        """
        Throw a draft away.

        Raises:
            NotFound: there is none. NotADraft: it was approved; it stays.
        """
        async with self.db.begin(caller) as tx:
            found = await shelf.one(tx, id, lock=True)
            if found.state != "draft":
                raise NotADraft(current={"state": found.state})
            await tx.execute(delete(cohort).where(cohort.c.id == id))
            await audit.record(tx, "write", "removal of a draft comparison group", id, patient=None)

    async def names(self, caller: Caller, found: Sequence[Stored]) -> dict[UUID, str]:
        """What those who loaded, approved and withdrew are called."""
        ids = {id for one in found for id in (one.loaded_by, one.approved_by, one.withdrawn_by) if id is not None}
        async with self.db.begin(caller) as tx:
            return {id: person.name for id, person in (await people.named(tx, ids)).items()}


_SCORED: Final = re.compile(r"\b(?:health|gut|darm|dysbios|micro)\w*[ -]?(?:score|index|age|points?)\b", re.IGNORECASE)
"""Scores as compounds of one word; "body mass index" is who these people are."""
_READ_BY_PATIENTS: Final = ("name", "inclusion", "source", "licence", "country", "antibiotics")
"""Facts in people's own words that stand beside a position on a patient's page, or in their answer of the API."""


def _words(facts: Mapping[str, Any]) -> list[FieldError]:
    """Which of the facts speak of scores, good or bad bacteria, or what a finding asks for."""
    said = [(name, str(facts.get(name) or "")) for name in _READ_BY_PATIENTS]
    return [
        FieldError(name, "speaks of a score, a judgement or a finding. Please say who these people are.")
        for name, text in said
        if tied_to_a_finding(text) is not None or _SCORED.search(text)
    ]


def wrong_facts(facts: Mapping[str, Any]) -> list[FieldError]:
    """What keeps a group from patients' pages or from ever matching: its words, or a method like no other."""
    errors = _words(facts)
    if region_of(facts["region"]) is None:
        errors.append(FieldError("region", "Name the region, such as V4 or V3-V4, or shotgun."))
    if pipeline_family(facts["pipeline"]) is None:
        errors.append(FieldError("pipeline", "Name the program of the analysis."))
    database = database_of(facts["database"])
    if database is None or database.version is None:
        errors.append(FieldError("database", "Name the database of names with its version, such as SILVA 138.1."))
    return errors


def _about(facts: Mapping[str, Any], found: Loaded) -> About:
    ages = [one.age for one in found.people if one.age is not None]
    sexes = [one.sex[:1] for one in found.people]
    told = all(sex in {"f", "w", "m"} for sex in sexes)
    stated = {name: facts[name] for name in facts if name in About.__dataclass_fields__}
    return About(
        **{
            **stated,
            "n": len(found.people),
            "age_from": int(min(ages)) if len(ages) == len(found.people) else None,
            "age_to": int(max(ages)) if len(ages) == len(found.people) else None,
            "women": sum(sex in {"f", "w"} for sex in sexes) if told else None,
            "men": sexes.count("m") if told else None,
            "depth": found.depth,
        }
    )
