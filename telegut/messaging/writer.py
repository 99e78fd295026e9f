"""
The message writer: one task of each web process that commits everybody's sends in groups.

Senders queue; the writer takes what has gathered while the last group was being committed, commits it as one
transaction, and then answers every sender. So a busy moment makes larger groups instead of more commits. Nothing is
answered before the commit holds. When the connection breaks, nobody knows whether the commit held: the same group is
tried again, and what was stored is recognised by its ``client_id``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import asyncpg

from telegut import logs
from telegut.clock import Clock
from telegut.db.broken import BROKEN
from telegut.db.engine import RETRIED_STATES
from telegut.db.sealed import Vault
from telegut.errors import Unavailable
from telegut.messaging.batch import Connection, Outcome, Send, Sent, commit
from telegut.messaging.telling import Telling

_log = logs.get("messages")

_IDENTIFY = "set role telegut_app; select set_config('telegut.system', 'on', false)"
_PAUSE_S = 0.02
_LEAST_S = 1.0
"""How long even the last try may take."""


class Busy(Unavailable):
    """Many messages are being sent at this moment. Yours was not sent yet; please try again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    waiting: sends that may queue. batch: sends of one transaction at most. retry_s: how long a group is tried again
    before its senders are told to. answer_s: after how long a database that says nothing counts as lost.
    """

    waiting: int
    batch: int
    retry_s: float
    answer_s: float = 6.0


Settled: TypeAlias = Callable[[Outcome | Exception], None]
"""Told what became of a send: where it is stored, or why not."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    send: Send
    settled: Settled


