"""
What is asked about links and tickets, made ready once: every request that comes by a link asks who that is.

A ticket is spent by a single UPDATE that only one of any number of users can win, and it ends by the database's clock.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Interval, bindparam, exists, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.accounts import people
from telegut.db.asked import Asked, row_class
from telegut.db.metadata import Id
from telegut.rooms import whole
from telegut.rooms.rules import Phase
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
OPENED = Asked(
    select(*_OPENED_ROOM.c, *(column.label(f"visitor_{column.key}") for column in _WHO_OPENS.c))
    .select_from(_WHO_OPENS.outerjoin(_OPENED_ROOM, true()))
    .order_by(_OPENED_ROOM.c.position)
)
ADMITTED = Asked(
    select(seats.c.visit, seats.c.account)
    .join(visits, visits.c.id == seats.c.visit)
    .join(links, _HERS)
    .where(seats.c.visit == func.any(bindparam("among", type_=ARRAY(Id))), seats.c.admitted, _RUNNING, *_GOOD)
)
ISSUED = Asked(
    insert(tickets)
    .values(
        {name: bindparam(name) for name in ("digest", "visit", "account", "session", "link")}
        | {"expires_at": func.clock_timestamp() + bindparam("lifetime", type_=Interval)}
    )
    .returning(tickets.c.expires_at)
)
_SPENT = (
    update(tickets)
    .where(
        tickets.c.digest == bindparam("of_digest"),
        tickets.c.used_at.is_(None),
        tickets.c.expires_at > func.clock_timestamp(),
        or_(tickets.c.link.is_(None), exists(select(links.c.id).where(links.c.id == tickets.c.link, *_GOOD))),
    )
    .values(used_at=func.clock_timestamp())
    .returning(tickets.c.visit, tickets.c.account, tickets.c.session, tickets.c.link)
    .cte("spent")
)
_ITS_ROOM = whole.whole().where(visits.c.id == _SPENT.c.visit).lateral("its_room")
REDEEMED = Asked(
    select(*_ITS_ROOM.c, *(column.label(f"ticket_{column.key}") for column in _SPENT.c))
    .select_from(_SPENT.outerjoin(_ITS_ROOM, true()))
    .order_by(_ITS_ROOM.c.position)
)


def who_opens(row: Any) -> Any:
    """Of a row of `OPENED`, what `VISITOR` would give."""
    return _WHO_OPENS_ROW._make(row[-len(_WHO_OPENS.c) :])
