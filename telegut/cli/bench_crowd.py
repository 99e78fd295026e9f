"""
A process of its own that holds many sockets, has a part of them cut and comes back with their cursors.

Order on standard input, one JSON object, see `Order`; then one word a line. It answers each with one line: at first,
when all are open, how many seconds that took; to ``cut`` that it is done; to ``back`` how long it took until everybody
was welcome again and had what was said meanwhile, and how often somebody was asked to come later.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from telegut.cli.bench_frames import Line

AT_ONCE: Final = 200
"""How many open their first socket at the same time."""
BACK_AT_ONCE: Final = 500
"""How many are at the door at the same time when everybody comes back: what overflows a listening socket's queue is
dropped by the kernel and tried again after 1, 3, 7, 15 … s, which would measure that and no server."""
WITHIN_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to do. tokens: of those who open sockets, in turns. missing: tokens of those who are told something while
    they are away. cut: how many are cut."""

    host: str
    port: int
    path: str
    tokens: list[str]
    missing: list[str]
    sockets: int
    cut: int


class Person:
    """One socket, again and again, from where the last one was."""

    def __init__(self, order: Order, token: str) -> None:
        self._order = order
        self._token = token
        self._cursor: str | None = None
        self._line: Line | None = None
        self._welcome: asyncio.Event = asyncio.Event()
        self._expected = 0
        self.put_off = 0

    async def come(self, door: asyncio.Semaphore | None = None, *, expecting: int = 0) -> None:
        """
        Open the socket and say hello; done when everything is here that is *expecting* to be.

        Raises:
            ConnectionError: the door stays shut.
        """
        self._expected = expecting
        self._welcome.clear()
        hello = json.dumps({"type": "hello", "cursor": self._cursor}).encode()
        while (wait := await self._through(door, hello)) is not None:
            self.put_off += 1
            await asyncio.sleep(wait)
        await self._welcome.wait()

    async def _through(self, door: asyncio.Semaphore | None, hello: bytes) -> float | None:
        if door is None:
            return await self._knock(hello)
        async with door:
            return await self._knock(hello)

    async def _knock(self, hello: bytes) -> float | None:
        """None when the door is open; otherwise after how many seconds to come again."""
        loop = asyncio.get_running_loop()
        try:
            _, self._line = await loop.create_connection(
                lambda: Line(self._order.path, self._token, self._heard, hello), self._order.host, self._order.port
            )
            status = await self._line.opened
        except (ConnectionError, TimeoutError):
            return random.uniform(0.5, 1.5)
        if status == 101:
            return None
        self._line.cut()
        if status != 503:
            raise ConnectionRefusedError(f"the handshake was answered with {status}")
        return self._line.retry_after

    def _heard(self, text: bytes) -> None:
        said = json.loads(text)
        self._cursor = said.get("cursor", self._cursor)
        if said["type"] == "resync_required":
            raise RuntimeError("a cursor was forgotten")
        if said["type"] == "event":
            self._expected -= 1
        if self._expected <= 0:
            self._welcome.set()

    def leave(self) -> None:
        """Be cut."""
        if self._line is not None:
            self._line.cut()


async def crowd(order: Order) -> None:
    """Do it, word by word."""
    people = [Person(order, order.tokens[one % len(order.tokens)]) for one in range(order.sockets)]
    away = people[: order.cut]
    began = time.perf_counter()
    async with asyncio.timeout(WITHIN_S):
        for at in range(0, len(people), AT_ONCE):
            await asyncio.gather(*(one.come() for one in people[at : at + AT_ONCE]))
    _say({"opened_s": time.perf_counter() - began})
    await _word("cut")
    for one in away:
        one.leave()
    _say({"cut": len(away)})
    await _word("back")
    missing = set(order.missing)
    began = time.perf_counter()
    async with asyncio.timeout(WITHIN_S):
        door = asyncio.Semaphore(BACK_AT_ONCE)
        tokens = [order.tokens[at % len(order.tokens)] for at in range(len(away))]
        await asyncio.gather(
            *(one.come(door, expecting=int(token in missing)) for one, token in zip(away, tokens, strict=True))
        )
    _say({"back_s": time.perf_counter() - began, "put_off": sum(one.put_off for one in away)})
    await _word("end")


def _say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


async def _word(expected: str) -> None:
    said = (await asyncio.to_thread(sys.stdin.readline)).strip()
    if said != expected:
        raise RuntimeError(f"{said!r} was said where {expected!r} was expected")


def main() -> None:
    """Read the order and do it."""
    import uvloop

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(crowd(Order(**json.loads(sys.stdin.readline()))))


if __name__ == "__main__":
    main()
