"""How a plan is held for a change, and what follows one: its version counts on, and everybody hears of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.careplan import events, reading, shelf
from telegut.careplan.rules import OnlyThePatient, OnlyTheTeam
from telegut.careplan.shelf import Head
from telegut.careplan.views import Plan
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.realtime import outbox
from telegut.realtime.events import Event


@dataclass(frozen=True, slots=True)
class Changes:
    """What every change of a plan needs; whoever changes it holds its row first."""

    db: Database
    vault: Vault
    now: Clock

    async def team_opens(self, tx: Transaction, patient: UUID) -> Head:
        """
        The plan of *patient*, held for a change by their care team.

        Raises:
            OnlyTheTeam: the caller is not in it.
        """
        relation = await care.require(tx, patient)
        if relation is not Relation.CARE_TEAM and not tx.caller.is_system:
            raise OnlyTheTeam
        return await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=True)

    async def patient_opens(self, tx: Transaction, patient: UUID) -> Head:
        """
        The plan of *patient*, held for an answer of theirs.

        Raises:
            OnlyThePatient: the caller is neither the patient nor a guardian who acts.
        """
        relation = await care.require(tx, patient)
        if not speaks_for(relation, tx.caller, patient):
            raise OnlyThePatient
        return await shelf.open_plan(tx, self.vault, patient, now=self.now(), lock=True)

    async def changed(self, tx: Transaction, head: Head, part: str, object_id: UUID) -> Plan:
        """Count the change, write it down, tell everybody; return the plan as it is now."""
        version = await shelf.touch(tx, head)
        await audit.record(tx, "write", f"care plan {part}", object_id, patient=head.patient)
        await self.tell(tx, events.CHANGED, head.patient, events.changed(head.id, version, part, object_id))
        return await self.whole(tx, replace(head, version=version))

    async def tell(self, tx: Transaction, type: str, patient: UUID, facts: dict[str, object]) -> None:
        """Everybody around *patient* hears of it, once the transaction holds."""
        await outbox.append(tx, Event(type, patient=patient, facts=facts), to=await care.circle(tx, patient))

    async def whole(self, tx: Transaction, head: Head) -> Plan:
        """The plan as it is now."""
        return await reading.whole(tx, self.vault, head, now=self.now())


def speaks_for(relation: Relation, caller: Caller, patient: UUID) -> bool:
    """Whether *caller* may answer for the patient: themselves (by a personal link too) or a guardian who acts."""
    if relation is Relation.ADMITTED:
        return caller.account == patient
    return relation in (Relation.THEMSELVES, Relation.GUARDIAN)
