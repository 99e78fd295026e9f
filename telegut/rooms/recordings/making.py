"""Recordings put together, once for each process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from telegut.clock import Clock
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.rooms.making import RoomServices
from telegut.rooms.media.recording.recorders import folder_of
from telegut.rooms.recordings import store
from telegut.rooms.recordings.films import Films
from telegut.rooms.recordings.live import LiveRecordings
from telegut.rooms.recordings.service import Recordings
from telegut.rooms.service import Publisher
from telegut.settings import Settings


async def _is_recorded(tx: Transaction, visit: UUID) -> bool:
    return await store.going(tx, visit) is not None


@dataclass(frozen=True, slots=True)
class RecordingServices:
    """In the visit, afterwards, and the worker's half."""

    live: LiveRecordings
    recordings: Recordings
    films: Films


def build_recordings(
    db: Database, vault: Vault, bus: Publisher, now: Clock, rooms: RoomServices, settings: Settings
) -> RecordingServices:
    """Make them."""
    films = settings.data / "recordings" / "films"
    keep = timedelta(days=settings.recording_keep_days)
    rooms.encryption.recorded = _is_recorded
    return RecordingServices(
        LiveRecordings(rooms.board, bus, rooms.forwarding, vault, now, keep),
        Recordings(db, vault, now, films),
        Films(db, vault, now, folder_of(settings), films, settings.recording_film_s),
    )
