"""
The control socket between web and the media process: lines of JSON, both ways, for as long as web likes.

::

    {"id": 1, "ask": "health"}               →  {"id": 1, "ok": true, "udp_port": 41234, "answered": 12, …}
    {"id": 2, "command": "…", "tag": "…"}    →  {"id": 2, "ok": true, "answer": "v=0…"}
                                             or {"id": 2, "ok": false, "problem": "…"}
    what happened, by itself                 →  {"room": "…", "seat": "…", "event": {"type": "places", …}}

It is a Unix socket in the data folder, so only the account that runs telegut reaches it; what changes anything is
signed too (`commands`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from telegut.errors import Unavailable

SOCKET_PATH_BYTES: Final = 100
"""A Unix socket's path has at most 107 bytes on Linux, 103 elsewhere; unix(7), sun_path."""
LINE_BYTES: Final = 512 * 1024
"""An offer of a group of twelve has about 40,000 bytes."""
MOST_LISTENERS: Final = 64
BEHIND_BYTES: Final = 4 * 1024 * 1024
"""A listener that has so much unread is cut; it comes back and asks how things are."""
ANSWER_WITHIN_S: Final = 1.0

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""One line's answer; it raises nothing."""


class MediaAway(Unavailable):
    """The media process does not answer right now."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the media process is: its UDP port, how many STUN requests it has answered, its rooms, its load of 0 to 1."""

    udp_port: int
    answered: int
    rooms: int = 0
    load: float = 0.0
    draining: bool = False


def socket_path(data: Path) -> Path:
    """Where the socket of this data folder is; a path too long for that becomes a short one."""
    usual = data.absolute() / "run" / "media.sock"
    if len(os.fsencode(usual)) <= SOCKET_PATH_BYTES:
        return usual
    tag = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"telegut-{os.getuid()}-{tag}" / "media.sock"


class Door:
    """The media process's end: answers lines, and tells everybody who listens what happened."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self._path = path
        self._answer = answer
        self._listening: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen; a socket that a dead process left is replaced."""
        _clear(self._path)
        self._server = await asyncio.start_unix_server(self._converse, path=str(self._path), limit=LINE_BYTES)
        os.chmod(self._path, 0o600)

    def close(self) -> None:
        """Answer no more, and leave nothing behind."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._listening):
            writer.close()
        self._path.unlink(missing_ok=True)

    def tell(self, room: str, seat: str, event: dict[str, Any]) -> None:
        """Tell every web process; which of them has this seat it knows itself."""
        line = json.dumps({"room": room, "seat": seat, "event": event}).encode() + b"\n"
        for writer in list(self._listening):
            self._write(writer, line)

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.transport.get_write_buffer_size() > BEHIND_BYTES:
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(line)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._listening) < MOST_LISTENERS:
            self._listening.add(writer)
            with contextlib.suppress(ConnectionError, ValueError, asyncio.LimitOverrunError):
                while line := await reader.readline():
                    self._write(writer, json.dumps(self._said(line)).encode() + b"\n")
                    await writer.drain()
            self._listening.discard(writer)
        writer.close()

    def _said(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
        except ValueError:
            return {"ok": False, "problem": "This is no JSON."}
        if not isinstance(asked, dict):
            return {"ok": False, "problem": "This is no object."}
        return {"id": asked.get("id"), **self._answer(asked)}


def _clear(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to another account")
    path.unlink(missing_ok=True)


async def ask_health(path: Path) -> Health:
    """
    How the media process behind *path* is.

    Raises:
        MediaAway: nobody answers there, or not sensibly.
    """
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            reader, writer = await asyncio.open_unix_connection(str(path), limit=LINE_BYTES)
            try:
                writer.write(b'{"ask": "health"}\n')
                while "udp_port" not in (said := json.loads(await reader.readline())):
                    pass  # an event may come before the answer
            finally:
                writer.close()
        return health_of(said)
    except (OSError, TimeoutError, ValueError, KeyError, TypeError) as exc:
        raise MediaAway from exc


def health_of(said: dict[str, Any]) -> Health:
    """The health in an answer."""
    return Health(
        int(said["udp_port"]),
        int(said["answered"]),
        int(said.get("rooms", 0)),
        float(said.get("load", 0.0)),
        bool(said.get("draining", False)),
    )
