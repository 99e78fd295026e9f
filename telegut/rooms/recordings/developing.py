"""
Makes the films of one recording out of its sealed logs; a process of its own, with the lowest claim to the processor.

It reads one line of JSON (`Order`), with the key, and answers with one line (`Developed`). In clear there is nothing on
disk at any time. What is there already is made anew: a process that was killed in the middle costs nothing but time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from telegut.rooms.media.recording import spool
from telegut.rooms.media.recording.sealing import Sealer
from telegut.rooms.recordings import montage, sealed_file
from telegut.rooms.recordings.montage import Film, Frame, Log, Survey
from telegut.rooms.recordings.sealed_file import PIECE_BYTES, SealedTarget
from telegut.rooms.recordings.timing import Reel, Span
from telegut.rooms.recordings.webm import BEHIND_S, Webm

NICE = 10


@dataclass(frozen=True, slots=True)
class Order:
    """Which recording, where its logs lie, and where its films go. key: what both are sealed under."""

    recording: UUID
    key: bytes
    spool: Path
    films: Path


@dataclass(frozen=True, slots=True)
class Developed:
    """What came of it. missing: where something is missing because it was interrupted (`montage.missing`)."""

    films: list[dict[str, Any]]
    missing: str | None


@dataclass(slots=True)
class _Open:
    """A film that is being made."""

    id: UUID
    file: BinaryIO
    target: SealedTarget
    webm: Webm
    size: tuple[int, int] | None


def path_of(folder: Path, film: UUID) -> Path:
    """Where a film lies: 256 folders by the last two characters of its id, which are random."""
    return folder / film.hex[-2:] / film.hex


def develop(order: Order) -> Developed:
    """
    Make the films. Nothing was recorded: there are none.

    Raises:
        Changed: a log is not what was written. OSError: the disk fails or is full.
    """
    logs = _logs(order)
    surveys = [montage.survey(log()) for log in logs]
    at_once = sorted(zip(surveys, logs, strict=True), key=lambda one: one[0].spans[:1])
    spans: list[Span] = sorted(span for survey in surveys for span in survey.spans)
    reel = Reel(spans)
    making = {film: _begin(order, size) for film, size in montage.films(surveys).items()}
    for survey, log in at_once:
        _fill(making, log, survey, reel)
    films = [_finish(order, film, one, reel.length) for film, one in making.items()]
    return Developed(films, montage.missing(surveys))


def _logs(order: Order) -> list[Log]:
    names = spool.found(order.spool, order.recording)
    return [
        partial(spool.read, name.within(order.spool), Sealer(order.key, order.recording, name.file)) for name in names
    ]


def _begin(order: Order, size: tuple[int, int] | None) -> _Open:
    id = uuid4()
    path = path_of(order.films, id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    target = SealedTarget(file, Sealer(order.key, order.recording, id))
    return _Open(id, file, target, Webm(target, size), size)


def _fill(making: dict[Film, _Open], log: Log, survey: Survey, reel: Reel) -> None:
    frames: Iterable[Frame] = montage.frames(log(), survey, reel)
    for frame in frames:
        film = making.get(frame.film)
        if film is None:
            continue
        if frame.sound:
            film.webm.sound(frame.at, frame.data)
        else:
            film.webm.silent_until(frame.at - BEHIND_S)
            film.webm.picture(frame.at, frame.data, key=frame.size is not None)


def _finish(order: Order, film: Film, one: _Open, length: float) -> dict[str, Any]:
    one.webm.close(length)
    with one.file:
        one.target.finish()
    return {
        "film": str(one.id),
        "seat": film.seat,
        "what": film.what,
        "picture": one.size is not None,
        "size_bytes": one.target.size,
        "duration_ms": round(length * 1000),
        "sha256": _checked(order, one),
    }


def _checked(order: Order, one: _Open) -> str:
    """The film's hash, from reading it back: what is promised can be opened."""
    hashed, path = hashlib.sha256(), path_of(order.films, one.id)
    sealer, size = Sealer(order.key, order.recording, one.id), one.target.size
    for start in range(0, size, PIECE_BYTES):
        hashed.update(sealed_file.read(path, sealer, size, start, min(size, start + PIECE_BYTES)))
    return hashed.hexdigest()


def main() -> None:
    """Take the order from standard input, and answer on standard output."""
    os.nice(NICE)
    asked = json.loads(sys.stdin.readline())
    order = Order(UUID(asked["recording"]), bytes.fromhex(asked["key"]), Path(asked["spool"]), Path(asked["films"]))
    print(json.dumps(asdict(develop(order))))


if __name__ == "__main__":
    main()
