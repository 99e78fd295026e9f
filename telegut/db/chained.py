"""
Transactions of one connection that follow each other closely, over raw asyncpg.

Where the next one is known to come, its beginning goes to the database with the end of the last (``COMMIT AND CHAIN``,
SQL:1999), which saves each of them a round trip.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def chained(connection: Any, more: Callable[[], bool]) -> AsyncIterator[None]:
    """
    One transaction of *connection*; *more*: asked at its end, whether another one follows at once.

    An exception takes back what was done. Every other one of *connection* has to begin here as well.
    """
    if not connection.is_in_transaction():
        await connection.execute("begin")
    try:
        yield
    except BaseException:
        if not connection.is_closed():
            await connection.execute("rollback")
        raise
    await connection.execute("commit and chain" if more() else "commit")
