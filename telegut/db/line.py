"""
A connection of its own for one question that is asked all the time, outside of any transaction.

One way to the database and back for each asking. It is telegut's own (`Caller.system`) from the moment it is opened,
under the role of the application, so that row-level security judges it as it judges every transaction. A connection
that turns out to be broken is opened again and asked once more: what is asked over a line may be asked twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from telegut.db.broken import BROKEN
from telegut.errors import Unavailable

IDENTIFY: Final = "set role telegut_app; select set_config('telegut.system', 'on', false)"
CONNECT_S: Final = 3.0


class Line:
    """
    One connection, opened when it is needed first.

    name: as it is called in the database's list of connections. answer_s: seconds that an answer may take. lasting:
    what is written over it must outlive a crash of the database, and waits for the disk. by_key: what is asked over it
    finds rows by their keys, for which one plan is as good as any: made once, and not anew for each of the first five.
    """

    def __init__(
        self, url: str, name: str, *, answer_s: float = 5.0, lasting: bool = False, by_key: bool = False
    ) -> None:
        self._url = url
        self._name = name
        self._answer_s = answer_s
        # What is written over most lines may be lost when the machine stops: nobody waits for the disk.
        self._settings = {"synchronous_commit": "on" if lasting else "off"}
        if by_key:
            self._settings |= {"plan_cache_mode": "force_generic_plan"}
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def ask(self, statement: str, *values: Any) -> Sequence[Any]:
        """
        The rows that *statement* gives for *values*, with names.

        Raises:
            Unavailable: the database does not answer.
        """
        async with self._one_at_a_time:
            try:
                return await self._ask(statement, values)
            except BROKEN:
                self.close()
            try:
                return await self._ask(statement, values)
            except BROKEN as exc:
                self.close()
                raise Unavailable from exc

    def close(self) -> None:
        """Hang up; the next question opens it again."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None

    async def _ask(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._opened()
        found: Sequence[Any] = await self._connection.fetch(statement, *values)
        return found

    async def _opened(self) -> Any:
        opened = await asyncpg.connect(
            self._url,
            timeout=CONNECT_S,
            command_timeout=self._answer_s,
            server_settings={
                "application_name": self._name,
                "statement_timeout": str(int(self._answer_s * 1000)),
                **self._settings,
            },
        )
        # As on the connections of the pool, where SQLAlchemy sees to it.
        await opened.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        await opened.execute(IDENTIFY)
        return opened
