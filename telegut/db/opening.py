"""
Transactions that begin and say who is asking in one way to the database and back.

asyncpg sends ``BEGIN`` by itself; the identity that has to follow would cost every transaction another round trip. So
the connections of the pool are told what the next transaction opens with, and send both together.
"""

from __future__ import annotations

import re
from typing import Any, Final

import asyncpg

_HARMLESS: Final = re.compile(r"[0-9A-Za-z_.-]*")


def local_settings(values: dict[str, str]) -> str:
    """
    The statement that gives settings their values until the transaction ends.

    It cannot have parameters, because it goes together with another statement; so names and values are ours: ids,
    words and numbers.

    Raises:
        ValueError: a name or a value has a character that none of these has.
    """
    for word in (*values, *values.values()):
        if not _HARMLESS.fullmatch(word):
            raise ValueError("not a name or a value of a setting of ours")
    return "select " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in values.items())


class OpeningConnection(asyncpg.Connection):  # type: ignore[misc]
    """
    A connection whose next transaction opens with a statement of ours.

    What is asked of it without SQLAlchemy may come first; then the transaction is begun for that, SQLAlchemy finds it
    begun, and `finish` ends it where SQLAlchemy has not heard of it at all.
    """

    __slots__ = ("_begun", "_opening")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._opening = ""
        self._begun: _Opening | None = None

    def open_with(self, statement: str) -> None:
        """Send *statement* with the ``BEGIN`` of the next transaction, and of no other."""
        self._opening = statement

    def transaction(self, **how: Any) -> Any:
        """As asyncpg's; SQLAlchemy asks for it right before its first statement of a transaction."""
        if self._begun is not None:
            begun, self._begun = self._begun, None
            return begun
        opening, self._opening = self._opening, ""
        if not opening or any(how.values()):
            return super().transaction(**how)
        return _Opening(self, opening)

    async def begin_now(self) -> None:
        """See that the transaction which was to open with a statement of ours has begun."""
        if self._opening:
            opening, self._opening = self._opening, ""
            begun = _Opening(self, opening)
            await begun.start()
            self._begun = begun

    async def finish(self, *, well: bool) -> None:
        """End the transaction that SQLAlchemy has not heard of, if there is one."""
        begun, self._begun = self._begun, None
        if begun is None or (self.is_closed() and not well):
            return
        try:
            await (begun.commit() if well else begun.rollback())
        except BaseException:
            # It is not known whether it goes on: nobody may come into it.
            self.terminate()
            raise


class _Opening:
    """A transaction that is begun, and ended, once. Savepoints in it are SQLAlchemy's own."""

    __slots__ = ("_connection", "_opening", "_started")

    def __init__(self, connection: OpeningConnection, opening: str) -> None:
        self._connection = connection
        self._opening = opening
        self._started = False

    async def start(self) -> None:
        if self._started:
            return
        self._started = True
        try:
            await self._connection.execute(f"begin; {self._opening}")
        except BaseException:
            # Nobody may go on with a connection of which it is not known who it believes is asking.
            self._connection.terminate()
            raise

    async def commit(self) -> None:
        await self._connection.execute("commit")

    async def rollback(self) -> None:
        await self._connection.execute("rollback")
