"""
What is new to somebody in a conversation: messages of others behind their marker, and other words for a message that
they have read already. Who has not read the first words yet reads the last ones at once: those are no news twice.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_, select

from telegut.messaging.rules import EntryType
from telegut.messaging.tables import entry, member

_FIRST = entry.alias("first_words")
_LATER = entry.alias("later_words")
_OVERTAKING = (EntryType.EDITED.value, EntryType.RETRACTED.value)


def is_news(row: FromClause, account: ColumnElement[UUID] | UUID) -> ColumnElement[bool]:
    """Whether *row* of the log (or an alias of it) is news to *account*, whose row of `member` is joined."""
    first = select(1).where(_FIRST.c.id == row.c.about, _FIRST.c.seq <= member.c.read_up_to)
    # However deep this stands in a statement, the row and the member are those around it.
    was_read = exists(first.correlate_except(_FIRST))
    # Of many edits the last one is the news, and none of a message that was taken back.
    later = select(1).where(_LATER.c.about == row.c.about, _LATER.c.seq > row.c.seq, _LATER.c.type.in_(_OVERTAKING))
    is_last = ~exists(later.correlate_except(_LATER))
    return and_(
        row.c.seq > member.c.read_up_to,
        row.c.sender != account,
        or_(row.c.type == EntryType.SENT.value, and_(row.c.type == EntryType.EDITED.value, was_read, is_last)),
    )
