"""The clinic's years, legal holds, and the purge. Every step is in the audit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update

from telegut.accounts import people
from telegut.accounts.people import Found
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.sealed import Erased, Vault
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.messaging.retention.tables import hold, retention

REASON_MAX_CHARACTERS = 1_000
FOUND_AT_MOST = 20
_PURGE = text("select conversation, patient, removed from messaging_purge(:at_most)")


class PolicyChanged(Conflict):
    """Somebody else has just changed how long messages are kept. Please look at it again."""


class AlreadyHeld(Conflict):
    """This record is held already."""


class AlreadyLifted(Conflict):
    """This hold was lifted before."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long words are kept; None: for ever."""

    keep_years: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A record that nothing is removed from, until that is lifted. Reasons are empty once the record was erased."""

    id: UUID
    patient: UUID
    reason: str
    placed_at: datetime
    placed_by: UUID
    lifted_at: datetime | None
    lifted_by: UUID | None
    lift_reason: str | None


@dataclass(frozen=True, slots=True)
class Retention:
    """The service. batch: entries whose words one turn removes at most."""

    db: Database
    vault: Vault
    now: Clock
    batch: int

    async def policy(self, caller: Caller) -> Policy:
        """The clinic's years."""
        async with self.db.begin(caller) as tx:
            row = (await tx.execute(select(retention))).one()
        return Policy(row.keep_years, row.version)

    async def set_policy(self, caller: Caller, keep_years: int | None, *, version: int) -> Policy:
        """
        Keep words for *keep_years* from when they were sent; None: for ever.

        Raises:
            PolicyChanged: it is at another version by now.
        """
        async with self.db.begin(caller) as tx:
            values = {"keep_years": keep_years, "changed_at": self.now(), "changed_by": caller.account}
            changed = await tx.execute(
                update(retention)
                .where(retention.c.version == version)
                .values(version=version + 1, **values)
                .returning(retention.c.version)
            )
            if changed.scalar_one_or_none() is None:
                row = (await tx.execute(select(retention))).one()
                raise PolicyChanged(current={"keep_years": row.keep_years, "version": row.version})
            await audit.record(tx, "write", "retention", None, patient=None)
        return Policy(keep_years, version + 1)

    async def holds(self, caller: Caller) -> list[Hold]:
        """All of them, the newest first."""
        async with self.db.begin(caller) as tx:
            rows = (await tx.execute(select(hold).order_by(hold.c.id.desc()))).all()
            return [await self._opened(tx, row) for row in rows]

    async def named(self, caller: Caller, ids: Collection[UUID]) -> dict[UUID, str]:
        """The names of people in a list of holds."""
        async with self.db.begin(caller) as tx:
            return {one: person.name for one, person in (await people.named(tx, ids)).items()}

    async def find(self, caller: Caller, words: str) -> list[Found]:
        """Patients whose record could be held, by name or address: `FOUND_AT_MOST` of them, nothing of their record."""
        async with self.db.begin(caller) as tx:
            found = await people.patients_like(tx, words, at_most=FOUND_AT_MOST)
            await audit.record(tx, "read", "patients", None, patient=None)
            return found

    async def place(self, caller: Caller, patient: UUID, reason: str) -> Hold:
        """
        From now on, remove nothing of *patient*, for *reason*.

        Raises:
            Invalid: no reason. NotFound: no such patient. Erased: nothing is left to hold. AlreadyHeld: one is enough.
        """
        reason = _checked(reason)
        async with self.db.begin(caller) as tx:
            named = (await people.named(tx, [patient])).get(patient)
            if named is None or "patient" not in named.roles:
                raise NotFound
            made, key = new_id(), await self.vault.key(tx, patient)
            values = {
                "id": made,
                "patient": patient,
                "reason": self.vault.seal(hold.c.reason, key, made, reason),
                "placed_at": self.now(),
                "placed_by": caller.account,
            }
            with on_violation(messaging_one_hold=AlreadyHeld, messaging_hold_patient_fkey=NotFound):
                await tx.execute(insert(hold).values(values))
            await audit.record(tx, "hold", "record", made, patient=patient)
            return await self._one(tx, made)

    async def lift(self, caller: Caller, held: UUID, reason: str) -> Hold:
        """
        The hold has ended, for *reason*.

        Raises:
            NotFound: there is none. AlreadyLifted: it has ended before.
        """
        reason = _checked(reason)
        async with self.db.begin(caller) as tx:
            row = (await tx.execute(select(hold).where(hold.c.id == held).with_for_update())).one_or_none()
            if row is None:
                raise NotFound
            if row.lifted_at is not None:
                raise AlreadyLifted
            key = await self.vault.key(tx, row.patient)
            sealed = self.vault.seal(hold.c.lift_reason, key, held, reason)
            values = {"lifted_at": self.now(), "lifted_by": caller.account, "lift_reason": sealed}
            await tx.execute(update(hold).where(hold.c.id == held).values(values))
            await audit.record(tx, "lift hold", "record", held, patient=row.patient)
            return await self._one(tx, held)

    async def purge(self) -> int:
        """For a periodic job: remove what is older than the clinic's years and not held; returns how many entries."""
        async with self.db.begin(Caller.system("retention")) as tx:
            rows = await tx.execute(_PURGE, {"at_most": self.batch})
            return sum(row.removed for row in rows)

    async def _one(self, tx: Transaction, held: UUID) -> Hold:
        return await self._opened(tx, (await tx.execute(select(hold).where(hold.c.id == held))).one())

    async def _opened(self, tx: Transaction, row: Row[Any]) -> Hold:
        try:
            key = await self.vault.key(tx, row.patient)
            reason = self.vault.open(hold.c.reason, key, row.id, row.reason)
            why = row.lift_reason and self.vault.open(hold.c.lift_reason, key, row.id, row.lift_reason)
        except Erased:
            reason, why = "", None
        return Hold(
            id=row.id,
            patient=row.patient,
            reason=reason,
            placed_at=row.placed_at,
            placed_by=row.placed_by,
            lifted_at=row.lifted_at,
            lifted_by=row.lifted_by,
            lift_reason=why,
        )


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > REASON_MAX_CHARACTERS:
        message = f"Give a reason of at most {REASON_MAX_CHARACTERS} characters."
        raise Invalid(message, errors=[FieldError("reason", message)])
    return reason
