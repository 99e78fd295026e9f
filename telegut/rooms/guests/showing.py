"""
Showing a guest what is shown: each word about it is kept in the record's trail, and so is each look.

What is shown is read anew each time it is asked for, so a yes that was taken back ends it with the next look; and the
page is told at once, like of everything in a visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import insert

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.rooms.guests.panels import AnswerPanels, OfferPanels, shown_to
from telegut.rooms.service import SYSTEM, Rooms, own_seat
from telegut.rooms.store import Room

_VERBS: Final = {None: "stop showing", "asked": "ask to show", "given": "agree to show", "refused": "refuse to show"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a guest is shown of whose record: the *panel* (``report`` or ``plan``), and of a report its id."""

    patient: UUID
    panel: str
    report: UUID | None


@dataclass(frozen=True, slots=True)
class Showing:
    """What guests see of what is shown beside the video."""

    rooms: Rooms

    async def say(self, caller: Caller, visit: UUID, command: OfferPanels | AnswerPanels) -> Room:
        """
        Ask, answer or end it, and keep who did. caller: whose *command* it is.

        Raises:
            NotFound: they have no seat, or nobody has that guest's. Others as the rules refuse.
        """
        if caller.scope is not None and caller.scope.visit != visit:
            raise NotFound

        async def work(tx: Transaction) -> Room:
            room = await self.rooms.load(tx, visit, lock=True)
            own_seat(room, caller)
            before = room.visit.seat(command.guest).panels
            room = await self.rooms.apply(tx, visit, command)
            after = room.visit.seat(command.guest).panels
            if after != before:
                await _keep(tx, caller, _VERBS[after], "panels to a guest", command.guest, room.facts.patient)
            return room

        return await self.rooms.db.run(SYSTEM, work)

    async def look(self, caller: Caller, visit: UUID) -> Shown:
        """
        What the guest *caller* is shown now.

        Raises:
            NotFound: nothing, or no longer.
        """
        room = await self.rooms.view(caller, visit)
        panel = shown_to(room, own_seat(room, caller))
        if panel is None or room.facts.patient is None:
            raise NotFound
        shown = Shown(room.facts.patient, panel["panel"], _id(panel.get("report")))
        async with self.rooms.db.begin(SYSTEM) as tx:
            await _keep(tx, caller, "read", f"shown {shown.panel}", shown.report, shown.patient)
        return shown


async def _keep(
    tx: Transaction, caller: Caller, action: str, what: str, object_id: UUID | None, patient: UUID | None
) -> None:
    row = audit.row(tx, action, what, object_id, patient=patient, caller=caller)
    await tx.execute(insert(audit.entries).values(**row))


def _id(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
