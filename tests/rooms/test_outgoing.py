"""What a room's socket is told: one write for a moment, in order, and bounded when the other side reads slowly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any, cast

from telegut.rooms.outgoing import Outgoing
from telegut.web.sockets import Socket


class Wire:
    """A socket whose other side reads at once, or, when *slow*, only as it is let."""

    def __init__(self, *, slow: bool = False) -> None:
        self.slow = slow
        self.writes: list[list[Any]] = []
        self.closed: tuple[int, bytes] | None = None
        self.reads = asyncio.Event()

    def push(self, texts: Iterable[str]) -> bool:
        """Take them in one write."""
        if not self.slow:
            self.writes.append([json.loads(one)["n"] for one in texts])
        return not self.slow

    async def send_json(self, _: Any, text: str) -> None:
        """Wait until the other side reads."""
        await self.reads.wait()
        self.writes.append([json.loads(text)["n"]])

    async def close(self, code: int, why: bytes) -> None:
        """Say goodbye."""
        self.closed = code, why


def to(wire: Wire, most: int = 4) -> Outgoing:
    """Messages on their way to *wire*."""
    return Outgoing(cast(Socket, wire), most)


async def turn() -> None:
    """Let everything that is due happen."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_said_in_one_moment_is_one_write() -> None:
    wire = Wire()
    out = to(wire)
    assert out.put({"n": 1})
    assert out.put({"n": 2})
    await turn()
    assert out.put({"n": 3})
    await turn()

    assert [[1, 2], [3]] == wire.writes


async def test_the_socket_is_closed_after_what_was_said_before() -> None:
    wire = Wire()
    out = to(wire)
    out.put({"n": 1})
    out.end(1000, b"left")
    out.end(4403, b"later")
    await turn()

    assert ([[1]], (1000, b"left")) == (wire.writes, wire.closed)


async def test_whoever_reads_slowly_gets_everything_in_order() -> None:
    wire = Wire(slow=True)
    out = to(wire)
    out.put({"n": 1})
    await turn()
    out.put({"n": 2})
    await turn()
    wire.slow = False
    out.put({"n": 3})
    await turn()
    assert [] == wire.writes

    wire.reads.set()
    await turn()
    out.put({"n": 4})
    await turn()
    assert [[1], [2], [3], [4]] == wire.writes


async def test_whoever_does_not_read_at_all_is_told_no_more_than_so_much() -> None:
    wire = Wire(slow=True)
    out = to(wire, most=3)

    assert [True, True, True, False] == [out.put({"n": number}) for number in range(4)]
    out.end(4408, b"too slow")
    wire.reads.set()
    await turn()
    assert ([[0], [1], [2]], (4408, b"too slow")) == (wire.writes, wire.closed)


async def test_nothing_is_written_once_the_socket_is_gone() -> None:
    wire = Wire()
    out = to(wire)
    out.put({"n": 1})
    out.stop()
    out.put({"n": 2})
    out.end(1000, b"left")
    await turn()

    assert ([], None) == (wire.writes, wire.closed)
