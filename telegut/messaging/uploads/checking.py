"""
What the worker does with a file: have it scanned, have it made anew, keep the new one instead of what came.

Every step may happen twice (jobs are done at least once): the row's state decides which one holds, and the objects of
the other are removed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from telegut import logs
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Erased, Tampered, Vault
from telegut.messaging.uploads import sealing, shelf
from telegut.messaging.uploads.isolation import Reader
from telegut.messaging.uploads.remaking import Remade, Unusable
from telegut.messaging.uploads.rules import State
from telegut.messaging.uploads.scanner import Clamd, ScannerAway
from telegut.messaging.uploads.sealing import SEALED_CHUNK_BYTES, Part
from telegut.messaging.uploads.shelf import Details, Stored
from telegut.messaging.uploads.store import ObjectMissing, Store, StoreAway
from telegut.realtime import outbox
from telegut.realtime.events import Event

_log = logs.get("uploads")
_WHY = Caller.system("uploads are checked")


@dataclass(frozen=True, slots=True)
class Checking:
    """Settles files that wait. *scanner*: None where somebody accepted files that nobody scans."""

    db: Database
    vault: Vault
    store: Store
    scanner: Clamd | None
    reader: Reader

    async def check(self, id: UUID) -> None:
        """
        Settle the upload *id*; one that is settled, or gone, stays as it is.

        While the scanner or the store is away it stays pending, and its turn comes again (see `collecting`).
        """
        try:
            found = await self._waiting(id)
            if found is not None:
                await self._check(found)
        except (ScannerAway, StoreAway, ObjectMissing) as away:
            _log.warning("upload waits", error=type(away).__name__)
        except Erased:
            return  # nobody can read it any more; its row goes with the record

    async def _waiting(self, id: UUID) -> Stored | None:
        async with self.db.begin(_WHY) as tx:
            found = await shelf.one(tx, self.vault, id)
        return found if found is not None and found.state is State.PENDING else None

    async def _check(self, found: Stored) -> None:
        assert found.object is not None
        try:
            data = await self._received(found, found.object)
            if self.scanner is not None and await self.scanner.harmful(data):
                raise Unusable("infected")
            made = await self.reader.remade(data)
        except Unusable as refusal:
            await self._refuse(found, refusal.code)
        else:
            await self._keep(found, made)
        await self.store.remove(found.object)

    async def _received(self, found: Stored, object: UUID) -> bytes:
        size = found.received_bytes
        sealed = await self.store.read(object, 0, sealing.chunks_of(size) * SEALED_CHUNK_BYTES)
        try:
            return await asyncio.to_thread(sealing.open_part, found.key, Part.RECEIVED, size, sealed)
        except Tampered as exc:
            raise Unusable("unreadable") from exc

    async def _keep(self, found: Stored, made: Remade) -> None:
        object = await self._put(found, Part.FILE, made.content)
        thumbnail = None if made.thumbnail is None else await self._put(found, Part.THUMBNAIL, made.thumbnail)
        async with self.db.begin(_WHY) as tx:
            held = await shelf.settle_clean(tx, self.vault, found, Details.of(made), object=object, thumbnail=thumbnail)
            if held:
                await self._say(tx, found, "upload.ready")
        if not held:
            for one in (object, thumbnail):
                if one is not None:
                    await self.store.remove(one)

    async def _put(self, found: Stored, part: Part, clear: bytes) -> UUID:
        object = new_id()
        await self.store.put(object, sealing.seal_part(found.key, part, clear))
        return object

    async def _refuse(self, found: Stored, problem: str) -> None:
        async with self.db.begin(_WHY) as tx:
            if await shelf.settle_refused(tx, found, problem):
                await self._say(tx, found, "upload.refused")

    async def _say(self, tx: Transaction, found: Stored, what: str) -> None:
        """The owner's pages hear of it; ids alone."""
        await outbox.append(tx, Event(what, found.patient, {"upload": str(found.id)}), to=[found.owner])
        await audit.record(tx, "write", "upload", found.id, patient=found.patient)