class Writer:
    """Takes sends from anywhere in this process; runs as one task."""

    def __init__(self, url: str, vault: Vault, *, now: Clock, limits: Limits, tell: Callable[[Telling], None]) -> None:
        """*tell*: called with what a commit has put into whose mailboxes, once its senders have been answered."""
        self._url = url
        self._vault = vault
        self._now = now
        self._limits = limits
        self._tell = tell
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._away = False
        self._untold: list[Telling] = []
        self._answered: list[Callable[[], None]] = []
        self.groups = 0
        self.messages = 0

    def on_answered(self, callback: Callable[[], None]) -> None:
        """Call *callback* when everybody of a group has been told what became of their sends."""
        self._answered.append(callback)

    def queue(self, send: Send, settled: Settled) -> None:
        """
        Queue *send*; *settled* is called when it is stored, or refused.

        Sends of one caller that are queued in order are stored in order.

        Raises:
            Busy: too many are waiting already. Nothing was queued.
        """
        if len(self._queue) >= self._limits.waiting or self._task is None:
            raise Busy(retry_after=1)
        self._queue.append(_Waiting(send, settled))
        if len(self._queue) >= self._limits.waiting:
            self._room.clear()
        self._arrived.set()

    def submit(self, send: Send) -> asyncio.Future[Sent]:
        """As `queue`; the future is done when *send* is stored, or refused."""
        answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        self.queue(send, partial(_resolve, answer))
        return answer

    async def send(self, send: Send) -> Sent:
        """Store *send* and say where; see `submit`."""
        # A sender who goes away does not take the message back: it was handed over.
        return await asyncio.shield(self.submit(send))

    async def room(self, wait_s: float) -> None:
        """
        Wait until the queue has room.

        Raises:
            Busy: it has none after *wait_s*.
        """
        if self._room.is_set():
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._room.wait()
        except TimeoutError as exc:
            raise Busy(retry_after=1) from exc

    def start(self) -> None:
        """Begin to write; `stop` ends it."""
        self._task = asyncio.create_task(self._run(), name="message writer")

    async def stop(self) -> None:
        """Store what has queued, then end."""
        if self._task is None:
            return
        task, self._task = self._task, None
        self._arrived.set()
        await task
        if self._connection is not None:
            self._connection.terminate()

    async def _run(self) -> None:
        while self._task is not None or self._queue:
            await self._arrived.wait()
            group = [self._queue.popleft() for _ in range(min(len(self._queue), self._limits.batch))]
            if len(self._queue) < self._limits.waiting:
                self._room.set()
            if not self._queue and self._task is not None:
                self._arrived.clear()
            if group:
                await self._settle(group)

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        outcomes = await self._stored([one.send for one in group])
        self._settle_all([(one.settled, outcome) for one, outcome in zip(group, outcomes, strict=True)])
        if self._away:
            self._give_up_queued()
        untold, self._untold = self._untold, []
        for telling in untold:  # in turn, but behind the next group's first question: the database works meanwhile
            asyncio.get_running_loop().call_soon(self._told, telling)

    def _settle_all(self, outcomes: Sequence[tuple[Settled, Outcome | Exception]]) -> None:
        for settled, outcome in outcomes:
            settled(outcome)
        for callback in self._answered:
            callback()

    async def _stored(self, sends: Sequence[Send]) -> Sequence[Outcome | Exception]:
        loop = asyncio.get_running_loop()
        deadline, attempt = loop.time() + self._limits.retry_s, 0
        while True:
            attempt += 1
            try:
                with self._given_up_at(min(loop.time() + self._limits.answer_s, max(deadline, loop.time() + _LEAST_S))):
                    return await self._commit(sends)
            except BROKEN as exc:
                _log.warning("writer lost the database", error=type(exc).__name__, attempt=attempt)
                self._drop_connection()
                pause = _PAUSE_S * 2 ** min(attempt, 5)
            except asyncpg.PostgresError as exc:
                if exc.sqlstate not in RETRIED_STATES:
                    return await self._one_by_one(sends, exc)
                pause = _PAUSE_S
            except Exception as exc:
                return await self._one_by_one(sends, exc)
            if loop.time() + pause > deadline:
                self._away = True
                return [Unavailable(retry_after=1) for _ in sends]
            await asyncio.sleep(pause)

    @contextmanager
    def _given_up_at(self, when: float) -> Iterator[None]:
        """
        Cut the connection at *when*, in the loop's time.

        A time limit of asyncpg's would not do: it asks the server to cancel and waits for that as well, and a database
        that is silent says nothing to either.
        """
        timer = asyncio.get_running_loop().call_at(when, self._cut)
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        if self._connection is not None:
            self._connection.terminate()

    def _give_up_queued(self) -> None:
        """Whoever queued behind a group that was given up goes the same way: nobody's later words may come first."""
        self._away = False
        self._settle_all([(one.settled, Unavailable(retry_after=1)) for one in self._queue])
        self._queue.clear()
        self._room.set()

    async def _one_by_one(self, sends: Sequence[Send], exc: Exception) -> Sequence[Outcome | Exception]:
        """One send that cannot be stored must not take the others with it."""
        if len(sends) == 1:
            _log.error("message not stored", error=type(exc).__name__, where=logs.where(exc))
            return [exc]
        return [outcome for send in sends for outcome in await self._stored([send])]

    async def _commit(self, sends: Sequence[Send]) -> list[Outcome]:
        connection = await self._connected()
        committed = await commit(connection, self._vault, sends, self._now(), lambda: bool(self._queue))
        self.groups += 1
        self.messages += len(sends)
        if committed.told.appended.ends:
            self._untold.append(committed.told)
        return committed.outcomes

    def _told(self, telling: Telling) -> None:
        try:
            self._tell(telling)
        except Exception as exc:  # what is stored is stored: open feeds find it in their mailboxes
            _log.error("commit not told", error=type(exc).__name__, where=logs.where(exc))

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url,
                timeout=3,
                command_timeout=2 * self._limits.answer_s,
                server_settings={
                    "application_name": "telegut message writer",
                    "statement_timeout": "5000",
                    "lock_timeout": "3000",
                    # What we lost without the server knowing must not keep a conversation's lock.
                    "idle_in_transaction_session_timeout": "5000",
                    "tcp_user_timeout": "10000",
                },
            )
            await self._connection.execute(_IDENTIFY)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None


def _resolve(answer: asyncio.Future[Sent], outcome: Outcome | Exception) -> None:
    if answer.done():
        return
    if isinstance(outcome, Sent):
        answer.set_result(outcome)
    else:
        answer.set_exception(outcome)
        answer.exception()  # a sender who went away is no error of ours
