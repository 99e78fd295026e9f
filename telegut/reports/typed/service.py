"""
Typing what stands in a PDF or a photo, and looking at it a second time.

The file is never read by a program. Typing again makes another number of it; the older one stays with who typed it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from telegut.accounts import care
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import Conflict, Invalid
from telegut.reports import shelf, told
from telegut.reports.confirming import NamesNotKnown
from telegut.reports.formats.refusals import PictureNotRead
from telegut.reports.formats.typed import FORMAT
from telegut.reports.service import Received, Reports
from telegut.reports.shelf import Stored
from telegut.reports.told import Told
from telegut.reports.typed.rules import Line, kept, problems, unanswered
from telegut.reports.typed.tables import look, typed

_TO_CONFIRM = "Send `confirmed` as true with each that is a group of bacteria or other organisms; leave out the others."


class NothingToType(Conflict):
    """This report is not a PDF or a picture, or somebody has just typed it."""


class OwnTyping(Conflict):
    """The second look is somebody else's: whoever typed it reads what they meant."""


class LookedAlready(Conflict):
    """Somebody has compared it with the document already."""


@dataclass(frozen=True, slots=True)
class Document:
    """A report whose file is a document, and what was typed of it so far."""

    report: Stored
    lines: tuple[Line, ...]
    told: Told | None


@dataclass(frozen=True, slots=True)
class Typing:
    """The service."""

    db: Database
    vault: Vault
    now: Clock
    reports: Reports

    async def document(self, caller: Caller, report: UUID) -> Document:
        """
        The document with what was typed of it.

        Raises:
            NothingToType: the file is no document.
            NotFound: there is no such report, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            stored, key = await self._document(tx, report, write=False)
            said = await told.for_the_reader(tx, self.vault, key, report)
            who = await told.of_report(tx, self.vault, key, report)
            await audit.record(tx, "read", "typed report", report, patient=stored.patient)
        return Document(stored, tuple(Line(**row) for row in (said or {}).get("rows", ())), who)

    async def type(self, caller: Caller, report: UUID, version: int, lines: Sequence[Line]) -> Received:
        """
        Keep what *caller* typed, and make the report of it.

        Raises:
            NothingToType: it moved on from *version*, or is no document. Invalid: see `rules.problems`.
            NamesNotKnown: names are not known, and nobody said that they are groups of organisms.
            NotFound, Refused: the record is not open to the caller, or only for reading.
        """
        if wrong := problems(lines):
            raise Invalid(errors=wrong)
        if asked := unanswered(lines):
            fields = [f"rows.{at}.confirmed" for at in asked]
            raise NamesNotKnown([lines[at].name for at in asked], fields, _TO_CONFIRM)
        async with self.db.begin(caller) as tx:
            stored, key = await self._document(tx, report, write=True)
            changed = await told.order_again(tx, report, version, ("refused", "ready"))
            if changed is None:
                raise NothingToType(current={"id": str(report), "state": stored.state, "version": stored.version})
            await self._keep(tx, key, report, lines)
            await audit.record(tx, "write", "typed report", report, patient=stored.patient)
            return await self.reports.again(tx, report, changed, stored.patient)

    async def look(self, caller: Caller, report: UUID, number: int) -> Told:
        """
        Say that what was typed is what stands in the document.

        Raises:
            NothingToType: nothing was typed, or typing *number* is not the newest any more.
            OwnTyping: the caller typed it. LookedAlready: somebody did it before.
            NotFound, Refused: the record is not open to the caller, or only for reading.
        """
        with on_violation(reports_typed_look_second_check=OwnTyping, reports_typed_look_once=LookedAlready):
            async with self.db.begin(caller) as tx:
                stored, key = await self._document(tx, report, write=True)
                who = await told.of_report(tx, self.vault, key, report)
                if who is None or who.number != number:
                    raise NothingToType
                if who.by == caller.account:
                    raise OwnTyping
                values = {"report": report, "number": number, "typed_by": who.by, "looked_by": caller.account}
                await tx.execute(
                    insert(look).values(id=new_id(), patient=stored.patient, looked_at=self.now(), **values)
                )
                await audit.record(tx, "write", "second look at a typed report", report, patient=stored.patient)
                found = await told.of_report(tx, self.vault, key, report)
                assert found is not None
                return found

    async def _document(self, tx: Transaction, report: UUID, *, write: bool) -> tuple[Stored, PatientKey]:
        patient = await shelf.patient_of(tx, report)
        await care.require(tx, patient, write=write)
        key = await self.vault.key(tx, patient)
        stored = await shelf.one(tx, self.vault, key, report)
        if not is_document(stored):
            raise NothingToType(current={"id": str(report), "state": stored.state, "version": stored.version})
        return stored, key

    async def _keep(self, tx: Transaction, key: PatientKey, report: UUID, lines: Sequence[Line]) -> None:
        before = await tx.scalar(select(func.max(typed.c.number)).where(typed.c.report == report))
        id = new_id()
        words: list[dict[str, Any]] = [asdict(line) for line in kept(lines)]
        await tx.execute(
            insert(typed).values(
                id=id,
                patient=key.patient,
                report=report,
                number=(before or 0) + 1,
                lines=self.vault.seal(typed.c.lines, key, id, json.dumps(words)),
                typed_by=tx.caller.account,
                typed_at=self.now(),
            )
        )


def is_document(stored: Stored) -> bool:
    """Whether the report is a PDF or a picture: refused as one, or made of what was typed from it."""
    if stored.state == "ready":
        return (stored.answer or {}).get("format") == FORMAT
    return stored.state == "refused" and (stored.problem or {}).get("code") == PictureNotRead.code
