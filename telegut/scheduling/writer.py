"""
The booking writer: one task of each web process that books everybody's wishes in groups.

Requests queue; the writer takes what has gathered while the last group was being committed, books it as one transaction
in the order of arrival, and then answers everybody. So a busy moment makes larger groups instead of more commits and
longer queues for the same calendar. Nothing is answered before the commit holds.

The ``Idempotency-Key`` of each request is taken, and its answer kept, in the same transaction as the effect. Nearly all
are new, so a group begins as if all were: a key that was used before violates its constraint, nothing was booked then,
and the group goes again with every key claimed before anything is decided.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from telegut import logs
from telegut.db.caller import Caller
from telegut.db.engine import RETRIED_STATES, Database, Setting, Transaction, sql_state
from telegut.db.many import Together
from telegut.db.sealed import Vault
from telegut.errors import TelegutError, Unavailable
from telegut.scheduling.arranging import Outcome, Request, arrange
from telegut.web.idempotency import Attempt, FirstAnswer, Ledger

_log = logs.get("booking")

SYSTEM = Caller.system("group of bookings")

_HASTE: Setting = ("lock_timeout", "300")
"""How long a group waits for a lock, in milliseconds, before those who can go on without it do; two writers of two
processes wait less for each other."""

PATIENT_GROUPS = 4
"""Groups that wait for a lock at one time, each with a connection of its own."""


class Busy(Unavailable):
    """Very many people are booking at this moment. Nothing is booked yet; please try again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """waiting: requests that may queue. group: requests of one transaction at most."""

    waiting: int
    group: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What is answered. *again*: it had been answered before, under the same key."""

    answer: FirstAnswer
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: Request
    attempt: Attempt | None
    settled: asyncio.Future[Settled]


class BookingWriter:
    """
    Takes requests from anywhere in this process; runs as one task.

    answer: how a booking or a refusal is put to the one who asked. It is called inside the transaction.
    """

    def __init__(
        self,
        db: Database,
        vault: Vault,
        ledger: Ledger,
        *,
        answer: Callable[[Request, Outcome], FirstAnswer],
        limits: Limits,
    ) -> None:
        self._db = db
        self._vault = vault
        self._ledger = ledger
        self._answer = answer
        self._limits = limits
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._patient: set[asyncio.Task[None]] = set()
        self._few = asyncio.Semaphore(PATIENT_GROUPS)
        self.groups = 0
        self.requests = 0

    async def book(self, request: Request, attempt: Attempt | None = None) -> Settled:
        """
        Queue *request* and wait for what came of it; a refusal is an answer too.

        Raises:
            Busy: too many are waiting already. Nothing was queued. Unavailable: the database did not take it.
        """
        if len(self._queue) >= self._limits.waiting or self._task is None:
            raise Busy(retry_after=1)
        settled: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(request, attempt, settled))
        self._arrived.set()
        # Whoever goes away does not take the wish back: it was handed over, and its key finds the answer later.
        return await asyncio.shield(settled)

    def start(self) -> None:
        """Begin to book; `stop` ends it."""
        self._task = asyncio.create_task(self._run(), name="booking writer")

    async def stop(self) -> None:
        """Book what has queued, then end."""
        if self._task is None:
            return
        task, self._task = self._task, None
        self._arrived.set()
        await task
        await asyncio.gather(*self._patient)

    async def _run(self) -> None:
        while self._task is not None or self._queue:
            await self._arrived.wait()
            group = self._next_group()
            if not self._queue and self._task is not None:
                self._arrived.clear()
            if group:
                await self._settle(group)

    def _next_group(self) -> list[_Waiting]:
        """Who came first; a second request with the same key waits for the answer of the first."""
        group: list[_Waiting] = []
        keys: set[tuple[object, str, str]] = set()
        while self._queue and len(group) < self._limits.group:
            this = self._queue[0].attempt
            if this is not None:
                place = (this.account, this.target, this.key)
                if place in keys:
                    break
                keys.add(place)
            group.append(self._queue.popleft())
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        self.groups += 1
        self.requests += len(group)
        outcomes = await self._hastily(group)
        if outcomes is not None:
            _tell(group, outcomes)
            return
        # Somebody's calendar stays locked. Those who want other people's time go on; nobody else waits for these.
        for part in apart(group):
            task = asyncio.create_task(self._settle_patiently(part), name="bookings that wait")
            self._patient.add(task)
            task.add_done_callback(self._patient.discard)

    async def _settle_patiently(self, group: Sequence[_Waiting]) -> None:
        async with self._few:
            _tell(group, await self._outcomes(group))

    async def _hastily(self, group: Sequence[_Waiting]) -> Sequence[Settled | Exception] | None:
        """Book a group without waiting long for any lock; None: one stays taken."""
        try:
            async with self._db.begin(SYSTEM, setting=_HASTE) as tx:
                return await self._book_anew(tx, group)
        except Unavailable as exc:
            return [exc for _ in group]
        except DBAPIError as exc:
            if sql_state(exc) in RETRIED_STATES:
                return None
            return await self._outcomes(group)
        except Exception:
            return await self._outcomes(group)

    async def _outcomes(self, group: Sequence[_Waiting]) -> Sequence[Settled | Exception]:
        try:
            return await self._db.run(SYSTEM, lambda tx: self._book(tx, group))
        except Unavailable as exc:
            return [exc for _ in group]
        except Exception as exc:
            if len(group) == 1:
                return [await self._alone(group[0], exc)]
        # One request that cannot be booked must not take the others with it.
        return [outcome for one in group for outcome in await self._outcomes([one])]

    async def _alone(self, one: _Waiting, exc: Exception) -> Settled | Exception:
        """What to answer when the transaction of a single request was lost."""
        if not isinstance(exc, TelegutError):
            _log.error("booking failed", error=type(exc).__name__, where=logs.where(exc))
            return exc
        settled = Settled(self._answer(one.request, exc))
        if one.attempt is not None:
            async with self._db.begin(SYSTEM) as tx:
                if await self._ledger.claim(tx, one.attempt) is None:
                    await self._ledger.keep(tx, one.attempt, settled.answer)
        return settled

    async def _book_anew(self, tx: Transaction, group: Sequence[_Waiting]) -> list[Settled]:
        """Book a group none of whose keys was used before; otherwise the transaction is lost."""
        settled: list[Settled] = []

        def answer(outcomes: Sequence[Outcome], together: Together) -> None:
            settled[:] = [Settled(self._answer(one.request, it)) for one, it in zip(group, outcomes, strict=True)]
            kept = [(one.attempt, it.answer) for one, it in zip(group, settled, strict=True) if one.attempt]
            self._ledger.keep_together(together, kept)

        await arrange(tx, self._vault, [one.request for one in group], answer)
        return settled

    async def _book(self, tx: Transaction, group: Sequence[_Waiting]) -> list[Settled]:
        """Book a group of which some may have been answered before."""
        settled = await self._recognised(tx, group)
        fresh = [place for place, one in enumerate(settled) if one is None]
        outcomes = await arrange(tx, self._vault, [group[place].request for place in fresh])
        kept: list[tuple[Attempt, FirstAnswer]] = []
        for place, outcome in zip(fresh, outcomes, strict=True):
            one = group[place]
            answer, this = self._answer(one.request, outcome), one.attempt
            settled[place] = Settled(answer)
            if this is not None:
                kept.append((this, answer))
        await self._ledger.keep_all(tx, kept)
        return [one for one in settled if one is not None]

    async def _recognised(self, tx: Transaction, group: Sequence[_Waiting]) -> list[Settled | None]:
        """The answers to keys that were used before; from here on nobody else uses the others."""
        settled: list[Settled | None] = [None] * len(group)
        places = [place for place, one in enumerate(group) if one.attempt is not None]
        these = [this for one in group if (this := one.attempt) is not None]
        for place, found in zip(places, await self._ledger.claim_all(tx, these), strict=True):
            if isinstance(found, FirstAnswer):
                settled[place] = Settled(found, again=True)
            elif found is not None:
                settled[place] = Settled(self._answer(group[place].request, found))
        return settled


def apart(group: Sequence[_Waiting]) -> list[list[_Waiting]]:
    """The requests in parts that have no practitioner in common, each in the order of arrival."""
    parts: list[tuple[set[UUID], list[tuple[int, _Waiting]]]] = []
    for place, one in enumerate(group):
        people, members = set(one.request.practitioners), [(place, one)]
        for part in [part for part in parts if part[0] & people]:
            parts.remove(part)
            people |= part[0]
            members += part[1]
        parts.append((people, members))
    return [[one for _, one in sorted(members, key=itemgetter(0))] for _, members in parts]


def _tell(group: Sequence[_Waiting], outcomes: Sequence[Settled | Exception]) -> None:
    for one, outcome in zip(group, outcomes, strict=True):
        if one.settled.done():
            continue
        if isinstance(outcome, Settled):
            one.settled.set_result(outcome)
        else:
            one.settled.set_exception(outcome)
            one.settled.exception()  # somebody who went away is no error of ours
