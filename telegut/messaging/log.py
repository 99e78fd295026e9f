"""
The log of a conversation: adding entries under the conversation's lock, and reading them as everybody sees them.

`shown` is the only place that says what an entry looks like, so that history and live delivery are the same to the
byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, false, insert, select, tuple_, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Ciphertext, PatientKey, Vault
from telegut.errors import NotFound
from telegut.messaging.events import MENTION, facts
from telegut.messaging.extras import NOTHING, Extras, check_mentions
from telegut.messaging.rules import NEWS, EntryType
from telegut.messaging.scheduled.marks import sent_later
from telegut.messaging.tables import conversation, entry, member
from telegut.messaging.uploads import attaching
from telegut.realtime import outbox
from telegut.realtime.events import Event


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation whose row is locked: until the transaction ends, nobody else adds to its log."""

    id: UUID
    patient: UUID
    last_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be added. *body* and *extras* in clear, sealed on their way in. *client_id* for messages alone."""

    type: EntryType
    sender: UUID | None
    client_id: str | None = None
    about: UUID | None = None
    up_to: int | None = None
    body: str | None = None
    urgent: bool = False
    extras: Extras = NOTHING


@dataclass(frozen=True, slots=True)
class Added:
    """Where an entry went."""

    id: UUID
    seq: int
    at: datetime


async def lock(tx: Transaction, conversation_id: UUID) -> Head:
    """
    Take the conversation's row, first of all that the transaction takes.

    Raises:
        NotFound: there is no such conversation for the caller of *tx*.
    """
    rows = await tx.execute(
        select(conversation.c.id, conversation.c.patient, conversation.c.last_seq)
        .where(conversation.c.id == conversation_id)
        .with_for_update(key_share=True)
    )
    found = rows.one_or_none()
    if found is None:
        raise NotFound
    return Head(found.id, found.patient, found.last_seq)


async def append(tx: Transaction, vault: Vault, head: Head, entries: Sequence[NewEntry], now: datetime) -> list[Added]:
    """
    Add *entries* after *head*, in their order, and tell everybody who takes part.

    *head* is used up; lock again for more.
    """
    key = await vault.key(tx, head.patient) if any(one.body is not None for one in entries) else None
    added = [Added(new_id(), head.last_seq + offset, now) for offset in range(1, len(entries) + 1)]
    rows = [_row(vault, head, key, new, place) for new, place in zip(entries, added, strict=True)]
    await tx.execute(insert(entry), rows)
    values: dict[str, Any] = {"last_seq": head.last_seq + len(entries)}
    # Other words are news as a message is, to whoever has read the first ones: see `telegut.messaging.news`.
    messages = [place.seq for new, place in zip(entries, added, strict=True) if new.type in NEWS]
    if messages:
        values |= {"last_message_seq": messages[-1], "last_message_at": now}
    await tx.execute(update(conversation).where(conversation.c.id == head.id).values(values))
    to = await taking_part(tx, head.id)
    for new, place in zip(entries, added, strict=True):
        await outbox.append(tx, Event(new.type.value, head.patient, facts(head.id, place.seq)), to=to)
        if new.extras.mentions:
            check_mentions(new.extras.mentions, to)
            what = {**facts(head.id, place.seq), "message": str(place.id)}
            await outbox.append(tx, Event(MENTION, head.patient, what), to=new.extras.mentions)
    return added


async def taking_part(tx: Transaction, conversation_id: UUID) -> list[UUID]:
    """The accounts of those who take part."""
    rows = await tx.execute(
        select(member.c.account).where(member.c.conversation == conversation_id, member.c.until.is_(None))
    )
    return list(rows.scalars())


async def ever_took_part(tx: Transaction, conversation_id: UUID) -> list[UUID]:
    """The accounts of everybody who takes or took part."""
    return list((await tx.execute(select(member.c.account).where(member.c.conversation == conversation_id))).scalars())


def _row(vault: Vault, head: Head, key: PatientKey | None, new: NewEntry, place: Added) -> dict[str, Any]:
    return {
        "conversation": head.id,
        "seq": place.seq,
        "id": place.id,
        "patient": head.patient,
        "type": new.type.value,
        "sender": new.sender,
        "client_id": new.client_id,
        "about": new.about,
        "up_to": new.up_to,
        "body": None if new.body is None or key is None else seal(vault, key, place.id, new.body),
        "urgent": new.urgent,
        "extras": None if key is None else seal_extras(vault, key, place.id, new.extras),
        "at": place.at,
    }


def seal(vault: Vault, key: PatientKey, entry_id: UUID, body: str) -> Ciphertext:
    """A body as it lies in the log."""
    return vault.seal(entry.c.body, key, entry_id, body)


def unseal(vault: Vault, key: PatientKey, entry_id: UUID, sealed: bytes) -> str:
    """A body in clear."""
    return vault.open(entry.c.body, key, entry_id, sealed)


def seal_extras(vault: Vault, key: PatientKey, entry_id: UUID, extras: Extras) -> Ciphertext | None:
    """What a message carries beside its words, as it lies in the log; None when it carries nothing."""
    return vault.seal(entry.c.extras, key, entry_id, extras.sealed_form()) if extras else None


def unseal_extras(vault: Vault, key: PatientKey, entry_id: UUID, sealed: bytes | None) -> Extras:
    """What a message carries beside its words."""
    return NOTHING if sealed is None else Extras.of(vault.open(entry.c.extras, key, entry_id, sealed))


_taken_back = entry.alias("taken_back")

_HIDDEN = exists(
    select(1).where(
        _taken_back.c.type == EntryType.RETRACTED.value,
        _taken_back.c.about
        == case(
            (entry.c.type == EntryType.SENT.value, entry.c.id), (entry.c.type == EntryType.EDITED.value, entry.c.about)
        ),
    )
).label("hidden")


_FILES = case((entry.c.attachments > 0, attaching.column(entry.c.id))).label("files")

_BY_CLOCK = case((entry.c.type == EntryType.SENT.value, sent_later(entry)), else_=False).label("by_clock")


def _entries(hidden: ColumnElement[bool] = _HIDDEN) -> Select[Any]:
    return select(entry, hidden, _FILES, _BY_CLOCK)


async def page(
    tx: Transaction, vault: Vault, conversation_id: UUID, patient: UUID, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Up to *limit* entries with a number above *after*, in order, as `shown`."""
    rows = await tx.execute(
        _entries()
        .where(and_(entry.c.conversation == conversation_id, entry.c.seq > after))
        .order_by(entry.c.seq)
        .limit(limit)
    )
    key = await vault.key(tx, patient)
    return [shown(vault, key, row) for row in rows]


