"""
Which messages of a log were sent by the clock, for statements: nobody was there when they went out.

`messaging_scheduled` names each by its number, in the transaction that put it into the log; the writer of messages
knows nothing of it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_, exists, literal, select

from telegut.messaging.scheduled.tables import scheduled


def sent_later(entry: FromClause) -> ColumnElement[bool]:
    """Whether a row of *entry* (the log, or an alias of it) is a message that was sent by the clock."""
    return exists(select(literal(1)).select_from(scheduled).where(names(entry)))


def names(entry: FromClause) -> ColumnElement[bool]:
    """Whether a row of `scheduled` became the row of *entry*. Found by the index of ``messaging_scheduled_once``."""
    return and_(
        scheduled.c.conversation == entry.c.conversation,
        scheduled.c.sender == entry.c.sender,
        scheduled.c.client_id == entry.c.client_id,
        scheduled.c.seq == entry.c.seq,
    )
