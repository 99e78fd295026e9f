"""
What is asked about links and tickets, made ready once: every request that comes by a link asks who that is.

A ticket is spent by adding the one row of it, which only one of any number of users can, and ends by the database's
clock.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert

from telegut.accounts import people, sessions
from telegut.db.asked import Asked, row_class
from telegut.db.metadata import Id, Timestamp
from telegut.rooms import whole
from telegut.rooms.recordings import store
from telegut.rooms.recordings.tables import recordings
from telegut.rooms.rules.visit import Phase
from telegut.rooms.tables import links, seats, tickets, visits

_RUNNING = or_(visits.c.phase == Phase.OPEN.value, visits.c.phase == Phase.LIVE.value)
IN_TIME = or_(links.c.expires_at.is_(None), links.c.expires_at > func.clock_timestamp())
_GOOD = (links.c.revoked_at.is_(None), IN_TIME)
_WHO = people.people().subquery("who")
_HERS = (links.c.visit == seats.c.visit) & (links.c.account == seats.c.account)

_WHOSE = (
    select(
        links.c.id.label("link"),
        links.c.visit,
        visits.c.patient,
        seats.c.role,
        seats.c.withdrawn,
        (seats.c.admitted & _RUNNING).label("admitted"),
        *_WHO.c,
    )
    .join(visits, visits.c.id == links.c.visit)
    .join(seats, _HERS)
    .join(_WHO, _WHO.c.id == links.c.account)
    .where(links.c.digest == bindparam("digest"), *_GOOD)
)
VISITOR = Asked(_WHOSE)
_WHO_OPENS = _WHOSE.subquery("visitor")
_WHO_OPENS_ROW = row_class([column.key for column in _WHO_OPENS.c])
_OPENED_ROOM = whole.whole().where(visits.c.id == _WHO_OPENS.c.visit).lateral("opened_room")
_NOW = func.clock_timestamp(type_=Timestamp).label("asked_at")
OPENED = Asked(
    select(*_OPENED_ROOM.c, _NOW, *(column.label(f"visitor_{column.key}") for column in _WHO_OPENS.c))
    .select_from(_WHO_OPENS.outerjoin(_OPENED_ROOM, true()))
    .order_by(_OPENED_ROOM.c.position)
)
ADMITTED = Asked(
    select(seats.c.visit, seats.c.account)
    .join(visits, visits.c.id == seats.c.visit)
    .join(links, _HERS)
    .where(seats.c.visit == func.any(bindparam("among", type_=ARRAY(Id))), seats.c.admitted, _RUNNING, *_GOOD)
)
CLOCK = Asked(select(_NOW))
_SAYS = {
    name: bindparam(f"of_{name}", type_=tickets.c[name].type)
    for name in ("digest", "visit", "account", "session", "link", "expires_at")
}
_SPENT = (
    insert(tickets)
    .from_select(
        [*_SAYS, "used_at"],
        select(*_SAYS.values(), func.clock_timestamp()).where(
            _SAYS["expires_at"] > func.clock_timestamp(),
            or_(_SAYS["session"].is_(None), sessions.in_force(_SAYS["session"])),
            or_(_SAYS["link"].is_(None), exists(select(links.c.id).where(links.c.id == _SAYS["link"], *_GOOD))),
        ),
    )
    .on_conflict_do_nothing(index_elements=[tickets.c.digest])
    .returning(tickets.c.visit)
    .cte("spent")
)
_ITS_ROOM = whole.whole().where(visits.c.id == _SPENT.c.visit).lateral("its_room")
_RECORDED = select(recordings.c.id).where(recordings.c.visit == _SPENT.c.visit, store.GOING)
REDEEMED = Asked(
    select(*_ITS_ROOM.c, exists(_RECORDED).label("recorded"))
    .select_from(_SPENT.outerjoin(_ITS_ROOM, true()))
    .order_by(_ITS_ROOM.c.position)
)


def who_opens(row: Any) -> Any:
    """Of a row of `OPENED`, what `VISITOR` would give."""
    return _WHO_OPENS_ROW._make(row[-len(_WHO_OPENS.c) :])
