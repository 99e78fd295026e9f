"""
The worker's half: films are made, and removed when their time is over, when a consent was taken back, or with the
patient.

A record that is held (a legal hold) loses nothing: a recording whose consent was taken back stays closed until then.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, or_, select, update

from telegut import bounded, logs
from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.sealed import Erased, Vault, patient_keys
from telegut.errors import Unavailable
from telegut.rooms.media.recording import spool
from telegut.rooms.recordings import store
from telegut.rooms.recordings.developing import path_of
from telegut.rooms.recordings.tables import films, recordings

log = logs.get("rooms")

SYSTEM: Final = Caller.system("recordings")
STRAY_AFTER: Final = timedelta(days=1)
"""A file that no row knows is what a process left that was killed."""
LEFT_AFTER: Final = timedelta(minutes=2)
BATCH: Final = 100


class NotDeveloped(Unavailable):
    """The films could not be made."""


@dataclass(frozen=True, slots=True)
class Films:
    """spool: where the logs lie. folder: where films lie. time_s: how long making those of one recording may take."""

    db: Database
    vault: Vault
    now: Clock
    spool: Path
    folder: Path
    time_s: float

    async def make(self, id: UUID) -> None:
        """
        Make the films of a recording that has ended; made ones stay.

        Raises:
            NotDeveloped: try again later.
        """
        async with self.db.begin(SYSTEM) as tx:
            row = (await tx.execute(select(recordings).where(recordings.c.id == id))).one_or_none()
            if row is None or row.film != "waiting":
                return
            try:
                key = self.vault.open_bytes(recordings.c.key, await self.vault.key(tx, row.patient), id, row.key)
            except Erased:
                return
        made = await self._develop(id, key)
        if await self._keep(row, made["films"], made["missing"]):
            await asyncio.to_thread(self._forget_logs, id)

    async def _develop(self, id: UUID, key: bytes) -> dict[str, Any]:
        order = {"recording": str(id), "key": key.hex(), "spool": str(self.spool), "films": str(self.folder)}
        said = json.dumps(order).encode() + b"\n"
        try:
            return dict(
                json.loads(await bounded.asked("telegut.rooms.recordings.developing", said, time_s=self.time_s))
            )
        except (bounded.TookTooLong, bounded.Broke, ValueError) as exc:
            raise NotDeveloped from exc

    async def _keep(self, row: Row[Any], made: list[dict[str, Any]], missing: str | None) -> bool:
        """Write the films down; False when another worker was first (its films stay, ours are strays)."""
        async with self.db.begin(SYSTEM) as tx:
            waiting = (recordings.c.id == row.id) & (recordings.c.film == "waiting")
            became = {"film": "made" if made else "failed", "missing": missing}
            first = await tx.execute(update(recordings).where(waiting).values(became).returning(recordings.c.id))
            if first.one_or_none() is None:
                return False
            for one in made:
                facts = {name: one[name] for name in ("what", "picture", "size_bytes", "duration_ms")}
                values = {"recording": row.id, "patient": row.patient, "account": UUID(one["seat"]), **facts}
                await tx.execute(
                    insert(films).values(id=UUID(one["film"]), sha256=bytes.fromhex(one["sha256"]), **values)
                )
        return True

    def _forget_logs(self, id: UUID) -> None:
        for name in spool.found(self.spool, id):
            name.within(self.spool).unlink(missing_ok=True)

    async def catch_up(self) -> None:
        """Make what nobody made, and remove what is over."""
        async with self.db.begin(SYSTEM) as tx:
            waiting = await store.waiting_films(tx, LEFT_AFTER)
        for id in waiting:
            try:
                await self.make(id)
            except NotDeveloped:
                log.warning("films not made yet")
        for id in await self._over():
            await self.remove(id)
        await self._remove_strays()

    async def _over(self) -> list[UUID]:
        erased = select(patient_keys.c.patient).where(patient_keys.c.wrapped.is_(None))
        old = recordings.c.keep_until < func.now()
        gone = or_(old, recordings.c.withdrawn_at.is_not(None), recordings.c.patient.in_(erased))
        there = recordings.c.ended_at.is_not(None) & recordings.c.film.in_(["waiting", "made", "failed"])
        held = func.rooms_recording_held(recordings.c.patient)
        async with self.db.begin(SYSTEM) as tx:
            return list((await tx.execute(select(recordings.c.id).where(gone, there, ~held).limit(BATCH))).scalars())

    async def remove(self, id: UUID) -> None:
        """Remove a recording's films and logs, unless its record is held; the row with everybody's words stays."""
        async with self.db.begin(SYSTEM) as tx:
            row = (await tx.execute(select(recordings).where(recordings.c.id == id).with_for_update())).one_or_none()
            if row is None or row.film == "removed" or row.ended_at is None:
                return
            if await tx.scalar(select(func.rooms_recording_held(row.patient))):
                return
            gone = (await tx.execute(delete(films).where(films.c.recording == id).returning(films.c.id))).scalars()
            paths = [path_of(self.folder, film) for film in gone]
            values = {"film": "removed", "removed_at": self.now()}
            await tx.execute(update(recordings).where(recordings.c.id == id).values(values))
        await asyncio.to_thread(_unlink, paths)
        await asyncio.to_thread(self._forget_logs, id)

    async def _remove_strays(self) -> None:
        found = await asyncio.to_thread(self._old)
        if not found:
            return
        async with self.db.begin(SYSTEM) as tx:
            known = set((await tx.execute(select(films.c.id).where(films.c.id.in_(found)))).scalars())
        await asyncio.to_thread(_unlink, [path_of(self.folder, film) for film in found if film not in known])

    def _old(self) -> list[UUID]:
        before = self.now() - STRAY_AFTER
        paths = self.folder.glob("??/*") if self.folder.is_dir() else ()
        return [UUID(path.name) for path in paths if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before]


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
