"""
The control socket between web and a media process: lines of JSON, both ways, for as long as web likes.

::

    {"id": 1, "ask": "health"}               →  {"id": 1, "ok": true, "udp_port": 41234, "answered": 12, …}
    {"id": 2, "command": "…", "tag": "…"}    →  {"id": 2, "ok": true, "answer": "v=0…"}
                                             or {"id": 2, "ok": false, "problem": "…"}
    what happened, by itself                 →  {"room": "…", "seat": "…", "event": {"type": "places", …}}
    how it is, each second, by itself        →  {"report": {"rooms": 3, "load": 0.2, …}}

It is a Unix socket in the data folder, so only the account that runs telegut reaches it, or TLS with certificates of
both ends, for a media process on another machine (`contacts`); what changes anything is signed too (`commands`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
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
HANDSHAKE_WITHIN_S: Final = 5.0

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""One line's answer; it raises nothing."""


class MediaAway(Unavailable):
    """The media process does not answer right now."""


@dataclass(frozen=True, slots=True)
class Health:
    """
    How a media process is: its UDP port, how many plain STUN requests it has answered, its rooms and seats.

    instance: this life of it. host: the first address that browsers reach it at. load: part of a core, 0 to 1, and lag:
    of its loop, in s, both over some seconds. residence: the time in s in which 99 of 100 packets leave it again.
    received, sent, dropped: datagrams since it began. memory: in bytes; rings: streams that are kept; streams: browsers
    that are connected by TCP. takes: whether it takes new rooms.
    """

    udp_port: int
    answered: int
    instance: str = ""
    host: str = ""
    rooms: int = 0
    seats: int = 0
    load: float = 0.0
    lag: float = 0.0
    residence: float = 0.0
    received: int = 0
    sent: int = 0
    dropped: int = 0
    memory: int = 0
    rings: int = 0
    streams: int = 0
    draining: bool = False
    takes: bool = True


def socket_path(data: Path, number: int = 0) -> Path:
    """Where media process *number* of this data folder has its socket; a path too long for that becomes a short one."""
    name = f"media-{number}.sock" if number else "media.sock"
    usual = data.absolute() / "run" / name
    if len(os.fsencode(usual)) <= SOCKET_PATH_BYTES:
        return usual
    tag = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"telegut-{os.getuid()}-{tag}" / name


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A control address beyond this machine, ``host:port``, and the certificates for it."""

    address: str
    tls: ssl.SSLContext


class Door:
    """The media process's end: answers lines, and tells everybody who listens what happened."""

    def __init__(self, path: Path, answer: Answer, elsewhere: Elsewhere | None = None) -> None:
        self._path = path
        self._answer = answer
        self._elsewhere = elsewhere
        self._listening: set[asyncio.StreamWriter] = set()
        self._servers: list[asyncio.Server] = []

    @property
    def listeners(self) -> int:
        """How many are connected."""
        return len(self._listening)

    async def open(self) -> None:
        """Listen; a socket that a dead process left is replaced."""
        _clear(self._path)
        self._servers.append(await asyncio.start_unix_server(self._converse, path=str(self._path), limit=LINE_BYTES))
        os.chmod(self._path, 0o600)
        if self._elsewhere is not None:
            host, port = split(self._elsewhere.address)
            self._servers.append(
                await asyncio.start_server(
                    self._converse,
                    host,
                    port,
                    limit=LINE_BYTES,
                    ssl=self._elsewhere.tls,
                    ssl_handshake_timeout=HANDSHAKE_WITHIN_S,
                )
            )

    def close(self) -> None:
        """Answer no more, and leave nothing behind."""
        for server in self._servers:
            server.close()
        for writer in list(self._listening):
            writer.close()
        self._path.unlink(missing_ok=True)

    def tell(self, room: str, seat: str, event: dict[str, Any]) -> None:
        """Tell every web process; which of them has this seat it knows itself."""
        self._tell({"room": room, "seat": seat, "event": event})

    def report(self, said: dict[str, Any]) -> None:
        """Tell every web process how we are."""
        self._tell({"report": said})

    def _tell(self, said: dict[str, Any]) -> None:
        line = json.dumps(said).encode() + b"\n"
        for writer in list(self._listening):
            self._write(writer, line)

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.transport.get_write_buffer_size() > BEHIND_BYTES:
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(line)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._listening) >= MOST_LISTENERS:
            writer.close()
            return
        self._listening.add(writer)
        try:
            with contextlib.suppress(ConnectionError, ValueError, asyncio.LimitOverrunError):
                while line := await reader.readline():
                    self._write(writer, self._said(line))
                    await writer.drain()
        finally:  # whatever ended it, the place is free for another one
            self._listening.discard(writer)
            writer.close()

    def _said(self, line: bytes) -> bytes:
        """What is answered to *line*. What is nested too deep to be read, or to be said again, is no JSON to us."""
        try:
            said = json.dumps(self._answered(json.loads(line)))
        except (ValueError, RecursionError):
            said = '{"ok": false, "problem": "This is no JSON."}'
        return said.encode() + b"\n"

    def _answered(self, asked: Any) -> dict[str, Any]:
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
    """The health in an answer or a report; what it does not say is as by default."""
    kinds = {"int": int, "float": float, "str": str, "bool": bool}
    return Health(**{one.name: kinds[str(one.type)](said[one.name]) for one in fields(Health) if one.name in said})


def split(address: str) -> tuple[str, int]:
    """
    Host and port of ``HOST:PORT``; an IPv6 host stands in brackets.

    Raises:
        ValueError: it is neither.
    """
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)
