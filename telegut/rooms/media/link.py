"""
Web's end of a control socket: asks, and hears what happened, over one connection that is made again when it breaks.

A media process that is away refuses at once; nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from telegut import logs
from telegut.errors import Invalid
from telegut.rooms.media import commands
from telegut.rooms.media.contacts import Contact
from telegut.rooms.media.control import Health, MediaAway, health_of

log = logs.get("rooms")

ANSWER_WITHIN_S: Final = 5.0
"""A join takes some milliseconds; a process that needs longer is not well."""
SILENT_S: Final = 5.0
"""A process reports each second; one that says nothing for so long hangs, or the network between us is gone."""
AGAIN_S: Final = (0.1, 0.25, 0.5, 1.0)
"""Pauses between tries to connect; the last one repeats."""

FORMER: Final = 64

Heard = Callable[["MediaLink", str, str, dict[str, Any]], None]
Changed = Callable[["MediaLink"], None]


class Busy(MediaAway):
    """The calls that go by our server are many right now. People can see each other directly meanwhile."""

    code = "media_full"


class MediaLink:
    """
    The way to one media process. *heard* is given ``(link, room, seat, event)``; *back* and *lost* are called after
    each new connection and each broken one.

    Everything that was asked while the connection broke ends with `MediaAway`: the asker tries again.
    """

    def __init__(self, contact: Contact, key: Callable[[], bytes], heard: Heard, back: Changed, lost: Changed) -> None:
        self.contact = contact
        self.health: Health | None = None
        """How the process was at its last report, None while there is no connection."""
        self.instance = ""
        """The life of it that we are, or were last, connected with."""
        self.former: deque[str] = deque(maxlen=FORMER)
        """Its earlier lives, as far as we were connected with them."""
        self.lost_at = time.monotonic()
        """When the last connection broke, in s of the process's monotonic clock."""
        self.promised = 0
        """Rooms that were placed there since its last report."""
        self._key = key
        self._heard = heard
        self._back = back
        self._lost = lost
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether there is a connection, and the process has said how it is."""
        return self.health is not None

    def start(self) -> None:
        """Connect, and stay so; `stop` ends it."""
        self._task = asyncio.create_task(self._run(), name="media link")

    async def stop(self) -> None:
        """Let go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

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
            MediaAway: it does not answer. Busy: it takes no new room. Invalid: it does not take the command, with its
                words.
        """
        said = await self._ask(dict(commands.sign(self._key(), body, time.time(), self.instance)))
        if said.get("full"):
            raise Busy
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
            listening: asyncio.Task[None] | None = None
            try:
                reader, self._writer = await self.contact.connect()
                listening = asyncio.create_task(self._listen(reader), name="media listener")
                self.health = health_of(await self._ask({"ask": "health"}))
                tries = 0
                self._met(self.health.instance)
                self._back(self)
                await listening
            except (OSError, ValueError, KeyError, TypeError, TimeoutError, asyncio.LimitOverrunError, MediaAway):
                pass
            finally:
                await self._break(listening)
            await asyncio.sleep(AGAIN_S[min(tries, len(AGAIN_S) - 1)])
            tries += 1

    def _met(self, instance: str) -> None:
        if self.instance not in ("", instance):
            self.former.append(self.instance)
        self.instance = instance

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await self._line(reader):
            said = json.loads(line)
            if "event" in said:
                self._heard(self, said["room"], said["seat"], said["event"])
            elif "report" in said:
                if self.health is not None:
                    self.health, self.promised = health_of(said["report"]), 0
            elif (answer := self._asked.get(said.get("id"))) is not None and not answer.done():
                answer.set_result(said)

    @staticmethod
    async def _line(reader: asyncio.StreamReader) -> bytes:
        async with asyncio.timeout(SILENT_S):
            return await reader.readline()

    async def _break(self, listening: asyncio.Task[None] | None) -> None:
        writer, self._writer = self._writer, None
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        if writer is not None:
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(MediaAway())
        if self.health is not None:
            self.health, self.lost_at = None, time.monotonic()
            self._lost(self)
