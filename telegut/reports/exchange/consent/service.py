"""Decisions about research: each a row, none ever changed; the newest holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select

from telegut.accounts import care
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict
from telegut.reports.exchange.consent.rules import OF_REFERENCE, WORDS_VERSION, Decision, OtherWords, check_decides
from telegut.reports.exchange.consent.tables import research_consent


class DecidedMeanwhile(Conflict):
    """Somebody has just decided about this. Please look at it again."""


@dataclass(frozen=True, slots=True)
class Consents:
    """Consent to research."""

    db: Database
    now: Clock

    async def read(self, caller: Caller, patient: UUID) -> Decision | None:
        """
        The decision that holds; ``None``: nobody has decided, which is no consent.

        Raises:
            NotFound: the record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            await audit.record(tx, "read", "research consent", None, patient=patient)
            return await held(tx, patient)

    async def decide(self, caller: Caller, patient: UUID, *, given: bool, words: str) -> Decision:
        """
        Give consent or take it back. The same decision on the same words again changes nothing.

        Raises:
            NotYours: the caller is neither the patient nor acts for them.
            OtherWords: *words* is not the version that is shown now.
            DecidedMeanwhile: somebody was faster. NotFound: the record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            check_decides(await care.require(tx, patient))
            if given and words != WORDS_VERSION:
                raise OtherWords(current={"words": WORDS_VERSION})
            last = await held(tx, patient)
            if last is not None and (last.given, last.words) == (given, words):
                return last
            assert caller.account is not None
            made = Decision(
                number=(last.number if last else 0) + 1,
                given=given,
                words=words,
                decided_at=self.now(),
                decided_by=caller.account,
            )
            values = {name: getattr(made, name) for name in Decision.__dataclass_fields__}
            with on_violation(reports_research_consent_once=DecidedMeanwhile):
                await tx.execute(insert(research_consent).values(id=new_id(), patient=patient, **values))
            act = "consent" if given else "withdraw"
            await audit.record(tx, act, "research consent", None, patient=patient)
        return made


async def held(tx: Transaction, patient: UUID) -> Decision | None:
    """The decision that holds for *patient*. Checks nobody's rights."""
    columns = [research_consent.c[name] for name in Decision.__dataclass_fields__]
    mine = research_consent.c.patient == patient
    query = select(*columns).where(mine).order_by(research_consent.c.number.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return None if row is None else Decision(**row._mapping)


async def gives(tx: Transaction, patient: UUID) -> bool:
    """Whether *patient* agrees to research as of now."""
    decision = await held(tx, patient)
    return decision is not None and decision.given


async def agreeing(tx: Transaction, patients: Collection[UUID]) -> set[UUID]:
    """Which of *patients* agree, as of now, to stand in a comparison group. Checks nobody's rights."""
    row = research_consent.c
    every = select(row.patient, row.given, row.words).where(row.patient.in_(patients)).order_by(row.number)
    newest = {one.patient: one.given and one.words in OF_REFERENCE for one in await tx.execute(every)}
    return {patient for patient, given in newest.items() if given}
