"""One measurement of calls: a server, callers in a process on a core of their own, windows of time between words."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from telegut.cli.bench_drivers import Driver, driver
from telegut.cli.calls.cost import cpu_s
from telegut.cli.calls.generator import Order
from telegut.cli.calls.servers import CALLERS_CORE, Server, pin

SETTLE_S: Final = 3.0
"""After everybody sees whom they should: key frames are through, estimates have found their place."""

Serving = Callable[[], AbstractAsyncContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in some seconds: packets sent by callers, received by them, lost on the way; the server's CPU in s.

    still: streams of which nothing came at all. broken: packets that did not open. callers: part of a core that they
    computed.
    """

    seconds: float
    sent: int
    received: int
    lost: int
    still: int
    broken: int
    callers: float
    cpu_s: float

    @property
    def per_packet_us(self) -> float:
        """CPU of the server for each packet that somebody received, in µs."""
        return self.cpu_s / self.received * 1e6 if self.received else float("inf")

    @property
    def loss(self) -> float:
        """The part that did not arrive; 1 when a stream stood still or a packet did not open."""
        if self.still or self.broken or not self.received:
            return 1.0
        return self.lost / (self.received + self.lost)


class Call:
    """Callers who are connected to *server*."""

    def __init__(self, server: Server, generator: Driver) -> None:
        self._server = server
        self._generator = generator

    async def window(self, seconds: float) -> Window:
        """Let it go on for *seconds*."""
        await self._generator.tell("begin")
        await self._generator.said()
        before = cpu_s(self._server.pid)
        await asyncio.sleep(seconds)
        spent = cpu_s(self._server.pid) - before
        await self._generator.tell("end")
        found = await self._generator.result()
        return Window(
            found["seconds"],
            found["sent"],
            found["received"],
            found["lost"],
            found["still"],
            found["broken"],
            found["cpu"],
            spent,
        )


@contextlib.asynccontextmanager
async def calls(serving: Serving, shape: str, rooms: int, clip: Path) -> AsyncIterator[Call]:
    """
    *rooms* rooms of *shape* on a server of their own.

    Raises:
        CommandFailed: the server does not start, or not everybody gets what they should.
    """
    async with serving() as server:
        order = Order(dict(server.order), shape, rooms, str(clip))
        async with driver("calls.generator", asdict(order)) as generator:
            pin(generator.pid, CALLERS_CORE)
            await generator.said()
            await asyncio.sleep(SETTLE_S)
            yield Call(server, generator)
            await generator.tell("stop")


def median(windows: Sequence[Window]) -> float:
    """CPU for each packet in µs."""
    return statistics.median(one.per_packet_us for one in windows)


def load() -> float:
    """How many processes wanted to compute over the last minute, ours among them."""
    return os.getloadavg()[0]
