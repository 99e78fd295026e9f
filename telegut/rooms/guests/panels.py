"""
Whether a guest sees what a host shows beside the video: a host asks, the patient's side says, and takes it back. Pure.

Nobody but an interpreter or a supporter can be shown anything, and only the report or the plan that a host shows at
this very moment. Not asked means no. It ends with the visit, and whenever the guest, or every host, is out of the room.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from telegut.errors import Conflict
from telegut.rooms import events
from telegut.rooms.door.rules import NotYours
from telegut.rooms.events import Event
from telegut.rooms.rules.commands import Happened
from telegut.rooms.rules.people import check_host
from telegut.rooms.rules.refusals import NoRecordHere
from telegut.rooms.rules.visit import Phase, Place, Seat, Visit, with_seat
from telegut.rooms.sight import SHOWN_PANELS
from telegut.rooms.store import Room

SHOWN: Final = frozenset({"report", "plan"})
"""Panels that a guest can be shown. The chat and the diary are for those whose record it is."""


class NotForThisPart(Conflict):
    """What is in a record can be shown to an interpreter or a supporter, if the patient agrees, and to nobody else."""


@dataclass(frozen=True, slots=True)
class OfferPanels:
    """The host *by* asks the patient whether *guest* may see what is shown; or, not *shown*, ends it."""

    by: UUID
    guest: UUID
    shown: bool

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """
        Asking again after a no asks again; while a yes holds it is silent.

        Raises:
            NotTheHost: a guest wishes it. NoRecordHere: it is a group. NotForThisPart: to this part nothing is shown.
        """
        check_host(visit, self.by)
        seat = visit.seat(self.guest)
        if any(one.patient for one in visit.seats):
            raise NoRecordHere
        if seat.role not in SHOWN_PANELS:
            raise NotForThisPart
        if (self.shown and seat.panels in {"asked", "given"}) or (not self.shown and seat.panels is None):
            return visit, ()
        word = events.PANELS_ASKED if self.shown else events.PANELS_ENDED
        changed = replace(seat, panels="asked" if self.shown else None)
        return with_seat(visit, changed), (Event(word, seat.account, self.by),)


@dataclass(frozen=True, slots=True)
class AnswerPanels:
    """The patient's side says whether *guest* may see what is shown; a no ends it at once."""

    by: UUID
    guest: UUID
    agreed: bool

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """
        Only what was asked can be answered; it can be said again, either way, as long as the visit lasts.

        Raises:
            NotYours: somebody else answers. NotAPlaceHere: there is no such person.
        """
        if not visit.seat(self.by).guest:
            raise NotYours
        seat = visit.seat(self.guest)
        answer = "given" if self.agreed else "refused"
        if seat.panels is None or seat.panels == answer:
            return visit, ()
        word = events.PANELS_GIVEN if self.agreed else events.PANELS_REFUSED
        return with_seat(visit, replace(seat, panels=answer)), (Event(word, seat.account, self.by),)


def shown_to(room: Room, seat: Seat) -> dict[str, Any] | None:
    """What *seat*, a guest, is shown now: the name of a panel and ids; None for nothing."""
    visit, panel = room.visit, room.panel
    allowed = seat.panels == "given" and seat.role in SHOWN_PANELS and not room.is_group
    if not allowed or visit.phase is Phase.ENDED or room.cancelled or seat.state is not Place.INSIDE:
        return None
    if panel is None or panel.get("panel") not in SHOWN or not any(one.host for one in visit.inside()):
        return None
    return panel
