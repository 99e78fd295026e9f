"""
Wake-ups and passing facts between processes, over LISTEN and NOTIFY.

A hint, never the way of delivery: what matters is in the database and found by the fall-back poll. NOTIFY takes a lock
that all committing transactions share, so it runs in a short transaction of its own, once for everything that has
gathered meanwhile. What this process sends, it hears at once, without the database.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import asyncpg

from telegut import logs
from telegut.db.broken import BROKEN

CHANNEL = "telegut"
PAYLOAD_LIMIT = 7_600
"""Characters of one notification; PostgreSQL takes less than 8,000 bytes (documentation of NOTIFY)."""
GATHER_S = 0.005
"""How long wake-ups gather before they are sent as one."""
RECONNECT_S = 0.5
PARTS_KEPT = 256

log = logs.get("bus")
Callback = Callable[[dict[str, Any]], None]


class Bus:
    """One process's ear and mouth."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._me = secrets.token_hex(6)
        self._subscribers: defaultdict[str, list[Callback]] = defaultdict(list)
        self._wakers: list[Callable[[set[UUID]], None]] = []
        self._recovered: list[Callable[[], None]] = []
        self._woken: set[UUID] = set()
        self._facts: list[tuple[str, dict[str, Any]]] = []
        self._something = asyncio.Event()
        self._parts: dict[str, dict[int, str]] = {}
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection[Any] | None = None

    def on_wake(self, callback: Callable[[set[UUID]], None]) -> None:
        """Call *callback* with accounts that have something new."""
        self._wakers.append(callback)

    def on_recovered(self, callback: Callable[[], None]) -> None:
        """Call *callback* when the connection came back and notifications may have been missed."""
        self._recovered.append(callback)

    def subscribe(self, topic: str, callback: Callback) -> None:
        """Call *callback* with every fact of *topic*, from this process and the others."""
        self._subscribers[topic].append(callback)

    def wake(self, accounts: Iterable[UUID]) -> None:
        """Say that *accounts* have something new."""
        fresh = set(accounts)
        for waker in self._wakers:
            waker(fresh)
        self.wake_elsewhere(fresh)

    def wake_elsewhere(self, accounts: Iterable[UUID]) -> None:
        """As `wake`, to the other processes alone: this one was told otherwise."""
        self._woken.update(accounts)
        self._something.set()

    def publish(self, topic: str, fact: dict[str, Any]) -> None:
        """Pass *fact* on; losing it must not matter."""
        self._deliver(topic, fact)
        self._facts.append((topic, fact))
        self._something.set()

    def _deliver(self, topic: str, fact: dict[str, Any]) -> None:
        for callback in self._subscribers.get(topic, ()):
            callback(fact)

    async def start(self) -> None:
        """Connect and keep at it; returns when it listens."""
        await self._connect()
        self._task = asyncio.create_task(self._speak(), name="bus")

    async def stop(self) -> None:
        """Fall silent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(self._url, timeout=3, command_timeout=5)
        await self._connection.add_listener(CHANNEL, self._hear)

    async def _speak(self) -> None:
        while True:
            try:
                if self._connection is None or self._connection.is_closed():
                    await self._connect()
                    for callback in self._recovered:
                        callback()
                await self._send_gathered()
            except (*BROKEN, asyncpg.PostgresError) as exc:
                log.warning("bus lost", error=type(exc).__name__)
                if self._connection is not None:
                    self._connection.terminate()
                await asyncio.sleep(RECONNECT_S)

    async def _send_gathered(self) -> None:
        assert self._connection is not None
        try:
            async with asyncio.timeout(1):
                await self._something.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GATHER_S)
        self._something.clear()
        woken, self._woken = self._woken, set()
        facts, self._facts = self._facts, []
        payloads = [self._payload({"w": [str(one) for one in batch]}) for batch in _batches(sorted(woken), 150)]
        for topic, fact in facts:
            payloads += self._pieces(self._payload({"t": topic, "f": fact}))
        notify = "select pg_notify($2, one) from unnest($1::text[]) as one"
        await self._connection.execute(notify, payloads, CHANNEL)

    def _payload(self, content: dict[str, Any]) -> str:
        return json.dumps({"s": self._me, **content}, separators=(",", ":"), default=str)

    def _pieces(self, payload: str) -> list[str]:
        if len(payload) <= PAYLOAD_LIMIT:
            return [payload]
        whole, size = secrets.token_hex(6), PAYLOAD_LIMIT // 3
        parts = [payload[at : at + size] for at in range(0, len(payload), size)]
        return [self._payload({"p": [whole, n, len(parts), part]}) for n, part in enumerate(parts)]

    def _hear(self, _: Any, __: int, ___: str, payload: object) -> None:
        heard = json.loads(str(payload))
        if heard["s"] == self._me:
            return
        if "p" in heard:
            heard = self._joined(*heard["p"])
            if heard is None:
                return
        if "w" in heard:
            accounts = {UUID(one) for one in heard["w"]}
            for waker in self._wakers:
                waker(accounts)
        if "t" in heard:
            self._deliver(heard["t"], heard["f"])

    def _joined(self, whole: str, number: int, count: int, part: str) -> dict[str, Any] | None:
        parts = self._parts.setdefault(whole, {})
        parts[number] = part
        if len(parts) < count:
            while len(self._parts) > PARTS_KEPT:
                self._parts.pop(next(iter(self._parts)))
            return None
        del self._parts[whole]
        joined: dict[str, Any] = json.loads("".join(parts[n] for n in range(count)))
        return joined


def _batches(accounts: list[UUID], size: int) -> list[list[UUID]]:
    return [accounts[at : at + size] for at in range(0, len(accounts), size)]


BUS_TOPIC_SESSION_ENDED = "session.ended"
"""Fact: ``{"account": …, "session": … or null}``; sockets of that session close."""