async def whole_page(
    tx: Transaction, vault: Vault, conversation_id: UUID, patient: UUID, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """As `page`, with the words that were taken back: for a legal request alone, see `threads.disclosure`."""
    rows = await tx.execute(
        _entries(hidden=false().label("hidden"))
        .where(and_(entry.c.conversation == conversation_id, entry.c.seq > after))
        .order_by(entry.c.seq)
        .limit(limit)
    )
    key = await vault.key(tx, patient)
    return [shown(vault, key, row) for row in rows]


async def latest(
    tx: Transaction, vault: Vault, conversation_id: UUID, patient: UUID, *, before: int, limit: int
) -> list[dict[str, Any]]:
    """The last *limit* entries with a number below *before*, in order, as `shown`."""
    rows = await tx.execute(
        _entries()
        .where(and_(entry.c.conversation == conversation_id, entry.c.seq < before))
        .order_by(entry.c.seq.desc())
        .limit(limit)
    )
    key = await vault.key(tx, patient)
    return [shown(vault, key, row) for row in reversed(rows.all())]


async def at(
    tx: Transaction, vault: Vault, places: Iterable[tuple[UUID, int]]
) -> dict[tuple[UUID, int], dict[str, Any]]:
    """Those of the entries at (conversation, number) that the caller of *tx* may see, as `shown`."""
    wanted = list(places)
    if not wanted:
        return {}
    rows = await tx.execute(_entries().where(tuple_(entry.c.conversation, entry.c.seq).in_(wanted)))
    return {(row.conversation, row.seq): shown(vault, await vault.key(tx, row.patient), row) for row in rows}


def shown(vault: Vault, key: PatientKey, row: Row[Any]) -> dict[str, Any]:
    """
    An entry as every participant sees it. The body of a message that was taken back is null, and so are its edits'.
    """
    facts = _facts(row.type, row.conversation, row.seq, row.id, row.sender, row.at)
    match EntryType(row.type):
        case EntryType.SENT:
            facts |= {"client_id": row.client_id, "urgent": row.urgent, "body": _clear(vault, key, row)}
            return facts | _beside(vault, key, row)
        case EntryType.EDITED:
            return facts | {"message": str(row.about), "body": _clear(vault, key, row)}
        case EntryType.RETRACTED:
            return facts | {"message": str(row.about)}
        case EntryType.READ:
            return facts | {"up_to": row.up_to}
        case _:  # somebody joined, left, answers from now on or not any more; or whose turn it is
            return facts | {"account": str(row.about)}


def words_alone(place: tuple[UUID, int], id: UUID, sender: UUID, at: datetime, said: Words) -> dict[str, Any]:
    """As `shown`, of a message that was stored just now at *place* and carries nothing beside its words."""
    client_id, urgent, body = said
    facts = _facts(EntryType.SENT.value, *place, id, sender, at)
    return facts | {"client_id": client_id, "urgent": urgent, "body": body} | NOTHING.shown(id) | {"attachments": []}


Words: TypeAlias = tuple[str, bool, str]
"""A message's client id, whether it is urgent, and its body."""


def _facts(type: str, conversation: UUID, seq: int, id: UUID, sender: UUID | None, at: datetime) -> dict[str, Any]:
    return {
        "type": type,
        "conversation": str(conversation),
        "seq": seq,
        "id": str(id),
        "sender": None if sender is None else str(sender),
        "sent_at": instant(at),
    }


def _clear(vault: Vault, key: PatientKey, row: Row[Any]) -> str | None:
    return None if row.hidden or row.body is None else unseal(vault, key, row.id, row.body)


def _beside(vault: Vault, key: PatientKey, row: Row[Any]) -> dict[str, Any]:
    extras = NOTHING if row.hidden else unseal_extras(vault, key, row.id, row.extras)
    gone = {} if row.purged_at is None else {"purged_at": instant(row.purged_at)}
    files = [] if row.hidden else attaching.shown(vault, key, row.files)
    by_clock = {"scheduled": True} if row.by_clock else {}
    return extras.shown(row.patient) | {"attachments": files} | gone | by_clock


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with ``Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
