"""What a server's processes compute, to the nanosecond of the scheduler, beyond what they compute anyway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from telegut.cli.bench_clinic import Clinic

PARTS: Final = {"web": "telegut web", "media": "telegut media", "database": "postgres"}
"""How the command lines of each part's processes begin."""


class Computed:
    """The parts of one server."""

    def __init__(self, place: Clinic) -> None:
        self.parts = tuple(PARTS)
        self._place = place

    def now(self) -> dict[str, float]:
        """Milliseconds so far, of each part."""
        return {part: self._place.ran_ms(title) for part, title in PARTS.items()}

    async def idle(self, for_s: float) -> dict[str, float]:
        """Milliseconds a second that each part computes while nothing new is asked of it."""
        async with self.beyond(dict.fromkeys(PARTS, 0.0)) as spent:
            began = time.perf_counter()
            await asyncio.sleep(for_s)
            lasted = time.perf_counter() - began
        return {part: one / lasted for part, one in spent.items()}

    @asynccontextmanager
    async def beyond(self, idle: Mapping[str, float]) -> AsyncIterator[dict[str, float]]:
        """What is computed inside beyond *idle* milliseconds a second; filled in at the end."""
        spent: dict[str, float] = {}
        before, began = self.now(), time.perf_counter()
        yield spent
        after, lasted = self.now(), time.perf_counter() - began
        spent |= {part: after[part] - before[part] - idle[part] * lasted for part in self.parts}
