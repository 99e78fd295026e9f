"""Taking files in and giving them out. One method, one transaction; the worker's half is in `checking`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import Conflict, NotFound, TooLarge, Unavailable
from telegut.jobs import queue
from telegut.messaging import membership
from telegut.messaging.rules import EntryType
from telegut.messaging.tables import entry
from telegut.messaging.uploads import rules, sealing, shelf
from telegut.messaging.uploads.rules import Limits, State
from telegut.messaging.uploads.sealing import SEALED_CHUNK_BYTES, FileKey, Part
from telegut.messaging.uploads.shelf import Stored
from telegut.messaging.uploads.store import Store

CHECK_JOB = "messaging.upload_check"
FORGET_JOB = "messaging.upload_forget"


class NotChecked(Conflict):
    """This file is still being checked."""


class FileRefused(Conflict):
    """This file was refused when it was checked; nothing of it was kept."""


class FilesNotTaken(Unavailable):
    """This clinic does not take files yet: they could not be checked for viruses."""


@dataclass(frozen=True, slots=True)
class Served:
    """A file, or its thumbnail, that the caller may have: *type*, *name* and *size* in bytes are of what is given."""

    type: str
    name: str
    size: int
    key: FileKey
    part: Part
    object: UUID
    store: Store

    async def read(self, start: int, end: int) -> bytes:
        """
        The bytes from *start* to before *end*; only the chunks that hold them are read.

        Raises:
            Tampered: what lies in the store is not what was put there. ObjectMissing, StoreAway: see `Store`.
        """
        first, behind = start // sealing.CHUNK_BYTES, sealing.chunks_of(end)
        length = (behind - first) * SEALED_CHUNK_BYTES
        sealed = await self.store.read(self.object, first * SEALED_CHUNK_BYTES, length)
        opened = await asyncio.to_thread(self._open, sealed, first, behind)
        return opened[start - first * sealing.CHUNK_BYTES : end - first * sealing.CHUNK_BYTES]

    def _open(self, sealed: bytes, first: int, behind: int) -> bytes:
        count, view = sealing.chunks_of(self.size), memoryview(sealed)
        return b"".join(
            sealing.open_chunk(
                self.key,
                self.part,
                index,
                count,
                bytes(view[(index - first) * SEALED_CHUNK_BYTES : (index - first + 1) * SEALED_CHUNK_BYTES]),
            )
            for index in range(first, behind)
        )


@dataclass(frozen=True, slots=True)
class Uploads:
    """
    Files on their way into messages.

    taken: whether files are taken at all, which needs a scanner or somebody's word that none is wanted.
    """

    db: Database
    vault: Vault
    store: Store
    limits: Limits
    taken: bool

    async def receive(self, caller: Caller, conversation: UUID | None, name: str, content: bytes) -> Stored:
        """
        Keep *content*, sealed, and have it checked.

        conversation: the only one it may then be sent to. Without one it is its owner's alone until it is sent, in
        whatever conversation they write in.

        Raises:
            FilesNotTaken: there is no scanner. NotFound, Refused: not the caller's conversation.
            FileNotTaken: see `rules.kind_of`. TooLarge; UploadQuota, SpaceUsedUp: see `rules.Limits`.
        """
        if not self.taken:
            raise FilesNotTaken(retry_after=3600)
        if len(content) > self.limits.file_bytes:
            raise TooLarge(f"We accept files up to {self.limits.file_bytes // 1_048_576} MiB.")
        rules.kind_of(content[:16])
        async with self.db.begin(caller) as tx:
            patient = await self._patient(tx, conversation)
            await self._check_room(tx, patient, len(content))
            key, object = FileKey.make(new_id()), new_id()
            await self.store.put(object, await asyncio.to_thread(sealing.seal_part, key, Part.RECEIVED, content))
            facts = {"name": rules.shown_name(name), "object": object, "size": len(content)}
            await shelf.put(tx, self.vault, key, patient=patient, conversation=conversation, **facts)
            await queue.enqueue(tx, CHECK_JOB, {"upload": str(key.id)}, unique=str(key.id))
            await audit.record(tx, "write", "upload", key.id, patient=patient)
            return await self._mine(tx, key.id)

    async def _patient(self, tx: Transaction, conversation: UUID | None) -> UUID | None:
        if conversation is not None:
            return await membership.require(tx, conversation, write=True)
        if tx.caller.scope is not None:
            raise NotFound
        return tx.caller.account if tx.caller.roles == {"patient"} else None

    async def _check_room(self, tx: Transaction, patient: UUID | None, size: int) -> None:
        if tx.caller.account is None:
            raise NotFound
        used, limits = await shelf.used(tx, tx.caller.account, patient), self.limits
        if used.day_files >= limits.day_files or used.day_bytes + size > limits.day_bytes:
            raise rules.UploadQuota(retry_after=3600)
        if used.patient_bytes + size > limits.patient_bytes:
            raise rules.SpaceUsedUp

    async def status(self, caller: Caller, id: UUID) -> Stored:
        """
        How far the caller's own file has come.

        Raises:
            NotFound: it is not theirs.
        """
        async with self.db.begin(caller) as tx:
            return await self._mine(tx, id)

    async def discard(self, caller: Caller, id: UUID) -> None:
        """
        Forget a file that its owner does not want to send after all. The worker removes its bytes.

        Raises:
            NotFound: it is not theirs. UploadUsed: it is in a message.
        """
        async with self.db.begin(caller) as tx:
            found = await self._mine(tx, id)
            if not await shelf.discard(tx, found):
                raise rules.UploadUsed
            objects = [str(one) for one in (found.object, found.thumbnail) if one is not None]
            await queue.enqueue(tx, FORGET_JOB, {"objects": objects}, unique=str(id))
            await audit.record(tx, "delete", "upload", id, patient=found.patient)

    async def _mine(self, tx: Transaction, id: UUID) -> Stored:
        found = await shelf.one(tx, self.vault, id)
        if found is None or tx.caller.account is None or found.owner != tx.caller.account:
            raise NotFound
        return found

    async def serve(self, caller: Caller, id: UUID, *, thumbnail: bool = False) -> Served:
        """
        A clean file for those who take part in its conversation, or for its owner before it is sent.

        Raises:
            NotFound: not for the caller. NotChecked, FileRefused: it is the caller's own, and not clean.
            TakenBack: its message was.
        """
        async with self.db.begin(caller) as tx:
            found = await shelf.one(tx, self.vault, id)
            if found is None:
                raise NotFound
            await self._check_reader(tx, found)
            served = _served(self.store, found, thumbnail=thumbnail)
            await audit.record(tx, "read", "upload", id, patient=found.patient)
        return served

    async def _check_reader(self, tx: Transaction, found: Stored) -> None:
        if found.message is None:
            if tx.caller.account is None or found.owner != tx.caller.account:
                raise NotFound
            _check_clean(found)
            return
        assert found.conversation is not None
        await membership.require(tx, found.conversation)
        retracted = (entry.c.about == found.message) & (entry.c.type == EntryType.RETRACTED.value)
        if await tx.scalar(select(entry.c.seq).where(retracted)) is not None:
            raise rules.TakenBack


def _check_clean(found: Stored) -> None:
    current = {"id": str(found.id), "state": found.state.value}
    if found.state is State.PENDING:
        raise NotChecked(current=current)
    if found.state is State.REFUSED:
        raise FileRefused(current=current)


def _served(store: Store, found: Stored, *, thumbnail: bool) -> Served:
    details = found.details
    assert details is not None
    if not thumbnail:
        assert found.object is not None
        return Served(details.type, found.facts["name"], details.size, found.key, Part.FILE, found.object, store)
    if found.thumbnail is None or details.thumbnail_size is None:
        raise NotFound
    name = rules.kept_name(found.name, rules.Kind.JPEG)
    return Served("image/jpeg", name, details.thumbnail_size, found.key, Part.THUMBNAIL, found.thumbnail, store)
