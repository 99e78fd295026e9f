"""
What is kept of a call while it goes on: a sealed log of packets as they came. The films are made of it afterwards.

A file is a row of pieces, each four bytes of length and the sealed piece; a piece is a row of entries. A process that
is killed leaves whole pieces and perhaps a torn one, which is passed over. Times are microseconds since 1970.

::

    stream   B kind, H number, H length, JSON: seat, kind, codec, clock, rank
    packet   B kind, H number, Q came, I timestamp, H sequence, B marker, H length, payload
    report   B kind, H number, Q came, Q ntp, I timestamp      (RFC 3550, section 6.4.1)
    mark     B kind, Q at, B recording goes on
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from telegut.rooms.media.recording.sealing import Changed, Sealer

STREAM: Final = 1
PACKET: Final = 2
REPORT: Final = 3
MARK: Final = 4
_STREAM = struct.Struct("!BHH")
_PACKET = struct.Struct("!BHQIHBH")
_REPORT = struct.Struct("!BHQQI")
_MARK = struct.Struct("!BQB")
_LENGTH = struct.Struct("!I")
LONGEST_PIECE: Final = 4 * 1024 * 1024


class Stream(NamedTuple):
    """
    One source that is kept: *number* names it in its file. kind: audio, camera or screen; clock in Hz.

    rank: 0 for the best layer of a picture, more for smaller ones.
    """

    number: int
    seat: str
    kind: str
    codec: str
    clock: int
    rank: int


class Packet(NamedTuple):
    """A packet of stream *number*, and when it came."""

    number: int
    came: int
    timestamp: int
    sequence: int
    marker: bool
    payload: bytes


class Report(NamedTuple):
    """The sender of stream *number* says that *ntp* (64 bits) and *timestamp* are one instant."""

    number: int
    came: int
    ntp: int
    timestamp: int


class Mark(NamedTuple):
    """From *at* on it is recorded, or not."""

    at: int
    on: bool


Entry = Stream | Packet | Report | Mark


def stream(one: Stream) -> bytes:
    """As it lies in a piece."""
    facts = json.dumps(one._asdict()).encode()
    return _STREAM.pack(STREAM, one.number, len(facts)) + facts


def packet(number: int, came: int, timestamp: int, sequence: int, marker: bool, payload: bytes) -> bytes:
    """As it lies in a piece."""
    return _PACKET.pack(PACKET, number, came, timestamp, sequence, marker, len(payload)) + payload


def report(number: int, came: int, ntp: int, timestamp: int) -> bytes:
    """As it lies in a piece."""
    return _REPORT.pack(REPORT, number, came, ntp, timestamp)


def mark(at: int, on: bool) -> bytes:
    """As it lies in a piece."""
    return _MARK.pack(MARK, at, on)


def entries(piece: bytes) -> Iterator[Entry]:
    """
    What lies in an opened *piece*.

    Raises:
        Changed: it makes no sense.
    """
    at = 0
    try:
        while at < len(piece):
            kind = piece[at]
            if kind == PACKET:
                _, number, came, timestamp, sequence, marker, length = _PACKET.unpack_from(piece, at)
                at += _PACKET.size + length
                yield Packet(number, came, timestamp, sequence, bool(marker), piece[at - length : at])
            elif kind == REPORT:
                _, number, came, ntp, timestamp = _REPORT.unpack_from(piece, at)
                at += _REPORT.size
                yield Report(number, came, ntp, timestamp)
            elif kind == STREAM:
                _, number, length = _STREAM.unpack_from(piece, at)
                at += _STREAM.size + length
                yield Stream(**json.loads(piece[at - length : at]))
            elif kind == MARK:
                _, when, on = _MARK.unpack_from(piece, at)
                at += _MARK.size
                yield Mark(when, bool(on))
            else:
                raise Changed
    except (struct.error, ValueError, TypeError) as exc:
        raise Changed from exc


class Name(NamedTuple):
    """What a spooled file is called: its recording, and itself."""

    recording: UUID
    file: UUID

    def within(self, folder: Path) -> Path:
        """Where it lies."""
        return folder / f"{self.recording.hex}-{self.file.hex}.spool"


def found(folder: Path, recording: UUID) -> list[Name]:
    """The files of *recording*, in no order."""
    names = folder.glob(f"{recording.hex}-*.spool") if folder.is_dir() else ()
    return [Name(recording, UUID(path.stem.partition("-")[2])) for path in names]


def framed(sealed: bytes) -> bytes:
    """A sealed piece as it lies in its file."""
    return _LENGTH.pack(len(sealed)) + sealed


def read(path: Path, sealer: Sealer) -> Iterator[Entry]:
    """
    Everything in the file at *path*, up to a torn piece at its end.

    Raises:
        Changed: a piece is not what was written.
    """
    with path.open("rb") as file:
        index = 0
        while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
            length = _LENGTH.unpack(head)[0]
            if length > LONGEST_PIECE:
                raise Changed
            sealed = file.read(length)
            if len(sealed) < length:
                return
            yield from entries(sealer.open(index, sealed))
            index += 1
