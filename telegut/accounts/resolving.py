"""
Whom tokens belong to, asked for many requests at once.

Every request of somebody signed in asks. Requests that arrive while a question is at the database share the next one,
so that a busy moment costs a few questions; they go over one connection that is kept for them (see `telegut.db.line`).
Nothing is remembered from one question to the next: a sign-in that has ended is over with the very next request.
"""

from __future__ import annotations

import asyncio

from telegut.accounts import sessions
from telegut.accounts.sessions import Found
from telegut.clock import Clock
from telegut.db.engine import Database

AT_ONCE = 500
"""Tokens of one question at most."""


class Resolver:
    """Answers whom a token belongs to; one for each process."""

    def __init__(self, db: Database, now: Clock) -> None:
        self._line = db.line("telegut sign-ins")
        self._now = now
        self._waiting: dict[bytes, asyncio.Future[Found | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def resolve(self, token: str) -> Found | None:
        """
        Whom *token* belongs to; None when it never was, is over, or its owner was disabled.

        Raises:
            Unavailable: the database cannot be asked.
        """
        secret = sessions.hash_of(token)
        answer = self._waiting.get(secret)
        if answer is None:
            answer = self._waiting[secret] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="whose sign-in")
        return await asyncio.shield(answer)

    async def _ask(self) -> None:
        while self._waiting:
            asked = {one: self._waiting[one] for one in list(self._waiting)[:AT_ONCE]}
            for one in asked:
                del self._waiting[one]
            try:
                found = await sessions.find(self._line, list(asked), now=self._now())
            except BaseException as exc:
                for answer in asked.values():
                    answer.set_exception(exc if isinstance(exc, Exception) else ConnectionError())
                    answer.exception()  # whoever has gone away in the meantime needs no answer
                if not isinstance(exc, Exception):
                    raise
            else:
                for one, answer in asked.items():
                    answer.set_result(found.get(one))
