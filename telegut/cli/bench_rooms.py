"""
How many rooms one media process on one core holds: everybody receives what they should, less than 0.1 % is lost.

Three kinds: two people; four people; a group of twelve who all send sound, of whom one speaks and is seen and three are
heard. Short looks find the number, one of *seconds* confirms it; a number that does not hold makes room for one of a
tenth less.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from telegut.cli.bench_forwarding import network
from telegut.cli.calls import clip, servers
from telegut.cli.calls.running import Serving, Window, calls, load
from telegut.cli.exits import CommandFailed
from telegut.cli.measurement import Measurement

FIRST: Final = {"1to1": ("two", 50), "four": ("four", 14), "group_of_12": ("group", 10)}
"""Where the search begins: a shape of `calls.shapes` and its rooms."""
MOST_LOSS: Final = 0.001
LOOK_S: Final = 6.0
STEP: Final = 1.25
MOST_TIMES: Final = 4.0
"""Of the first number: beyond it nobody looks."""


async def measure(
    *, seconds: float = 60.0, peer: bool = True, first: Mapping[str, tuple[str, int]] = FIRST, upward: bool = True
) -> list[Measurement]:
    """
    Search for each kind. *seconds* a number must hold. *peer*: whether Janus is asked the same; *upward*: whether to go
    on when the first number holds.

    Raises:
        CommandFailed: a server does not start.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="telegut-bench-clip-") as folder, network(wanted=peer) as with_janus:
        pictures = Path(folder) / "clip"
        clip.make(pictures)
        for name, (shape, rooms) in first.items():
            search = _Search(shape, pictures, seconds, rooms, upward=upward)
            ours = await search.held(servers.own)
            # Janus forwards every voice: the group is no case for it.
            theirs = await search.held(servers.janus) if with_janus and shape != "group" else None
            beside = ("janus", float(theirs)) if theirs is not None else (None, None)
            found.append(Measurement("rooms", name, float(ours), "count", *beside))
    return found


class _Search:
    def __init__(self, shape: str, pictures: Path, seconds: float, first: int, *, upward: bool) -> None:
        self._shape = shape
        self._pictures = pictures
        self._seconds = seconds
        self._first = first
        self._upward = upward

    async def held(self, serving: Serving) -> int:
        """The largest number found that holds; 0 for none."""
        rooms = await self._highest(serving) if self._upward else self._first
        while rooms > 0 and not await self._holds(serving, rooms, self._seconds):
            rooms = min(rooms - 1, int(rooms * 0.9))
        return max(rooms, 0)

    async def _highest(self, serving: Serving) -> int:
        """The last that held of a row of short looks, or the first number."""
        best = rooms = self._first
        while rooms <= self._first * MOST_TIMES and await self._holds(serving, rooms, LOOK_S):
            best, rooms = rooms, max(rooms + 1, int(rooms * STEP))
        return best

    async def _holds(self, serving: Serving, rooms: int, seconds: float) -> bool:
        try:
            async with calls(serving, self._shape, rooms, self._pictures) as call:
                window = await call.window(seconds)
        except CommandFailed as failed:
            print(f"{serving.__name__} {self._shape} x{rooms}: {failed}", file=sys.stderr, flush=True)
            return False
        _tell(serving, self._shape, rooms, window)
        return window.loss < MOST_LOSS


def _tell(serving: Serving, shape: str, rooms: int, window: Window) -> None:
    print(
        f"{serving.__name__} {shape} x{rooms}, {window.seconds:.0f} s: {window.lost} of "
        f"{window.lost + window.received} packets lost, {window.still} streams still, {window.broken} packets broken, "
        f"core {window.cpu_s / window.seconds:.2f}, callers {window.callers:.2f}, load {load():.1f}",
        file=sys.stderr,
        flush=True,
    )
