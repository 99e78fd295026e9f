"""A piece of telegut's own work inside somebody else's transaction: what follows from their act, and is not theirs to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegut.db.caller import Caller
from telegut.db.engine import Transaction, identify


@asynccontextmanager
async def standing_in(tx: Transaction, caller: Caller) -> AsyncIterator[Transaction]:
    """
    *tx* as *caller* for the length of the block: the database sees who is asking, and so does the audit trail.

    A savepoint of its own: when the block fails, what it did is undone and the first caller stands again, so that
    whoever opened *tx* may go on. Whom it told is woken with the rest, once *tx* holds.
    """
    inner = tx.on_behalf_of(caller)
    async with tx.connection.begin_nested():
        await identify(tx.connection, caller)
        yield inner
        await identify(tx.connection, tx.caller)
