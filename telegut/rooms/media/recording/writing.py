"""
A sealed log on its way to disk, in a thread of its own: the call never waits for a disk.

What waits to be written is bounded. A disk that is slower than the call, full or broken ends the recording, says so,
and nobody in the call notices anything but that.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from pathlib import Path
from typing import Final
from uuid import UUID

from telegut.rooms.media.recording import spool
from telegut.rooms.media.recording.sealing import Sealer

FLUSH_S: Final = 5.0
"""How often what was written is forced to disk: so much a power cut costs; a killed process only what is in memory."""

DISK: Final = "disk"
FULL: Final = "full"


class Writing:
    """
    One spooled file. waiting_bytes: how much may wait for the disk; most_bytes: how long the file may become.

    *problem* is empty, or why nothing is written any more: ``disk`` or ``full``.
    """

    def __init__(self, path: Path, sealer: Sealer, *, waiting_bytes: int, most_bytes: int) -> None:
        self.problem = ""
        self.bytes = 0
        """Taken so far."""
        self._path = path
        self._sealer = sealer
        self._waiting_bytes = waiting_bytes
        self._most_bytes = most_bytes
        self._waiting = 0
        self._lock = threading.Lock()
        self._pieces: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def put(self, clear: bytes) -> None:
        """Have *clear*, whole entries of `spool`, written as one piece; never waits."""
        if self.problem:
            return
        self.bytes += len(clear)
        with self._lock:
            self._waiting += len(clear)
            behind = self._waiting > self._waiting_bytes
        if behind:
            self.problem = DISK
        elif self.bytes > self._most_bytes:
            self.problem = FULL
        if not behind:
            self._pieces.put(clear)

    def close(self) -> None:
        """No more comes; what waits is written."""
        self._pieces.put(None)

    def wait(self, seconds: float) -> bool:
        """Whether all is on disk after at most so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._write_all()
        except OSError:
            self.problem = self.problem or DISK
            while self._pieces.get() is not None:
                pass

    def _write_all(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb", buffering=0) as file:
            index, flushed = 0, time.monotonic()
            while (clear := self._pieces.get()) is not None:
                _all(file.fileno(), spool.framed(self._sealer.seal(index, clear)))
                index += 1
                with self._lock:
                    self._waiting -= len(clear)
                if time.monotonic() - flushed > FLUSH_S:
                    os.fdatasync(file.fileno())
                    flushed = time.monotonic()
            os.fdatasync(file.fileno())


def _all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def begin(folder: Path, key: bytes, recording: UUID, file: UUID, *, waiting_bytes: int, most_bytes: int) -> Writing:
    """A new file of *recording*, called *file*."""
    path = spool.Name(recording, file).within(folder)
    return Writing(path, Sealer(key, recording, file), waiting_bytes=waiting_bytes, most_bytes=most_bytes)
