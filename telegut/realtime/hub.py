"""The open feeds of this process: woken by the bus, and by a slow poll in case a wake-up was lost."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from telegut import logs
from telegut.errors import TelegutError
from telegut.realtime.bus import Bus
from telegut.realtime.outbox import Appended
from telegut.realtime.service import Feed

log = logs.get("hub")

WHISPERS_KEPT = 32
"""Ephemeral messages one slow socket may have waiting; older ones are dropped."""


class Fresh(NamedTuple):
    """An event that was committed just now: its number in a mailbox, and its JSON as the mailbox's owner may see it."""

    seq: int
    event: str | None


class Listener(ABC):
    """
    One open feed, of which *sent* is the last event that has left. What it does when it is rung, and whether it takes
    events without reading the mailbox, is its kind's.
    """

    __slots__ = ("__weakref__", "account", "sent", "whispers")

    def __init__(self, account: UUID) -> None:
        self.account = account
        self.sent = 0
        self.whispers: deque[dict[str, Any]] | None = None

    @abstractmethod
    def ring(self) -> None:
        """There may be more in the mailbox, or something is whispered."""

    def take(self, events: Sequence[Fresh]) -> bool:
        """Deliver *events* now; False when the mailbox has to be read instead."""
        return False

    def whisper(self, message: dict[str, Any]) -> None:
        """Pass on *message*, which is kept nowhere, such as "is writing"."""
        if self.whispers is None:
            self.whispers = deque(maxlen=WHISPERS_KEPT)
        self.whispers.append(message)
        self.ring()


class Waiting(Listener):
    """One that waits for its first ring."""

    __slots__ = ("bell",)

    def __init__(self, account: UUID) -> None:
        super().__init__(account)
        self.bell = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self.bell.set()


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
                listener.whisper(message)

    def deliver(self, appended: Appended, event: Callable[[int, UUID], str | None]) -> None:
        """
        Hand what this process has just committed to the open feeds, without reading it back from the database.

        *event*: the JSON of the event at a place of ``appended.told`` as an account may see it; None when the mailbox
        has to be read for that. Feeds that are not exactly at this point read their mailbox.
        """
        for account, places in appended.of(self._listeners.keys() & appended.ends.keys()).items():
            events = [Fresh(seq, event(place, account)) for seq, place in places]
            for listener in self._listeners.get(account, ()):
                if not listener.take(events):
                    listener.ring()

    def _woken(self, accounts: set[UUID]) -> None:
        for account in accounts:
            for listener in self._listeners.get(account, ()):
                listener.ring()

    def _ring_all(self) -> None:
        self._woken(set(self._listeners))

    async def poll(self) -> None:
        """Look every so often whether a bell should have rung. Runs until cancelled."""
        while True:
            await asyncio.sleep(self._poll_s)
            sent = {account: min(one.sent for one in many) for account, many in self._listeners.items()}
            if not sent:
                continue
            try:
                ends = await self._feed.ahead(sent)
            except (TelegutError, OSError) as exc:
                log.warning("poll failed", error=type(exc).__name__)
                continue
            for account, end in ends.items():
                for listener in self._listeners.get(account, ()):
                    if listener.sent < end:
                        listener.ring()
