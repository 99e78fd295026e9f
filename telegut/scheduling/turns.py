"""
Where those who want the same practitioner's time wait, before they take a database connection.

The database puts bookers in a queue by itself (`calendars.lock`), but everybody in that queue holds a connection: two
hundred who want one time would use up the pool, and people with other wishes would be turned away. Here a few at a time
are let through for each practitioner of this process; other processes have turns of their own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

from telegut.errors import Unavailable


class Turns:
    """*at_once*: how many are let through for one practitioner. *patience_s*: how long somebody waits at most."""

    def __init__(self, *, at_once: int, patience_s: float) -> None:
        self._at_once = at_once
        self._patience_s = patience_s
        self._doors: dict[UUID, asyncio.Semaphore] = {}
        self._visitors: Counter[UUID] = Counter()

    @asynccontextmanager
    async def wait_for(self, practitioners: Iterable[UUID]) -> AsyncIterator[None]:
        """
        Go on when it is one's turn with all of them.

        Doors are passed in sorted order, so that two joint visits never wait for each other.

        Raises:
            Unavailable: it took too long.
        """
        async with AsyncExitStack() as passed:
            try:
                async with asyncio.timeout(self._patience_s):
                    for one in sorted(set(practitioners)):
                        await passed.enter_async_context(self._door(one))
            except TimeoutError as exc:
                raise Unavailable from exc
            yield

    @asynccontextmanager
    async def _door(self, practitioner: UUID) -> AsyncIterator[None]:
        door = self._doors.setdefault(practitioner, asyncio.Semaphore(self._at_once))
        self._visitors[practitioner] += 1
        try:
            async with door:
                yield
        finally:
            self._visitors[practitioner] -= 1
            if not self._visitors[practitioner]:
                del self._visitors[practitioner], self._doors[practitioner]
