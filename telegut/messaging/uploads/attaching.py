"""
Files in messages: taken by the writer inside the transaction that stores the message, and shown with its entry.

Over the writer's raw connection. The upload's row is locked, so of two messages that want the same file one gets it;
the lock comes after the conversations' and before the mailboxes', in sorted order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from telegut.db.sealed import Ciphertext, PatientKey, Vault
from telegut.errors import Invalid
from telegut.messaging.rules import Key
from telegut.messaging.uploads import sealing, shelf
from telegut.messaging.uploads.rules import State, UploadUsed, Waiting, check_sendable
from telegut.messaging.uploads.tables import upload

LOCK = """
    select id, owner, patient, conversation, message, state, key from messaging_upload
    where id = any($1::uuid[]) order by id for update
"""
ATTACHED = """
    select message, array_agg(id order by position) as uploads from messaging_upload
    where message = any($1::uuid[]) group by message
"""
ATTACH = """
    update messaging_upload as u
    set message = a.message, position = a.position, patient = a.patient, conversation = a.conversation,
        key = a.key, sent_at = now()
    from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::uuid[], $5::uuid[], $6::bytea[])
        as a (id, message, position, patient, conversation, key)
    where u.id = a.id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """An upload that a send names, with its row locked, and its sealed key."""

    waiting: Waiting
    key: bytes


@dataclass(frozen=True, slots=True)
class Attached:
    """A message that is being stored, with the files it takes."""

    message: UUID
    conversation: UUID
    key: PatientKey
    uploads: Sequence[UUID]


async def lock(connection: Any, ids: Iterable[UUID]) -> dict[UUID, Found]:
    """The uploads *ids*, as far as there are any."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row["id"]: _found(row) for row in await connection.fetch(LOCK, wanted)}


def _found(row: Any) -> Found:
    waiting = Waiting(
        owner=row["owner"],
        state=State(row["state"]),
        patient=row["patient"],
        conversation=row["conversation"],
        message=row["message"],
    )
    return Found(waiting, row["key"])


def claim(
    found: Mapping[UUID, Found], claimed: dict[UUID, Key], uploads: Sequence[UUID], by: Key, patient: UUID
) -> Invalid | None:
    """
    Let the send *by* have *uploads*, noted in *claimed* so that no other send of the same group takes them too; or
    say why not. A twin of the send, with the same key, may have what its twin has.
    """
    try:
        for id in uploads:
            waiting = found[id].waiting if id in found else None
            check_sendable(waiting, sender=by.sender, patient=patient, conversation=by.conversation)
            if claimed.get(id, by) != by:
                return UploadUsed()
    except Invalid as refusal:
        return refusal
    claimed.update(dict.fromkeys(uploads, by))
    return None


async def of_messages(connection: Any, messages: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The files of stored *messages*, in their order."""
    rows = await connection.fetch(ATTACHED, list(messages)) if messages else ()
    return {row["message"]: tuple(row["uploads"]) for row in rows}


async def attach(connection: Any, vault: Vault, messages: Sequence[Attached], found: Mapping[UUID, Found]) -> None:
    """Give the files to the *messages*; a file of no patient yet becomes part of the patient's record."""
    rows = [
        (id, one.message, position, one.key.patient, one.conversation, _key(vault, one.key, id, found[id]))
        for one in messages
        for position, id in enumerate(one.uploads)
    ]
    if rows:
        await connection.execute(ATTACH, *(list(column) for column in zip(*rows, strict=True)))


def _key(vault: Vault, patient: PatientKey, id: UUID, found: Found) -> bytes:
    if found.waiting.patient is not None:
        return found.key
    return sealing.seal_key(vault, patient, sealing.open_key(vault, sealing.staging_key(vault), id, found.key))


def column(message: ColumnElement[UUID]) -> ColumnElement[Any]:
    """The sealed facts of the files of *message*, as JSON in their order, for a statement that reads entries."""
    one = func.json_build_object(
        "id", upload.c.id, "key", _hex(upload.c.key), "name", _hex(upload.c.name), "details", _hex(upload.c.details)
    )
    ordered = aggregate_order_by(one, cast(upload.c.position, BigInteger))
    return select(func.json_agg(ordered)).where(upload.c.message == message).scalar_subquery()


def _hex(sealed: ColumnElement[Any]) -> ColumnElement[str]:
    return func.encode(sealed, "hex")


def shown(vault: Vault, patient: PatientKey, sealed: str | Sequence[Mapping[str, str]] | None) -> list[dict[str, Any]]:
    """What `column` gave, as everybody sees it."""
    found = json.loads(sealed) if isinstance(sealed, str) else sealed or ()
    return [_shown(vault, patient, one) for one in found]


def _shown(vault: Vault, patient: PatientKey, one: Mapping[str, str]) -> dict[str, Any]:
    id = UUID(one["id"])
    key = sealing.open_key(vault, patient, id, _bytes(one["key"]))
    name = vault.open(upload.c.name, key.facts, id, _bytes(one["name"]))
    return shelf.shown(id, name, shelf.opened(vault, key, _bytes(one["details"])))


def _bytes(text: str) -> Ciphertext:
    return Ciphertext(bytes.fromhex(text))
