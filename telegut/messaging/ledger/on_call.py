"""Who is told when an urgent message stays unread: a list in an order, each with hours, kept by the practice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from telegut.accounts import covering, people
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import Conflict, FieldError, Invalid, Refused
from telegut.messaging.ledger.tables import on_call, on_call_list
from telegut.messaging.promise import parse_staffed_hours
from telegut.scheduling import zones

MANAGING = frozenset({"coordinator", "admin"})
AT_MOST = 50


class OnCallChanged(Conflict):
    """Somebody else has just changed this list. Please look at it again."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody on the list. *hours*: as staffed hours are written, on the clinic's wall; empty: always."""

    person: UUID
    hours: str = ""
    name: str = ""

    def on_duty(self, at: datetime, zone: str) -> bool:
        """Whether they are on call at an instant."""
        wall = zones.on_the_wall(at, zone).replace(tzinfo=None)
        return not self.hours.strip() or parse_staffed_hours(self.hours).open_at(wall)


@dataclass(frozen=True, slots=True)
class OnCallList:
    """The whole list at a version."""

    version: int
    people: tuple[OnCall, ...]

    def as_json(self) -> dict[str, Any]:
        """As it stands in a conflict's ``current``."""
        items = [{"person": str(one.person), "name": one.name, "hours": one.hours} for one in self.people]
        return {"version": self.version, "items": items}


async def read(tx: Transaction) -> OnCallList:
    """The list in its order."""
    version = int(await tx.scalar(select(on_call_list.c.version)) or 0)
    rows = (await tx.execute(select(on_call).order_by(on_call.c.place))).all()
    named = await people.named(tx, {row.person for row in rows})
    return OnCallList(version, tuple(OnCall(row.person, row.hours, named[row.person].name) for row in rows))


@dataclass(frozen=True, slots=True)
class OnCallLists:
    """The clinic's list, for those who run the clinic."""

    db: Database

    async def read(self, caller: Caller) -> OnCallList:
        """
        The list.

        Raises:
            Refused: not for the caller.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            return await read(tx)

    async def has(self, caller: Caller) -> bool:
        """Whether the caller is on the list, at whatever hours: who says that they are away is told so."""
        async with self.db.begin(caller) as tx:
            found = await tx.scalar(select(on_call.c.person).where(on_call.c.person == caller.account).limit(1))
            return found is not None

    async def possible(self, caller: Caller) -> list[Person]:
        """
        Who can be on the list, by name.

        Raises:
            Refused: not for the caller.
        """
        _check_manages(caller)
        async with self.db.begin(caller) as tx:
            return await people.with_role(tx, *covering.CARE_ROLES)

    async def replace(self, caller: Caller, version: int, wanted: Sequence[OnCall]) -> OnCallList:
        """
        Make *wanted* the list.

        Raises:
            Refused: not for the caller. Invalid: too long, hours that cannot be read, or somebody who cannot be in a
            care team. OnCallChanged: not based on the current list.
        """
        _check_manages(caller)
        _check(wanted)
        async with self.db.begin(caller) as tx:
            current = await tx.scalar(select(on_call_list.c.version).with_for_update())
            if current != version:
                raise OnCallChanged(current=(await read(tx)).as_json())
            await _check_people(tx, wanted)
            await tx.execute(delete(on_call))
            rows = [
                {"place": place, "person": one.person, "hours": one.hours.strip()}
                for place, one in enumerate(wanted, start=1)
            ]
            if rows:
                await tx.execute(insert(on_call), rows)
            await tx.execute(update(on_call_list).values(version=version + 1))
            await audit.record(tx, "write", "on_call_list", None, patient=None)
            return await read(tx)


def _check_manages(caller: Caller) -> None:
    if not caller.roles & MANAGING:
        raise Refused("Coordinators and administrators say who is on call.")


def _check(wanted: Sequence[OnCall]) -> None:
    if len(wanted) > AT_MOST:
        raise Invalid(errors=[FieldError("items", f"There can be {AT_MOST} people on this list.")])
    for number, one in enumerate(wanted):
        try:
            parse_staffed_hours(one.hours)
        except Invalid as exc:
            raise Invalid(errors=[FieldError(f"items.{number}.hours", str(exc))]) from exc


async def _check_people(tx: Transaction, wanted: Sequence[OnCall]) -> None:
    for number, one in enumerate(wanted):
        if await people.mail_address(tx, one.person) is None or await covering.care_role(tx, one.person) is None:
            message = "Choose a consultant or nutritionist who works here."
            raise Invalid(errors=[FieldError(f"items.{number}.person", message)])
