"""
The control socket between web and the media process: one line of JSON asks, one line answers.

::

    {"ask": "health"}  →  {"ok": true, "udp_port": 41234, "answered": 12}

It is a Unix socket in the data folder, so only the account that runs telegut reaches it.
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
LINE_BYTES: Final = 4096
ANSWER_WITHIN_S: Final = 1.0

Answer = Callable[[], dict[str, Any]]


class MediaAway(Unavailable):
    """The media process does not answer right now."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the media process is: its UDP port, and how many STUN requests it has answered."""

    udp_port: int
    answered: int


def socket_path(data: Path) -> Path:
    """Where the socket of this data folder is; a path too long for that becomes a short one."""
    usual = data.absolute() / "run" / "media.sock"
    if len(os.fsencode(usual)) <= SOCKET_PATH_BYTES:
        return usual
    tag = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"telegut-{os.getuid()}-{tag}" / "media.sock"


async def serve(path: Path, health: Answer) -> asyncio.Server:
    """Answer on *path* until the returned server is closed; a socket that a dead process left is replaced."""
    _clear(path)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            async with asyncio.timeout(ANSWER_WITHIN_S):
                asked = json.loads(await reader.readline())
                known = isinstance(asked, dict) and asked.get("ask") == "health"
                said = {"ok": True, **health()} if known else {"ok": False}
                writer.write(json.dumps(said).encode() + b"\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(converse, path=str(path), limit=LINE_BYTES)
    os.chmod(path, 0o600)
    return server


def _clear(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{path.parent} belongs to another account")
    path.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Leave nothing behind."""
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
                said = json.loads(await reader.readline())
            finally:
                writer.close()
        return Health(int(said["udp_port"]), int(said["answered"]))
    except (OSError, TimeoutError, ValueError, KeyError, TypeError) as exc:
        raise MediaAway from exc
