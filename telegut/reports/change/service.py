"""Two reports of one person side by side, for whoever the record is open to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from telegut.accounts import care
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.errors import FieldError, Invalid, NotFound
from telegut.reports import shelf
from telegut.reports.change.versus import Measured, Versus, not_read, versus
from telegut.reports.described import collected_on
from telegut.reports.shelf import Stored


@dataclass(frozen=True, slots=True)
class Beside:
    """A later report, an earlier one, and what may be said of them."""

    later: Stored
    earlier: Stored
    said: Versus


@dataclass(frozen=True, slots=True)
class Changes:
    """Change over time."""

    db: Database
    vault: Vault

    async def versus(self, caller: Caller, later: UUID, earlier: UUID) -> Beside:
        """
        *later* beside *earlier*.

        Raises:
            NotFound: there is no such report, or its record is not open to the caller.
            Invalid: it is the same report twice, or they are of two people.
        """
        if later == earlier:
            raise Invalid(errors=[FieldError("earlier", "is the same report: another one is needed")])
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, later)
            if await shelf.patient_of(tx, earlier) != patient:
                await care.require(tx, patient)
                raise NotFound  # never two people side by side, even for somebody who cares for both
            await care.require(tx, patient)
            one, other = await self._stored(tx, patient, later), await self._stored(tx, patient, earlier)
            await audit.record(tx, "read", "report", later, patient=patient)
            await audit.record(tx, "read", "report", earlier, patient=patient)
        now, before = measured(one), measured(other)
        return Beside(one, other, not_read() if now is None or before is None else versus(now, before))

    async def _stored(self, tx: Transaction, patient: UUID, report: UUID) -> Stored:
        return await shelf.one(tx, self.vault, await self.vault.key(tx, patient), report)


def measured(report: Stored) -> Measured | None:
    """*report* as a comparison sees it; ``None`` when it has not been read."""
    if report.answer is None:
        return None
    return Measured(
        answer=report.answer,
        metadata=report.metadata,
        collected=collected_on(report.metadata),
        handed_in=report.uploaded_at,
    )
