"""
A film at rest: a row of sealed pieces of equal size, so that any part of it can be read by itself.

It is written once, from beginning to end; only its first piece stays open until then, because a muxer comes back to a
film's head to say how long it became and where its pictures can be found.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, Final

from telegut.rooms.media.recording.sealing import OVERHEAD_BYTES, Changed, Sealer

PIECE_BYTES: Final = 262_144
SEALED_PIECE_BYTES: Final = PIECE_BYTES + OVERHEAD_BYTES


class SealedTarget(io.RawIOBase):
    """What a muxer writes to; `finish` makes it whole."""

    def __init__(self, file: BinaryIO, sealer: Sealer) -> None:
        super().__init__()
        self.size = 0
        """Bytes in clear."""
        self._file = file
        self._sealer = sealer
        self._at = 0
        self._head = bytearray()
        self._tail = bytearray()
        self._pieces = 1

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, as far as the head goes."""
        return True

    def readable(self) -> bool:
        """It is not."""
        return False

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to the head, or back to the end."""
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence] + offset
        return self._at

    def write(self, data: Any) -> int:
        """
        Write at the end, or over what is in the head.

        Raises:
            OSError: it would change what is sealed already.
        """
        view = memoryview(data).cast("B")
        if self._at < self.size:
            self._amend(view)
        else:
            self._append(view)
        self._at += len(view)
        return len(view)

    def _amend(self, view: memoryview) -> None:
        if self._at + len(view) > len(self._head):
            raise OSError("only the head of a film is written twice")
        self._head[self._at : self._at + len(view)] = view

    def _append(self, view: memoryview) -> None:
        room = PIECE_BYTES - len(self._head)
        self._head += view[:room]
        self._tail += view[room:]
        self.size += len(view)
        while len(self._tail) >= PIECE_BYTES:
            self._put(self._pieces, self._tail[:PIECE_BYTES])
            del self._tail[:PIECE_BYTES]
            self._pieces += 1

    def finish(self) -> None:
        """Seal what is still open, and have it all on disk."""
        if self._tail:
            self._put(self._pieces, self._tail)
        self._put(0, self._head)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, index: int, clear: bytearray) -> None:
        self._file.seek(index * SEALED_PIECE_BYTES)
        self._file.write(self._sealer.seal(index, clear))


def read(path: Path, sealer: Sealer, size: int, start: int, end: int) -> bytes:
    """
    The bytes from *start* to before *end* of a film of *size* bytes; only the pieces that hold them are opened.

    Raises:
        Changed: a piece is missing or is not what was written. FileNotFoundError: there is no such film.
    """
    first, behind = start // PIECE_BYTES, -(-end // PIECE_BYTES)
    clear = bytearray()
    with path.open("rb") as file:
        file.seek(first * SEALED_PIECE_BYTES)
        for index in range(first, behind):
            length = min(PIECE_BYTES, size - index * PIECE_BYTES)
            piece = sealer.open(index, file.read(length + OVERHEAD_BYTES))
            if len(piece) != length:
                raise Changed
            clear += piece
    return bytes(clear[start - first * PIECE_BYTES : end - first * PIECE_BYTES])
