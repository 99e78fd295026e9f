"""
Who takes part in a conversation.

The place of a patient and their care team follows the care team: whoever joins it takes part, whoever leaves it does
not. Every access asks the care team as well, so that a membership that is a moment old opens nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.accounts import care
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import NotFound
from telegut.messaging import log
from telegut.messaging.rules import EntryType
from telegut.messaging.tables import conversation, member

Present = Mapping[UUID, UUID | None]
"""Who takes part; for those who came along into a topic as covers, for whom they stand in."""


async def require(tx: Transaction, conversation_id: UUID, *, write: bool = False) -> UUID:
    """
    Go on only when the caller of *tx* takes part and the patient is in their care; return the patient.

    Raises:
        NotFound: they do not, or there is no such conversation.
        Refused: they may read, and *write* was asked.
    """
    found = await tx.execute(
        select(conversation.c.patient)
        .join(member, member.c.conversation == conversation.c.id)
        .where(conversation.c.id == conversation_id, member.c.account == tx.caller.account, member.c.until.is_(None))
    )
    patient: UUID | None = found.scalar_one_or_none()
    if patient is None:
        raise NotFound
    await care.require(tx, patient, write=write)
    return patient


async def care_conversation(tx: Transaction, patient: UUID) -> UUID | None:
    """The place of *patient* and their care team, if there is one yet."""
    found: UUID | None = await tx.scalar(
        select(conversation.c.id).where(conversation.c.patient == patient, conversation.c.kind == "care")
    )
    return found


async def present(tx: Transaction, conversation_id: UUID) -> dict[UUID, UUID | None]:
    """Who takes part as of now; see `Present`."""
    rows = await tx.execute(
        select(member.c.account, member.c.cover_for).where(
            member.c.conversation == conversation_id, member.c.until.is_(None)
        )
    )
    return {row.account: row.cover_for for row in rows}


async def follow_care_team(tx: Transaction, vault: Vault, patient: UUID, now: datetime) -> UUID | None:
    """
    Make sure that *patient* has their place, and that exactly the patient, guardians and care team take part.

    Nothing is written when all is so already. None while there is no care team.
    """
    circle = set(await care.circle(tx, patient))
    existing = await care_conversation(tx, patient)
    if existing is None:
        if not await care.team(tx, patient):
            return None
        existing = await _make(tx, patient, now)
    if set(await log.taking_part(tx, existing)) == circle:
        return existing
    head = await log.lock(tx, existing)
    present = set(await log.taking_part(tx, existing))
    await change_members(tx, vault, head, joining=circle - present, leaving=present - circle, now=now)
    return existing


async def _make(tx: Transaction, patient: UUID, now: datetime) -> UUID:
    """The care conversation; a twin that makes it at the same moment wins or waits."""
    values = {"id": new_id(), "patient": patient, "kind": "care", "created_at": now}
    await tx.execute(insert(conversation).values(values).on_conflict_do_nothing())
    made = await care_conversation(tx, patient)
    if made is None:
        raise NotFound
    return made


async def change_members(
    tx: Transaction,
    vault: Vault,
    head: log.Head,
    *,
    joining: Collection[UUID],
    leaving: Collection[UUID],
    now: datetime,
    covering: Present = MappingProxyType({}),
) -> None:
    """
    Let people join and leave, with an entry for each. The conversation is locked by the caller.

    covering: of those who join as covers, for whom they stand in.
    """
    for account in sorted(joining):
        place = {"conversation": head.id, "account": account, "patient": head.patient}
        values = {"since": now, "until": None, "cover_for": covering.get(account)}
        again = (
            insert(member)
            .values(**place, **values)
            .on_conflict_do_update(index_elements=["conversation", "account"], set_=values)
        )
        await tx.execute(again)
    if leaving:
        await tx.execute(
            update(member).where(member.c.conversation == head.id, member.c.account.in_(leaving)).values(until=now)
        )
    entries = [
        *(log.NewEntry(type=EntryType.MEMBER_ADDED, sender=None, about=one) for one in sorted(joining)),
        *(log.NewEntry(type=EntryType.MEMBER_REMOVED, sender=None, about=one) for one in sorted(leaving)),
    ]
    if entries:
        await log.append(tx, vault, head, entries, now)


async def become(
    tx: Transaction, vault: Vault, head: log.Head, before: Present, wanted: Present, now: datetime
) -> None:
    """Let exactly *wanted* take part where *before* did. The conversation is locked by the caller."""
    joining, leaving = wanted.keys() - before.keys(), before.keys() - wanted.keys()
    if joining or leaving:
        await change_members(tx, vault, head, joining=joining, leaving=leaving, now=now, covering=wanted)
    for account in sorted(wanted.keys() & before.keys()):
        if wanted[account] != before[account]:
            await stand_in(tx, head.id, account, wanted[account])


async def stand_in(tx: Transaction, conversation_id: UUID, account: UUID, cover_for: UUID | None) -> None:
    """*account*, who takes part, does so as a cover of *cover_for*; None: for themselves."""
    theirs = (member.c.conversation == conversation_id) & (member.c.account == account)
    await tx.execute(update(member).where(theirs).values(cover_for=cover_for))
