"""
A visit of one patient, read whole in one way to the database: its appointment, its room, its seats and their people.

Everything is of one instant. A group is not read so: its seats follow its appointments, which may have to be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from telegut.accounts import people
from telegut.db.asked import Asked, Asker, row_class
from telegut.rooms import store
from telegut.rooms.store import Room
from telegut.rooms.tables import seats, visits
from telegut.scheduling import appointments, facts

_WHO = people.people().subquery("who")
_AGREED = appointments.alone().subquery("agreed")
_AGREED_ROW = row_class([column.key for column in _AGREED.c])
_VISIT_ROW = row_class([column.key for column in visits.c])
_AT_VISIT: Final = len(_AGREED.c)
_AT_SEAT: Final = _AT_VISIT + len(visits.c)


def whole() -> Select[Any]:
    """A row for each seat: the appointment's columns, the visit's, then the seat's with its person's, by name."""
    agreed = (column.label(f"agreed_{column.key}") for column in _AGREED.c)
    visit = (column.label(f"visit_{column.key}") for column in visits.c)
    together = visits.join(_AGREED, _AGREED.c.visit == visits.c.id).join(seats, seats.c.visit == visits.c.id)
    return select(*agreed, *visit, *seats.c, _WHO.c.name, _WHO.c.zone, _WHO.c.locale, _WHO.c.roles).select_from(
        together.outerjoin(_WHO, _WHO.c.id == seats.c.account)
    )


def room_of(rows: Sequence[Any], opens_before: timedelta) -> Room:
    """The room of *rows* of `whole`, of one visit, seats in order."""
    agreed = facts.of_row(_AGREED_ROW._make(rows[0][:_AT_VISIT]))
    return store.room_of(agreed, _VISIT_ROW._make(rows[0][_AT_VISIT:_AT_SEAT]), rows, opens_before)


_WHOLE = Asked(whole().where(visits.c.id == bindparam("visit")).order_by(seats.c.position))


async def glance(db: Asker, visit: UUID, *, opens_before: timedelta) -> Room | None:
    """
    The room of *visit* as telegut itself reads it, outside of any transaction; None where more than reading is needed:
    nobody has asked for it before, or it is a group.
    """
    rows = await db.ask(_WHOLE, visit=visit)
    return room_of(rows, opens_before) if rows else None
