"""Who may open which note of a plan, and who may write in it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.rules import Relation
from telegut.careplan import notebook, shelf
from telegut.careplan.notebook import Place
from telegut.careplan.rules import Audience, NotYours
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import NotFound


@dataclass(frozen=True, slots=True)
class NoteDoors:
    """The doors of all notes."""

    db: Database

    async def open(self, caller: Caller, plan: UUID, audience: Audience) -> tuple[Place, Relation]:
        """
        Where the note of *plan* for *audience* is, and how the caller stands to whose plan it is.

        The shared note is for everybody to whom the record is open; team and own notes are for the care team alone, and
        an own note for its author.

        Raises:
            NotYours: there is no such plan for the caller, or this audience is not theirs.
        """
        async with self.db.begin(caller) as tx:
            patient = await shelf.patient_of(tx, plan)
            if patient is None:
                raise NotYours
            relation = await _reader_of(tx, patient, audience)
            place = await notebook.find(tx, patient, plan, audience, caller.account)
            await audit.record(tx, "read", f"{audience.value} note", place.note, patient=patient)
        return place, relation

    async def still_admits(self, caller: Caller, place: Place) -> bool:
        """Whether the caller may still see the note at *place*: care teams change while a note is open."""
        async with self.db.begin(caller) as tx:
            try:
                await _reader_of(tx, place.patient, place.audience)
            except NotFound:
                return False
        return True


async def _reader_of(tx: Transaction, patient: UUID, audience: Audience) -> Relation:
    relation = await care.require(tx, patient)
    if audience is not Audience.SHARED and relation is not Relation.CARE_TEAM:
        raise NotYours
    return relation
