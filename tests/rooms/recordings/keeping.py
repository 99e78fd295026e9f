"""A recording as it lies there once its films are made, for tests of pages and of who may see it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, update

from telegut.composition import Foundation
from telegut.db.caller import Caller
from telegut.db.ids import new_id
from telegut.rooms.media.recording.sealing import KEY_BYTES, Sealer
from telegut.rooms.recordings import rules, store
from telegut.rooms.recordings.developing import path_of
from telegut.rooms.recordings.rules import Ending, State, Word
from telegut.rooms.recordings.sealed_file import SealedTarget
from telegut.rooms.recordings.tables import films, recordings
from telegut.rooms.recordings.webm import Webm
from tests.build import Account
from tests.rooms.recordings.talking import RATE, pictures

SYSTEM = Caller.system("tests keep a recording")
SIZE = (160, 120)


async def keep(base: Foundation, visit: UUID, host: Account, patient: Account) -> dict[str, str]:
    """A recording of *visit* with a film of each; the ids of the recording and of the first film."""
    now, key = base.now(), secrets.token_bytes(KEY_BYTES)
    made = rules.begin(new_id(), host.id)
    begun = replace(made, state=State.RUNNING, agreed=frozenset({host.id, patient.id}), started_at=now)
    ended = replace(
        begun, state=State.ENDED, ended_at=now + timedelta(minutes=2), ended_by=patient.id, ending=Ending.STOPPED
    )
    folder, first = base.settings.data / "recordings" / "films", new_id()
    async with base.db.begin(SYSTEM) as tx:
        why = "So that you can listen to the plan again"
        kept = timedelta(days=365)
        await store.begin(tx, base.vault, visit, patient.id, made, why=why, key=key, now=now, keep=kept)
        await store.said(tx, made.id, patient.id, patient.id, Word.YES, now)
        await store.save(tx, made, ended)
        for film, who in ((first, host), (new_id(), patient)):
            size, digest = _film(folder, key, made.id, film)
            values = {"recording": made.id, "patient": patient.id, "account": who.id, "what": "person"}
            facts = {"picture": True, "size_bytes": size, "duration_ms": 1000, "sha256": digest}
            await tx.execute(insert(films).values(id=film, **values, **facts))
        await tx.execute(update(recordings).where(recordings.c.id == made.id).values(film="made", missing="end"))
    return {"recording": str(made.id), "film": str(first)}


def _film(folder: Path, key: bytes, recording: UUID, film: UUID) -> tuple[int, bytes]:
    path = path_of(folder, film)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        target = SealedTarget(file, Sealer(key, recording, film))
        webm = Webm(target, SIZE)
        for number, data in enumerate(pictures(0.3, SIZE)):
            webm.picture(number / RATE, data, key=number == 0)
        webm.close(1.0)
        target.finish()
    return target.size, hashlib.sha256(film.bytes).digest()
