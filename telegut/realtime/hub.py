"""The open feeds of this process: woken by the bus, and by a slow poll in case a wake-up was lost."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection
from typing import Any
from uuid import UUID

from telegut import logs
from telegut.errors import TelegutError
from telegut.realtime.bus import Bus
from telegut.realtime.service import Feed

log = logs.get("hub")


WHISPERS_KEPT = 32
"""Ephemeral messages one slow socket may have waiting; older ones are dropped."""


class Listener:
    """
    One open feed: what it has sent, and the bell that says there may be more.

    whispers: what is passed on at once and kept nowhere, such as "is writing".
    """

    def __init__(self, account: UUID) -> None:
        self.account = account
        self.sent = 0
        self.bell = asyncio.Event()
        self.whispers: deque[dict[str, Any]] = deque(maxlen=WHISPERS_KEPT)


class Hub:
    """Rings the bells."""

    def __init__(self, feed: Feed, bus: Bus, *, poll_s: float) -> None:
        self._feed = feed
        self._poll_s = poll_s
        self._listeners: defaultdict[UUID, set[Listener]] = defaultdict(set)
        bus.on_wake(self._woken)
        bus.on_recovered(self._ring_all)

    def add(self, listener: Listener) -> None:
        """Ring *listener* from now on."""
        self._listeners[listener.account].add(listener)

    def remove(self, listener: Listener) -> None:
        """Ring it no more."""
        self._listeners[listener.account].discard(listener)
        if not self._listeners[listener.account]:
            del self._listeners[listener.account]

    def whisper(self, accounts: Collection[UUID], message: dict[str, Any]) -> None:
        """Pass *message* to the open feeds of *accounts* in this process; losing it must not matter."""
        for account in accounts:
            for listener in self._listeners.get(account, ()):
                listener.whispers.append(message)
                listener.bell.set()

    def _woken(self, accounts: set[UUID]) -> None:
        for account in accounts:
            for listener in self._listeners.get(account, ()):
                listener.bell.set()

    def _ring_all(self) -> None:
        self._woken(set(self._listeners))

    async def poll(self) -> None:
        """Look every so often whether a bell should have rung. Runs until cancelled."""
        while True:
            await asyncio.sleep(self._poll_s)
            accounts = list(self._listeners)
            if not accounts:
                continue
            try:
                ends = await self._feed.positions(accounts)
            except (TelegutError, OSError) as exc:
                log.warning("poll failed", error=type(exc).__name__)
                continue
            for account, end in ends.items():
                for listener in self._listeners.get(account, ()):
                    if listener.sent < end:
                        listener.bell.set()
