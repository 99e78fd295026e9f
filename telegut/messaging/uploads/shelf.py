"""Files in the database: sealed on the way in, opened on the way out. Checks nobody's rights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, insert, select, text, update

from telegut.db.engine import Transaction
from telegut.db.sealed import PatientKey, Vault
from telegut.messaging.uploads import sealing
from telegut.messaging.uploads.remaking import Remade
from telegut.messaging.uploads.rules import Kind, State, kept_name
from telegut.messaging.uploads.sealing import FileKey
from telegut.messaging.uploads.tables import upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a clean file is; sizes in bytes."""

    type: str
    size: int
    thumbnail_size: int | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    duration_s: float | None = None

    @classmethod
    def of(cls, made: Remade) -> Details:
        """What is known of a file that was made anew."""
        return cls(
            type=made.type,
            size=len(made.content),
            thumbnail_size=None if made.thumbnail is None else len(made.thumbnail),
            width=made.width,
            height=made.height,
            pages=made.pages,
            duration_s=made.duration_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file without its bytes. *details* when it is clean, *problem* when it was refused."""

    id: UUID
    owner: UUID
    patient: UUID | None
    conversation: UUID | None
    message: UUID | None
    state: State
    problem: str | None
    key: FileKey
    name: str
    details: Details | None
    object: UUID | None
    thumbnail: UUID | None
    received_bytes: int

    @property
    def facts(self) -> dict[str, Any]:
        """A clean file as everybody in its conversation sees it."""
        assert self.details is not None
        return shown(self.id, self.name, self.details)


def shown(id: UUID, name: str, details: Details) -> dict[str, Any]:
    """The one place that says what an attachment looks like; what a file does not have is left out."""
    known = asdict(details)
    has_thumbnail = known.pop("thumbnail_size") is not None
    facts = {"id": str(id), "name": kept_name(name, Kind(details.type)), **known, "thumbnail": has_thumbnail}
    return {field: value for field, value in facts.items() if value is not None}


async def put(
    tx: Transaction, vault: Vault, key: FileKey, *, patient: UUID | None, conversation: UUID | None, **facts: Any
) -> None:
    """
    A new file that waits to be checked.

    facts: ``name``, ``object`` (where its bytes are) and ``size`` in bytes.
    """
    values = {
        "id": key.id,
        "owner": tx.caller.account,
        "patient": patient,
        "conversation": conversation,
        "state": State.PENDING.value,
        "key": sealing.seal_key(vault, await _sealing(tx, vault, patient), key),
        "name": vault.seal(upload.c.name, key.facts, key.id, facts["name"]),
        "object": facts["object"],
        "size_bytes": facts["size"],
        "received_bytes": facts["size"],
    }
    await tx.execute(insert(upload).values(values))


async def one(tx: Transaction, vault: Vault, id: UUID) -> Stored | None:
    """
    The file *id*, if there is one for the caller of *tx* (row-level security).

    Raises:
        Erased: its patient's key was destroyed.
    """
    row = (await tx.execute(select(upload).where(upload.c.id == id))).one_or_none()
    return None if row is None else _stored(vault, await _sealing(tx, vault, row.patient), row)


def _stored(vault: Vault, under: PatientKey, row: Row[Any]) -> Stored:
    key = sealing.open_key(vault, under, row.id, row.key)
    return Stored(
        id=row.id,
        owner=row.owner,
        patient=row.patient,
        conversation=row.conversation,
        message=row.message,
        state=State(row.state),
        problem=row.problem,
        key=key,
        name=vault.open(upload.c.name, key.facts, row.id, row.name),
        details=None if row.details is None else opened(vault, key, row.details),
        object=row.object,
        thumbnail=row.thumbnail,
        received_bytes=row.received_bytes,
    )


def opened(vault: Vault, key: FileKey, sealed: bytes) -> Details:
    """A file's details in clear."""
    return Details(**json.loads(vault.open(upload.c.details, key.facts, key.id, sealed)))


async def _sealing(tx: Transaction, vault: Vault, patient: UUID | None) -> PatientKey:
    return sealing.staging_key(vault) if patient is None else await vault.key(tx, patient)


async def settle_clean(
    tx: Transaction, vault: Vault, found: Stored, details: Details, *, object: UUID, thumbnail: UUID | None
) -> bool:
    """It is clean, and its bytes are *object* from now on. False when somebody settled it before."""
    sealed = vault.seal(upload.c.details, found.key.facts, found.id, json.dumps(asdict(details)))
    size = details.size + (details.thumbnail_size or 0)
    return await _settle(
        tx, found, state=State.CLEAN.value, details=sealed, object=object, thumbnail=thumbnail, size_bytes=size
    )


async def settle_refused(tx: Transaction, found: Stored, problem: str) -> bool:
    """It is refused, and has no bytes any more. False when somebody settled it before."""
    return await _settle(tx, found, state=State.REFUSED.value, problem=problem, object=None, size_bytes=0)


async def _settle(tx: Transaction, found: Stored, **values: Any) -> bool:
    waiting = and_(upload.c.id == found.id, upload.c.state == State.PENDING.value)
    done = await tx.scalar(update(upload).where(waiting).values(**values, checked_at=func.now()).returning(upload.c.id))
    return done is not None


async def discard(tx: Transaction, found: Stored) -> bool:
    """
    Its owner does not want it. False when a message has it by now.

    The row stays until it is collected, so that it counts among its owner's files of the day; its objects are nobody's.
    """
    unsent = and_(upload.c.id == found.id, upload.c.message.is_(None))
    nothing = {"details": None, "object": None, "thumbnail": None, "size_bytes": 0, "checked_at": func.now()}
    done = await tx.scalar(
        update(upload)
        .where(unsent)
        .values(state=State.REFUSED.value, problem="discarded", **nothing)
        .returning(upload.c.id)
    )
    return done is not None


@dataclass(frozen=True, slots=True)
class Used:
    """What somebody's files of the last 24 hours, and all files of a patient, come to."""

    day_files: int
    day_bytes: int
    patient_bytes: int


async def used(tx: Transaction, owner: UUID, patient: UUID | None) -> Used:
    """
    Count, holding everybody else's count for the same owner or patient until *tx* ends: two at once cannot both take
    the last place.
    """
    for one_of_both in sorted(str(one) for one in {owner, patient} if one is not None):
        await tx.execute(text("select pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": one_of_both})
    recent = and_(upload.c.owner == owner, upload.c.created_at > func.now() - text("interval '24 hours'"))
    day = (
        await tx.execute(select(func.count(), func.coalesce(func.sum(upload.c.received_bytes), 0)).where(recent))
    ).one()
    whole = 0
    if patient is not None:
        whole = await tx.scalar(
            select(func.coalesce(func.sum(upload.c.size_bytes), 0)).where(upload.c.patient == patient)
        )
    return Used(int(day[0]), int(day[1]), int(whole))
