"""
Recordings afterwards: who may see which, watching them, and taking one's consent back. One method, one transaction.

A recording is open to the patient, those who act for them, and the care team, through row-level security; nobody else
finds that there is one. Each time somebody watches, that is in the list of accesses.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from telegut.accounts import care, people
from telegut.accounts.rules import Relation
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Erased, Vault
from telegut.errors import Gone, NotFound, Refused, Unavailable
from telegut.jobs.queue import enqueue
from telegut.rooms.media.recording.sealing import Changed, Sealer
from telegut.rooms.recordings import sealed_file, store
from telegut.rooms.recordings.developing import path_of
from telegut.rooms.recordings.rules import Word
from telegut.rooms.recordings.tables import answers, films, recordings

REMOVE_JOB: Final = "recording.remove"
WATCHED_AGAIN: Final = timedelta(minutes=10)
"""A film is read in many parts; so long they count as watching once."""


class Withdrawn(Gone):
    """Somebody took their consent back: this recording is not shown to anybody any more."""


class NotInIt(Refused):
    """Only who was recorded, and who acts for the patient, can take the consent back."""


class FilmMissing(Unavailable):
    """This film cannot be read right now."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said of being recorded."""

    account: UUID
    name: str
    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FilmOf:
    """One film: of *account*, or of the screen they shared."""

    id: UUID
    account: UUID
    name: str
    what: str
    picture: bool
    size_bytes: int
    duration_ms: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody watched it."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A recording as its readers see it. *may_withdraw*: whether the caller can take a consent back. missing: where it
    lacks something because it was interrupted (``between``, ``end``, ``both``).
    """

    id: UUID
    visit: UUID
    patient: UUID
    why: str
    state: str
    film: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    ending: str | None
    keep_until: datetime
    withdrawn_at: datetime | None
    may_withdraw: bool
    held: bool
    missing: str | None = None
    films: tuple[FilmOf, ...] = ()
    said: tuple[Said, ...] = ()
    watched: tuple[Watch, ...] = field(default=())

    @property
    def plays(self) -> bool:
        """Whether it can be watched."""
        return self.film == "made" and self.withdrawn_at is None and bool(self.films)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return max((one.duration_ms for one in self.films), default=0) / 1000


@dataclass(frozen=True, slots=True)
class Served:
    """A film that the caller may watch; *size* in bytes."""

    size: int
    sealer: Sealer
    path: Path

    async def read(self, start: int, end: int) -> bytes:
        """
        The bytes from *start* to before *end*.

        Raises:
            Changed: what lies there is not what was put there. FilmMissing: the disk does not give it.
        """
        try:
            return await asyncio.to_thread(sealed_file.read, self.path, self.sealer, self.size, start, end)
        except OSError as exc:
            raise FilmMissing from exc


@dataclass(frozen=True, slots=True)
class Recordings:
    """People's half. folder: where films lie."""

    db: Database
    vault: Vault
    now: Clock
    folder: Path

    async def of_patient(self, caller: Caller, patient: UUID) -> list[Kept]:
        """
        All recordings of a patient's visits that began, the latest first.

        Raises:
            NotFound: there is no such patient for the caller.
        """
        async with self.db.begin(caller) as tx:
            await care.require(tx, patient)
            query = select(recordings).where(recordings.c.patient == patient, recordings.c.started_at.is_not(None))
            rows = (await tx.execute(query.order_by(recordings.c.asked_at.desc()))).all()
            await audit.record(tx, "read", "recordings", patient, patient=patient)
            return await self._kept(tx, rows)

    async def one(self, caller: Caller, id: UUID) -> Kept:
        """
        One of them.

        Raises:
            NotFound: not for the caller.
        """
        async with self.db.begin(caller) as tx:
            return (await self._kept(tx, [await self._row(tx, id)]))[0]

    async def serve(self, caller: Caller, id: UUID, film: UUID) -> Served:
        """
        A film to watch; that it is watched is written down.

        Raises:
            NotFound: not for the caller. Withdrawn: not for anybody any more.
        """
        async with self.db.begin(caller) as tx:
            row = await self._row(tx, id)
            query = select(films).where(films.c.recording == id, films.c.id == film)
            found = (await tx.execute(query)).one_or_none()
            if row.withdrawn_at is not None:
                raise Withdrawn
            if found is None or row.film != "made":
                raise NotFound
            key = self.vault.open_bytes(recordings.c.key, await self.vault.key(tx, row.patient), id, row.key)
            await self._watched(tx, row)
        return Served(found.size_bytes, Sealer(key, id, film), path_of(self.folder, film))

    async def withdraw(self, caller: Caller, id: UUID) -> Kept:
        """
        Take one's consent back: from now on nobody can watch it, and the worker removes it. Twice is once.

        Raises:
            NotFound: not for the caller. NotInIt: they were not in it.
        """
        async with self.db.begin(caller) as tx:
            row = await self._row(tx, id, lock=True)
            if not await self._may_withdraw(tx, row):
                raise NotInIt
            if row.withdrawn_at is None:
                assert caller.account is not None
                await store.said(tx, id, row.patient, caller.account, Word.WITHDRAWN, self.now())
                changed = update(recordings).where(recordings.c.id == id).values(withdrawn_at=self.now())
                await tx.execute(changed)
                await enqueue(tx, REMOVE_JOB, {"recording": str(id)}, unique=str(id))
                await audit.record(tx, "withdraw consent to", "recording", id, patient=row.patient)
            return (await self._kept(tx, [await self._row(tx, id)]))[0]

    async def _row(self, tx: Transaction, id: UUID, *, lock: bool = False) -> Row[Any]:
        query = select(recordings).where(recordings.c.id == id)
        row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NotFound
        await care.require(tx, row.patient)
        return row

    async def _may_withdraw(self, tx: Transaction, row: Row[Any]) -> bool:
        relation = await care.relation_to(tx, row.patient)
        if relation in {Relation.THEMSELVES, Relation.GUARDIAN}:
            return True
        own = (answers.c.recording == row.id) & (answers.c.account == tx.caller.account)
        return await tx.scalar(select(answers.c.id).where(own).limit(1)) is not None

    async def _watched(self, tx: Transaction, row: Row[Any]) -> None:
        """Once for each sitting, not for each part that a player asks for."""
        lately = select(audit.entries.c.id).where(
            audit.entries.c.object == row.id,
            audit.entries.c.account == tx.caller.account,
            audit.entries.c.action == "watch",
            audit.entries.c.patient == row.patient,
            audit.entries.c.at > func.now() - WATCHED_AGAIN,
        )
        if await tx.scalar(lately.limit(1)) is None:
            await audit.record(tx, "watch", "recording", row.id, patient=row.patient)

    async def _kept(self, tx: Transaction, rows: Sequence[Row[Any]]) -> list[Kept]:
        ids = [row.id for row in rows]
        made = (await tx.execute(select(films).where(films.c.recording.in_(ids)).order_by(films.c.id))).all()
        said = (await tx.execute(select(answers).where(answers.c.recording.in_(ids)).order_by(answers.c.id))).all()
        watched = (
            await tx.execute(
                select(audit.entries)
                .where(audit.entries.c.object.in_(ids), audit.entries.c.action == "watch")
                .order_by(audit.entries.c.at.desc())
            )
        ).all()
        accounts = {row.asked_by for row in rows} | {one.account for one in [*made, *said, *watched] if one.account}
        names = {id: person.name for id, person in (await people.named(tx, accounts)).items()}
        return [await self._one(tx, row, made, said, watched, names) for row in rows]

    async def _one(
        self,
        tx: Transaction,
        row: Row[Any],
        made: Sequence[Row[Any]],
        said: Sequence[Row[Any]],
        watched: Sequence[Row[Any]],
        names: dict[UUID, str],
    ) -> Kept:
        by: defaultdict[UUID, str] = defaultdict(str, names)
        return Kept(
            id=row.id,
            visit=row.visit,
            patient=row.patient,
            why=await self._why(tx, row),
            state=row.state,
            film=row.film,
            asked_by=by[row.asked_by],
            asked_at=row.asked_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            ending=row.ending,
            keep_until=row.keep_until,
            withdrawn_at=row.withdrawn_at,
            may_withdraw=row.withdrawn_at is None and row.film != "removed" and await self._may_withdraw(tx, row),
            held=bool(await tx.scalar(select(func.rooms_recording_held(row.patient)))),
            missing=row.missing,
            films=tuple(_film(one, by) for one in made if one.recording == row.id),
            said=tuple(Said(one.account, by[one.account], one.word, one.at) for one in said if one.recording == row.id),
            watched=tuple(Watch(by[one.account], one.at) for one in watched if one.object == row.id),
        )

    async def _why(self, tx: Transaction, row: Row[Any]) -> str:
        try:
            return self.vault.open(recordings.c.why, await self.vault.key(tx, row.patient), row.id, row.why)
        except Erased:
            return ""


def _film(one: Row[Any], names: dict[UUID, str]) -> FilmOf:
    sha256 = bytes(one.sha256).hex()
    return FilmOf(
        one.id, one.account, names[one.account], one.what, one.picture, one.size_bytes, one.duration_ms, sha256
    )


__all__ = ["Changed", "FilmMissing", "Kept", "NotInIt", "Recordings", "Served", "Withdrawn"]
