"""All recordings of one media process, and what web may ask of them (`commands.Record`, `commands.EndRecording`)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from telegut import logs
from telegut.rooms.media.commands import EndRecording, NotTaken, Record
from telegut.rooms.media.recording import writing
from telegut.rooms.media.recording.recorder import Recorder
from telegut.rooms.media.room import Room
from telegut.settings import Settings

log = logs.get("media")

BEAT_S: Final = 0.1
FORGOTTEN_S: Final = 60.0
"""A recording that web has not spoken of for so long is closed; should web come back to it, another file begins."""
MOST: Final = 64
"""Recordings at once, for one process."""
GOODBYE_S: Final = 3.0


def folder_of(settings: Settings) -> Path:
    """Where logs lie until the film is made of them."""
    return settings.data / "recordings" / "spool"


class Recorders:
    """Begun, kept going and ended by web's commands. *rooms*: the forwarder's."""

    def __init__(self, rooms: Mapping[str, Room], settings: Settings) -> None:
        self._rooms = rooms
        self._folder = folder_of(settings)
        self._waiting_bytes = settings.recording_waiting_bytes
        self._most_bytes = settings.recording_bytes
        self._going: dict[UUID, Recorder] = {}

    def all(self) -> list[Recorder]:
        """Those that go on, or stand still."""
        return list(self._going.values())

    def record(self, asked: Record) -> dict[str, Any]:
        """
        Begin, go on or stand still; said again and again.

        Raises:
            NotTaken: there are too many.
        """
        now = time.monotonic()
        one = self._going.get(asked.recording)
        if one is None:
            if len(self._going) >= MOST:
                raise NotTaken("This process records as many calls as it can.")
            one = self._going[asked.recording] = self._begin(asked, now)
        one.tell(asked.agreed, run=asked.run, now=now)
        one.beat(self._rooms.get(one.room), now)
        return _said(one)

    def end(self, asked: EndRecording) -> dict[str, Any]:
        """End one; one that is not here has ended."""
        one = self._going.pop(asked.recording, None)
        if one is None:
            return {"writing": False, "bytes": 0, "problem": "", "unseen": []}
        one.end(time.monotonic())
        return _said(one)

    def _begin(self, asked: Record, now: float) -> Recorder:
        limits = {"waiting_bytes": self._waiting_bytes, "most_bytes": self._most_bytes}
        file = writing.begin(self._folder, asked.key, asked.recording, uuid4(), **limits)
        return Recorder(asked.recording, asked.room, file, time.time() - now)

    async def run(self) -> None:
        """Keep them going until cancelled."""
        try:
            while True:
                await asyncio.sleep(BEAT_S)
                self._beat(time.monotonic())
        finally:
            self._stop()

    def _beat(self, now: float) -> None:
        for id, one in list(self._going.items()):
            one.beat(self._rooms.get(one.room), now)
            if now - one.told_at > FORGOTTEN_S:
                log.info("a recording is not spoken of any more")
                self.end(EndRecording(id))

    def _stop(self) -> None:
        going = list(self._going.values())
        for one in going:
            self.end(EndRecording(one.recording))
        for one in going:
            one.writing.wait(GOODBYE_S)


def _said(one: Recorder) -> dict[str, Any]:
    """What web is told: whether packets are being kept, how much, what went wrong, whose picture is not kept."""
    return {
        "writing": one.running and not one.writing.problem,
        "bytes": one.writing.bytes,
        "problem": one.writing.problem,
        "unseen": sorted(one.unseen),
    }
