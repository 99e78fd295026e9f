"""
Where the sealed bytes lie: one small interface, and files in a folder behind it (`telegut.messaging.uploads.s3` is the
other). An object is named by a random id alone, written once, and never changed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from telegut.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class ObjectMissing(Unavailable):
    """This file cannot be reached right now."""


class StoreAway(Unavailable):
    """Files cannot be kept or read right now. Nothing was changed; please try again."""


class Store(Protocol):
    """
    Keeps sealed bytes.

    Every method raises `StoreAway` when the place cannot be reached or is full.
    """

    async def put(self, id: UUID, sealed: bytes) -> None:
        """Keep *sealed* for good: it is on disk when this returns."""
        ...

    async def read(self, id: UUID, start: int, length: int) -> bytes:
        """
        Up to *length* bytes from *start*.

        Raises:
            ObjectMissing: there is no such object.
        """
        ...

    async def remove(self, id: UUID) -> None:
        """Forget it; one that is not there is forgotten already."""
        ...

    def older_than(self, moment: datetime) -> AsyncIterator[UUID]:
        """The objects that were written before *moment*."""
        ...


class Folder:
    """Files in a folder: 256 folders by the last two characters of the id, which are random."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, id: UUID, sealed: bytes) -> None:
        """See `Store`: written beside, flushed to disk, then renamed."""
        await _in_thread(self._put, id, sealed)

    async def read(self, id: UUID, start: int, length: int) -> bytes:
        """See `Store`."""
        return await _in_thread(self._read, id, start, length)

    async def remove(self, id: UUID) -> None:
        """See `Store`."""
        await _in_thread(self._path(id).unlink, True)

    async def older_than(self, moment: datetime) -> AsyncIterator[UUID]:
        """See `Store`; looks into one folder after the other, so that a large store takes no large list."""
        for folder in await _in_thread(self._folders):
            for id in await _in_thread(list, self._old(folder, moment)):
                yield id

    def _path(self, id: UUID) -> Path:
        return self._root / id.hex[-2:] / id.hex

    def _put(self, id: UUID, sealed: bytes) -> None:
        path = self._path(id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        _flush_folder(path.parent)

    def _read(self, id: UUID, start: int, length: int) -> bytes:
        try:
            with self._path(id).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except FileNotFoundError as exc:
            raise ObjectMissing from exc

    def _folders(self) -> list[Path]:
        return sorted(one for one in self._root.iterdir() if one.is_dir()) if self._root.is_dir() else []

    def _old(self, folder: Path, moment: datetime) -> Iterator[UUID]:
        for path in folder.iterdir():
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= moment:
                continue
            if path.suffix == ".part":
                path.unlink(missing_ok=True)  # a write that was cut off
            else:
                yield UUID(hex=path.name)


def _flush_folder(folder: Path) -> None:
    """A rename holds once the folder is on disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _in_thread(call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """*call* beside the event loop; a disk that fails or is full is a store that is away."""
    try:
        return await asyncio.to_thread(call, *arguments, **named)
    except OSError as exc:
        raise StoreAway from exc
