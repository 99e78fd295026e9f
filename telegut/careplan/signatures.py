"""Signing a plan: an exact text and its SHA-256 that never change, and the versions that were signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from telegut.accounts import care
from telegut.careplan import events, gates, notebook, reading, shelf
from telegut.careplan.changing import Changes
from telegut.careplan.rules import BothEdited, NothingToSign, check_note, needs_open_gates
from telegut.careplan.views import Author, Plan, Signed, digest, document, signed_json
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.notices import Kind, news


@dataclass(frozen=True, slots=True)
class Signatures:
    """The signed versions of plans."""

    changes: Changes

    async def sign(self, caller: Caller, patient: UUID, *, version: int | None) -> Signed:
        """
        Freeze the plan as it is: an exact text and its SHA-256, which never change. The first is the plan, every
        later one an amendment.

        Raises:
            BothEdited: the plan is not at *version* any more.
            GateBlocks: an active step stands behind an unanswered or closed gate.
            Invalid: the shared note is tied to what a stool sample showed.
            NothingToSign: it is the same as the last signed version.
            OnlyTheTeam: the caller is not in the care team.
        """
        async with self.changes.db.begin(caller) as tx:
            head = await self.changes.team_opens(tx, patient)
            plan = await self.changes.whole(tx, head)
            note = await notebook.shared_text(tx, self.changes.vault, head)
            check_note(note)
            signed = _signature(
                plan, note, version=version, by=Author(caller.account, caller.name), at=self.changes.now()
            )
            id = await shelf.put_signed(tx, self.changes.vault, head, signed)
            await audit.record(tx, "sign", "care plan", id, patient=patient)
            await self.changes.tell(tx, events.SIGNED, patient, events.signed(plan.id, plan.version, signed.number))
            await news.tell(tx, Kind.PLAN, patient, plan.id, signed.number)
        return signed

    async def versions(self, caller: Caller, patient: UUID) -> tuple[UUID, list[Signed]]:
        """The plan's id and its signed versions, the newest first."""
        async with self.changes.db.begin(caller) as tx:
            await care.require(tx, patient)
            head = await shelf.open_plan(tx, self.changes.vault, patient, now=self.changes.now(), lock=False)
            signed = await reading.signed_versions(tx, self.changes.vault, head)
            await audit.record(tx, "read", "signed care plans", head.id, patient=patient)
        return head.id, signed


def _signature(plan: Plan, note: str, *, version: int | None, by: Author, at: datetime) -> Signed:
    if version is not None and version != plan.version:
        raise BothEdited(current={"version": plan.version})
    for step in plan.steps:
        if needs_open_gates(step.status) and step.blocked_by:
            given = {one.gate.id: one.answer for one in plan.gates if one.answer is not None}
            gates.check_gates(step.blocked_by, given)
    last = plan.signed
    number = last.number + 1 if last else 1
    text = document(plan, shared_note=note, number=number)
    if last is not None and document(plan, shared_note=note, number=last.number) == last.document:
        raise NothingToSign(current=signed_json(last, plan.id))
    return Signed(
        number=number,
        plan_version=plan.version,
        document=text,
        sha256=digest(text).hex(),
        signed_at=at,
        signed_by=by,
    )
