"""
The process that holds all callers of a bench.

Order on standard input, one JSON object, see `Order`; then words a line. It says ``ready`` when everybody is connected
and sees whom they should see; each ``begin`` and ``end`` it answers with one line, after ``end`` with what was received
between the two; ``stop`` ends it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from telegut.cli.calls import clip, shapes, ways
from telegut.cli.calls.caller import Heard
from telegut.cli.calls.ways import Person

AT_ONCE: Final = 4
"""Who shake hands at the same time."""
SEEN_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to do. way: see `ways.way`; shape and rooms: see `shapes.people`; clip: a file of `clip.make`."""

    way: dict[str, Any]
    shape: str
    rooms: int
    clip: str


@dataclass(slots=True)
class _Mark:
    """How things stood at one moment."""

    at: float
    sent: int
    heard: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    broken: int = 0
    cpu: float = 0.0


class Callers:
    """Everybody."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._way = ways.way(order.way)
        made = shapes.echoed if order.way["kind"] == "echo" else shapes.people
        self._rooms = made(order.shape, order.rooms)
        self._people = [person for room in self._rooms for person in room]

    async def run(self) -> None:
        """Join, say ready, and answer words."""
        await self._way.open()
        pictures = clip.load(Path(self._order.clip))
        door = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._join(person, door) for person in self._people))
        for person in self._people:
            for sending in person.sending:
                sending.start(pictures)
        await asyncio.gather(*(self._watch(person, room, door) for room in self._rooms for person in room))
        await self._seen()
        gc.collect()
        gc.freeze()
        _say({"ready": len(self._people), "streams": self._expected()})
        mark = self._mark()
        while (word := (await asyncio.to_thread(sys.stdin.readline)).strip()) not in ("stop", ""):
            if word == "begin":
                mark = self._mark()
                _say({"begun": True})
            else:
                _say(self._since(mark))
        await self._way.close()

    async def _join(self, person: Person, door: asyncio.Semaphore) -> None:
        async with door:
            await self._way.join(person)

    async def _watch(self, person: Person, room: list[Person], door: asyncio.Semaphore) -> None:
        async with door:
            await self._way.watch(person, room)

    def _expected(self) -> int:
        return sum(shapes.streams(self._order.shape, room) for room in self._rooms)

    async def _seen(self) -> None:
        """Everybody receives what they should; raises TimeoutError when that does not come about."""
        try:
            async with asyncio.timeout(SEEN_WITHIN_S):
                while self._flowing() < self._expected():  # noqa: ASYNC110 - packets tell nobody that they came
                    await asyncio.sleep(0.2)
        except TimeoutError:
            seen = self._flowing()
            raise RuntimeError(f"{seen} of {self._expected()} streams are received") from None

    def _flowing(self) -> int:
        return sum(len(caller.heard) for person in self._people for caller in person.callers)

    def _heard(self) -> dict[tuple[int, int], Heard]:
        return {
            (id(caller), ssrc): heard
            for person in self._people
            for caller in person.callers
            for ssrc, heard in caller.heard.items()
        }

    def _mark(self) -> _Mark:
        sent = sum(one.packets for person in self._people for one in person.sending)
        heard = {key: (one.packets, one.highest) for key, one in self._heard().items()}
        broken = sum(caller.broken for person in self._people for caller in person.callers)
        return _Mark(time.monotonic(), sent, heard, broken, time.process_time())

    def _since(self, mark: _Mark) -> dict[str, Any]:
        now = self._mark()
        packets = expected = flowing = 0
        for key, (count, highest) in now.heard.items():
            count_before, highest_before = mark.heard.get(key, (0, highest - 1))
            packets += count - count_before
            expected += highest - highest_before
            flowing += highest != highest_before
        return {
            "seconds": now.at - mark.at,
            "sent": now.sent - mark.sent,
            "received": packets,
            "lost": max(0, expected - packets),
            # Who was among the loudest when people came, and is not any more, is heard no more.
            "still": max(0, self._expected() - flowing),
            "broken": now.broken - mark.broken,
            "cpu": (now.cpu - mark.cpu) / (now.at - mark.at),
        }


def _say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)


def main() -> None:
    """Read the order and do it."""
    import uvloop

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(Callers(Order(**json.loads(sys.stdin.readline()))).run())


if __name__ == "__main__":
    main()
