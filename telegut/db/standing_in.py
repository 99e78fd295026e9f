"""A piece of telegut's own work inside another caller's transaction: what follows from their act, and is not theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from telegut.db.caller import Caller
from telegut.db.engine import Transaction, identify

# What PostgreSQL believes may be more than the caller says: see `telegut.scheduling.links`.
_BELIEVED = text(
    "select coalesce(current_setting('telegut.account', true), '') as account,"
    " coalesce(current_setting('telegut.system', true), '') as system,"
    " coalesce(current_setting('telegut.scope_patient', true), '') as scope_patient"
)
_BELIEVE = text(
    "select set_config('telegut.account', :account, true), set_config('telegut.system', :system, true),"
    " set_config('telegut.scope_patient', :scope_patient, true)"
)


@asynccontextmanager
async def standing_in(tx: Transaction, caller: Caller) -> AsyncIterator[Transaction]:
    """
    *tx* as *caller* for the length of the block: the database sees who is asking, and so does the audit trail.

    A savepoint of its own: when the block fails, what it did is undone and the first caller stands again, so that
    whoever opened *tx* may go on. Whom it told is woken with the rest, once *tx* holds.
    """
    inner = tx.on_behalf_of(caller)
    async with tx.connection.begin_nested():
        before = (await tx.execute(_BELIEVED)).one()._asdict()
        await identify(tx.connection, caller)
        yield inner
        await tx.execute(_BELIEVE, before)
