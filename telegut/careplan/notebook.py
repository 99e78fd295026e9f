"""The stored side of live notes: an append-only log of sealed updates, and a snapshot that makes it short again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.careplan.document import NoteDocument
from telegut.careplan.rules import Audience
from telegut.careplan.shelf import Head
from telegut.careplan.tables import note, note_update
from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """Where a note is kept."""

    note: UUID
    patient: UUID
    audience: Audience


@dataclass(frozen=True, slots=True)
class Written:
    """One update of the log, and who made it. read: it is the snapshot, which everybody may read."""

    update: bytes
    account: UUID | None
    read: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a note's log goes (*last*), and how much of it is in the snapshot."""

    last: int
    snapshot: int


async def find(tx: Transaction, patient: UUID, plan: UUID, audience: Audience, owner: UUID | None) -> Place:
    """The note of *plan* for *audience*, made on first use. The database hides it from who must not see it."""
    mine = owner if audience is Audience.OWN else None
    place = (note.c.plan == plan, note.c.audience == audience.value, note.c.owner.is_not_distinct_from(mine))
    id = await tx.scalar(select(note.c.id).where(*place))
    if id is None:
        fresh = {"id": new_id(), "patient": patient, "plan": plan, "audience": audience.value, "owner": mine}
        await tx.execute(upsert(note).values(fresh).on_conflict_do_nothing())
        id = await tx.scalar(select(note.c.id).where(*place))
    if id is None:
        raise NotFound
    return Place(id, patient, audience)


async def reach(tx: Transaction, place: Place, *, lock: bool = False) -> Reach:
    """How far the log goes; with *lock* it stays so until this transaction ends."""
    found = select(note.c.last_seq, note.c.snapshot_seq).where(note.c.id == place.note)
    row = (await tx.execute(found.with_for_update(key_share=True) if lock else found)).one_or_none()
    if row is None:
        raise NotFound
    return Reach(row.last_seq, row.snapshot_seq)


async def updates_after(tx: Transaction, vault: Vault, place: Place, seen: int) -> tuple[list[Written], Reach]:
    """
    The updates after *seen*, and how far the log goes; the snapshot comes first when it holds some of them.

    One statement reads both, so that a compaction between two reads cannot hide anything.
    """
    key = await vault.key(tx, place.patient)
    joined = note.outerjoin(note_update, (note_update.c.note == note.c.id) & (note_update.c.seq > seen))
    wanted = select(
        note.c.snapshot,
        note.c.snapshot_seq,
        note.c.last_seq,
        note_update.c.id,
        note_update.c.seq,
        note_update.c.body,
        note_update.c.account,
    )
    rows = (
        await tx.execute(
            wanted.select_from(joined).where(note.c.id == place.note).order_by(note_update.c.seq.nulls_first())
        )
    ).all()
    if not rows:
        raise NotFound
    found = [_snapshot(vault, key, place, rows[0])] if rows[0].snapshot_seq > seen else []
    opened = ((row, vault.open_bytes(note_update.c.body, key, row.id, row.body)) for row in rows if row.id is not None)
    found += [Written(body, row.account) for row, body in opened]
    return found, Reach(rows[0].last_seq, rows[0].snapshot_seq)


async def append(
    tx: Transaction, vault: Vault, place: Place, written: Sequence[Written], *, after: int, at: datetime
) -> int:
    """Add *written* behind *after*, the end of the log that the caller has locked; return the new end."""
    key = await vault.key(tx, place.patient)
    rows = []
    for seq, one in enumerate(written, start=after + 1):
        id = new_id()
        body = vault.seal_bytes(note_update.c.body, key, id, one.update)
        row = {"id": id, "patient": place.patient, "note": place.note, "seq": seq, "body": body, "at": at}
        rows.append({**row, "account": one.account})
    await tx.execute(insert(note_update), rows)
    last = after + len(rows)
    await tx.execute(update(note).where(note.c.id == place.note).values(last_seq=last))
    return last


async def compact(tx: Transaction, vault: Vault, place: Place, state: bytes, *, upto: int) -> None:
    """Replace the log up to *upto*, its locked end, by *state*, which holds every update of it."""
    key = await vault.key(tx, place.patient)
    sealed = vault.seal_bytes(note.c.snapshot, key, place.note, state)
    await tx.execute(update(note).where(note.c.id == place.note).values(snapshot=sealed, snapshot_seq=upto))
    await tx.execute(delete(note_update).where(note_update.c.note == place.note, note_update.c.seq <= upto))


async def shared_text(tx: Transaction, vault: Vault, head: Head) -> str:
    """What the note that patient and team share says, as stored."""
    place = await find(tx, head.patient, head.id, Audience.SHARED, None)
    document = NoteDocument()
    for one in (await updates_after(tx, vault, place, 0))[0]:
        document.apply(one.update)
    return document.text


def _snapshot(vault: Vault, key: Any, place: Place, row: Row[Any]) -> Written:
    return Written(vault.open_bytes(note.c.snapshot, key, place.note, row.snapshot), None, read=True)
