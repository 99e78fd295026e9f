"""
Web's end of the control socket: asks, and hears what happened, over one connection that is made again when it breaks.

A media process that is away refuses at once; nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from telegut import logs
from telegut.errors import Invalid
from telegut.rooms.media import commands
from telegut.rooms.media.control import LINE_BYTES, Health, MediaAway, health_of

log = logs.get("rooms")

ANSWER_WITHIN_S: Final = 5.0
"""A join takes some milliseconds; a process that needs longer is not well."""
AGAIN_S: Final = (0.1, 0.25, 0.5, 1.0)
"""Pauses between tries to connect; the last one repeats."""

Heard = Callable[[str, str, dict[str, Any]], None]


class MediaLink:
    """
    The way to one media process. *heard* is given ``(room, seat, event)``; *back* is called after each new connection.

    Everything that was asked while the connection broke ends with `MediaAway`: the asker tries again.
    """

    def __init__(self, path: Path, heard: Heard, back: Callable[[], None]) -> None:
        self._path = path
        self._heard = heard
        self._back = back
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether there is a connection."""
        return self._writer is not None

    def start(self) -> None:
        """Connect, and stay so; `stop` ends it."""
        self._task = asyncio.create_task(self._run(), name="media link")

    async def stop(self) -> None:
        """Let go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def health(self) -> Health:
        """
        How the process is.

        Raises:
            MediaAway: it does not answer.
        """
        return health_of(await self._ask({"ask": "health"}))

    async def state(self) -> dict[str, list[str]]:
        """
        Who is connected there: seats by room.

        Raises:
            MediaAway: it does not answer.
        """
        state: dict[str, list[str]] = (await self._ask({"ask": "state"}))["state"]
        return state

    async def do(self, **body: Any) -> dict[str, Any]:
        """
        Have a command done (see `commands`).

        Raises:
            MediaAway: it does not answer. Invalid: it does not take the command, with its words.
        """
        signed = commands.sign(commands.key_of(self._path.parent), body, time.time())
        said = await self._ask(dict(signed))
        if not said.get("ok"):
            raise Invalid(str(said.get("problem", "")))
        return said

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        writer = self._writer
        if writer is None:
            raise MediaAway
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                writer.write(json.dumps({"id": number, **body}).encode() + b"\n")
                await writer.drain()
                said: dict[str, Any] = await answer
                return said
        except (TimeoutError, ConnectionError) as exc:
            raise MediaAway from exc
        finally:
            self._asked.pop(number, None)

    async def _run(self) -> None:
        tries = 0
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(str(self._path), limit=LINE_BYTES)
                tries = 0
                self._back()
                await self._listen(reader)
            except (OSError, ValueError, asyncio.LimitOverrunError):
                pass
            finally:
                self._break()
            await asyncio.sleep(AGAIN_S[min(tries, len(AGAIN_S) - 1)])
            tries += 1

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            said = json.loads(line)
            if "event" in said:
                self._heard(said["room"], said["seat"], said["event"])
            elif (answer := self._asked.get(said.get("id"))) is not None and not answer.done():
                answer.set_result(said)

    def _break(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(MediaAway())
