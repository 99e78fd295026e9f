"""
Taking a seat: which connection has it from now on, and, for whoever mostly comes, all of it in one statement.

Mostly somebody comes back to a seat that is theirs, and nothing else happens. That is decided by the room as it was
read with the ticket, and written by one statement under that very version: when the visit is another one by then, or
somebody else holds it, nothing is written, and it is done again under the visit's lock, which can wait.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, Boolean, Integer, Select, Text, bindparam, exists, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from telegut.db.asked import Asked
from telegut.db.metadata import Id
from telegut.errors import TelegutError
from telegut.rooms import store
from telegut.rooms.events import ARRIVED, ENTERED, RETURNED, Event
from telegut.rooms.rules import commands
from telegut.rooms.rules.step import step
from telegut.rooms.service import Rooms
from telegut.rooms.store import Room
from telegut.rooms.tables import connections, happened, visits

_COMING: Final = frozenset({ARRIVED, ENTERED, RETURNED})
OPEN: Final = connections.c.closed_at.is_(None)
CLOSED: Final = update(connections).where(OPEN).values(closed_at=func.clock_timestamp()).returning(connections.c.id)
_THIS_SEAT = (
    connections.c.visit == bindparam("of_visit", type_=Id),
    connections.c.account == bindparam("of_account", type_=Id),
)


def _opened(*may: Any) -> tuple[Select[Any], CTE]:
    """
    For a seat that changes hands, where *may* holds: is it another device's, end what has it, open the new connection.

    The new row is made from the count of the ended ones, so that those have ended before it is there: the index allows
    one open connection for each seat. Asked twice for the same connection, it is opened once.
    """
    device = bindparam("its_device", type_=Text)
    other = (
        select(connections.c.id)
        .where(*_THIS_SEAT, OPEN, bindparam("returns", type_=Boolean), connections.c.device.is_distinct_from(device))
        .cte("other")
    )
    free = (~exists(select(other.c.id)), *may)
    new = bindparam("new_id", type_=Id)
    ended = CLOSED.where(*_THIS_SEAT, connections.c.id != new, *free).cte("ended")
    count = select(func.count().label("n")).select_from(ended).subquery("ended_first")
    row = {
        "id": new,
        "visit": bindparam("of_visit", type_=Id),
        "account": bindparam("of_account", type_=Id),
        "process": bindparam("new_process", type_=Id),
        "opened_at": func.clock_timestamp(),
        "seen_at": func.clock_timestamp(),
        "device": device,
    }
    opened = (
        insert(connections)
        .from_select([*row], select(*row.values()).select_from(count).where(*free, count.c.n >= 0))
        .on_conflict_do_nothing(index_elements=[connections.c.id])
        .cte("opened")
    )
    elsewhere = select(other.c.id).limit(1).scalar_subquery().label("elsewhere")
    before = select(ended.c.id).limit(1).scalar_subquery().label("before")
    return select(elsewhere, before).add_cte(opened), other


TAKEN: Final = Asked(_opened()[0])
"""Under the visit's lock: which connection has the seat before, or another device's that keeps it."""


def _at_once(*, writes: bool) -> Asked:
    """`TAKEN`, and with *writes* what one person's one step changes, under the version that was known."""
    mine = (
        select(visits.c.id)
        .where(visits.c.id == bindparam("of_visit", type_=Id), visits.c.version == bindparam("known", type_=Integer))
        .with_for_update(key_share=True, skip_locked=True)
        .cte("mine")
    )
    held = exists(select(mine.c.id))
    taking, other = _opened(held)
    taking = taking.add_columns(select(mine.c.id).scalar_subquery().label("mine"))
    if not writes:
        return Asked(taking)
    free = (held, ~exists(select(other.c.id)))
    event = {name: bindparam(f"event_{name}", type_=happened.c[name].type) for name in store.EVENT_VALUES}
    told = insert(happened).from_select([*event], select(*event.values()).where(*free)).cte("told")
    kept = store.KEEPING.where(*free).returning(literal_column("1")).cte("kept")
    seat_kept = store.SEAT_KEEPING.where(*free).returning(literal_column("1")).cte("seat_kept")
    return Asked(taking.add_cte(kept, seat_kept, told))


_AGAIN: Final = _at_once(writes=False)
_BACK: Final = _at_once(writes=True)


async def at_once(rooms: Rooms, known: Room, account: UUID, taking: dict[str, Any]) -> tuple[Room, Any] | None:
    """
    Have *account* come to the room as it was *known* just now; taking: the values of `TAKEN`.

    Returns the room as it is then and the row of `TAKEN`; None when it takes more than that, and nothing was written.
    """
    now = rooms.now()
    try:
        after, events = step(known.visit, commands.Connect(account), now)
    except TelegutError:
        return None  # perhaps not any more
    if known.cancelled or not _is_quiet(events):
        return None
    asked, values = _AGAIN, {}
    if events:
        whole, changed, [event] = store.written(known.visit, after, events, now)
        if [one["of_account"] for one in changed] != [account]:
            return None
        asked, values = _BACK, whole | changed[0] | {f"event_{name}": value for name, value in event.items()}
    try:
        [found] = await rooms.db.keep(asked, **{**values, **taking, "known": known.visit.version})
    except IntegrityError:  # taking a seat over changes no version: another device did that in this very moment
        return None
    if found.mine is None or found.elsewhere is not None:
        return None
    return rooms.back(known, after, events), found


def _is_quiet(events: tuple[Event, ...]) -> bool:
    """Whether nobody outside the room is told of it, and nobody is let in or out."""
    return len(events) <= 1 and all(one.word in _COMING for one in events)
