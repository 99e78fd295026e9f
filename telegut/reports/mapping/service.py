"""
What the care team can do with a table that nobody knows: look at it, say what its columns mean, have it read.

What was said may be kept under the laboratory's name. It is offered when a table with the same headings comes again and
never applied by itself; a better one is a new version, and every report keeps the version by which it was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from telegut.accounts import care
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import Vault
from telegut.errors import Conflict, FieldError, Invalid, NotFound
from telegut.reports import shelf as reports_shelf
from telegut.reports import told
from telegut.reports.confirming import Confirmed, NamesNotKnown, merged
from telegut.reports.formats.mapped import of_excerpt
from telegut.reports.formats.mapped_names import excerpt_of_names, names_to_ask
from telegut.reports.formats.mapping import ColumnMapping, fits, problems, signature
from telegut.reports.mapping import shelf
from telegut.reports.mapping.preview import Preview, preview
from telegut.reports.mapping.shelf import Description
from telegut.reports.service import Received, Reports
from telegut.reports.shelf import Stored

MOST_DESCRIPTIONS = 500
"""Laboratories that one clinic works with, many times over; more are not listed."""


_TO_CONFIRM = (
    "Send those that are groups of bacteria or other organisms in `confirmed`; with `unknown` as `leave_out` the "
    "others are left out, and the report says so."
)


class NothingToExplain(Conflict):
    """This report does not wait for somebody to say what its columns mean."""


class DescriptionChanged(Conflict):
    """Somebody has just saved another version of this description. Please look at it again."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A table that waits for a description. *excerpt*: see `telegut.reports.formats.mapped.excerpt`."""

    report: Stored
    excerpt: Mapping[str, Any]
    fitting: list[Description]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """
    What a person said. laboratory: keep it under this name. description: as a new version of this one.

    confirmed: the names, of those that are not known, that are groups of organisms; ``None``: those that were confirmed
    for the description before. leave_out: the others are left out, and the report says so.
    """

    mapping: ColumnMapping
    confirmed: tuple[str, ...] | None = None
    leave_out: bool = False
    laboratory: str = ""
    description: UUID | None = None
    description_number: int | None = None


@dataclass(frozen=True, slots=True)
class LaboratoryTables:
    """The service."""

    db: Database
    vault: Vault
    now: Clock
    reports: Reports

    async def unread(self, caller: Caller, report: UUID) -> Unread:
        """
        The first rows of the table, and the descriptions that were made for such headings.

        Raises:
            NothingToExplain: it is no such table, or it has been explained.
            NotFound: there is no such report, or its record is not open to the caller.
        """
        async with self.db.begin(caller) as tx:
            stored, _ = await self._table(tx, report, write=False)
            excerpt = _excerpt(stored)
            headings = tuple(excerpt["headings"])
            known = await shelf.newest(tx, self.vault, limit=MOST_DESCRIPTIONS)
            await audit.record(tx, "read", "report table", report, patient=stored.patient)
        fitting = [one for one in known if one.offered and fits(one.mapping, headings, frozenset(one.headings))]
        return Unread(stored, excerpt, fitting)

    async def preview(self, caller: Caller, report: UUID, mapping: ColumnMapping) -> Preview:
        """
        How the first rows would be read.

        Raises:
            NothingToExplain, NotFound: as for `unread`.
            Invalid: the description does not fit together, or not to the table.
        """
        async with self.db.begin(caller) as tx:
            stored, _ = await self._table(tx, report, write=False)
        excerpt = _excerpt(stored)
        _check(mapping, tuple(excerpt["headings"]))
        asked = _asked(excerpt, mapping)
        return preview(of_excerpt(excerpt), mapping, asked, rows_in_all=int(excerpt["rows_in_all"]))

    async def explain(self, caller: Caller, report: UUID, version: int, said: Said) -> Received:
        """
        Have the table read by *said*, and keep that for the laboratory when it is named.

        Raises:
            NothingToExplain: it moved on from *version*, or is no such table.
            DescriptionChanged: another version was saved meanwhile. Invalid: as for `preview`.
            NamesNotKnown: nobody said what becomes of names that are not known.
            NotFound, Refused: the record is not open to the caller, or only for reading.
        """
        async with self.db.begin(caller) as tx:
            stored, key = await self._table(tx, report, write=True)
            headings = tuple(_excerpt(stored)["headings"])
            _check(said.mapping, headings)
            before = await self._before(tx, said)
            asked = _asked(_excerpt(stored), said.mapping)
            confirmed = self._confirmed(tx, said, asked, before)
            kept = await self._kept(tx, said, headings, before, _still(before, asked, confirmed))
            await shelf.say(tx, self.vault, key, report, said.mapping, kept, confirmed, at=self.now())
            changed = await told.order_again(tx, report, version, ("refused",))
            if changed is None:
                raise NothingToExplain(current=_current(stored))
            await audit.record(tx, "write", "report columns", report, patient=stored.patient)
            return await self.reports.again(tx, report, changed, stored.patient)

    async def all(self, caller: Caller) -> list[Description]:
        """Every description at its newest version, the latest made first."""
        async with self.db.begin(caller) as tx:
            return await shelf.newest(tx, self.vault, limit=MOST_DESCRIPTIONS)

    async def offer(self, caller: Caller, id: UUID, number: int, *, offered: bool) -> Description:
        """
        Offer a description again, or no longer; a new version of it says so.

        Raises:
            NotFound: there is none. DescriptionChanged: its newest version is not *number*.
        """
        async with self.db.begin(caller) as tx:
            kept = await shelf.one(tx, self.vault, id, lock=True)
            if kept is None:
                raise NotFound
            if kept.number != number:
                raise DescriptionChanged(current={"number": kept.number})
            if kept.offered == offered:
                return kept
            made = replace(kept, number=number + 1, offered=offered, made_by=caller.account, made_at=self.now())
            await shelf.add(tx, self.vault, made)
            await audit.record(tx, "write", "laboratory table", id, patient=None)
            return made

    async def _table(self, tx: Transaction, report: UUID, *, write: bool) -> tuple[Stored, Any]:
        patient = await reports_shelf.patient_of(tx, report)
        await care.require(tx, patient, write=write)
        key = await self.vault.key(tx, patient)
        stored = await reports_shelf.one(tx, self.vault, key, report)
        if stored.state != "refused" or not (stored.findings or {}).get("table"):
            raise NothingToExplain(current=_current(stored))
        return stored, key

    async def _before(self, tx: Transaction, said: Said) -> Description | None:
        """The description that was taken over."""
        if said.description is None:
            return None
        before = await shelf.one(tx, self.vault, said.description, lock=True)
        if before is None:
            raise Invalid(errors=[FieldError("description", "There is no such description.")])
        if before.number != said.description_number:
            raise DescriptionChanged(current={"number": before.number})
        return before

    def _confirmed(
        self, tx: Transaction, said: Said, asked: Sequence[str], before: Description | None
    ) -> tuple[Confirmed, ...]:
        """Of the names that are *asked* about, those that count as groups, with who said so."""
        earlier = before.confirmed if before is not None else ()
        names = said.confirmed if said.confirmed is not None else [one.name for one in earlier]
        taken = [name for name in asked if name in set(names)]
        if len(taken) < len(asked) and not said.leave_out:
            raise NamesNotKnown([name for name in asked if name not in taken], ["confirmed"], _TO_CONFIRM)
        return merged(earlier, taken, by=tx.caller.account, at=self.now())

    async def _kept(
        self,
        tx: Transaction,
        said: Said,
        headings: tuple[str, ...],
        before: Description | None,
        confirmed: tuple[Confirmed, ...],
    ) -> Description | None:
        """The description that this is, or becomes; ``None`` when it is for one file alone."""
        laboratory = said.laboratory.strip() or (before.laboratory if before is not None else "")
        if not laboratory:
            return None
        same = before is not None and before.mapping == said.mapping and before.confirmed == confirmed
        if before is not None and same and before.laboratory == laboratory:
            return before
        made = Description(
            id=before.id if before is not None else new_id(),
            number=before.number + 1 if before is not None else 1,
            laboratory=laboratory,
            mapping=said.mapping,
            headings=signature(said.mapping, headings),
            offered=True,
            made_by=tx.caller.account,
            made_at=self.now(),
            confirmed=confirmed,
        )
        await shelf.add(tx, self.vault, made)
        await audit.record(tx, "write", "laboratory table", made.id, patient=None)
        return made


def _asked(excerpt: Mapping[str, Any], mapping: ColumnMapping) -> tuple[str, ...]:
    """The names of the table that are not known; of one that was kept before these were, those of its first rows."""
    found = excerpt.get("asked")
    return names_to_ask(excerpt_of_names(of_excerpt(excerpt)) if found is None else found, mapping)


def _still(before: Description | None, asked: Sequence[str], confirmed: tuple[Confirmed, ...]) -> tuple[Confirmed, ...]:
    """What a description keeps: what was confirmed now, and earlier for names that this table does not have."""
    elsewhere = [one for one in before.confirmed if one.name not in set(asked)] if before is not None else []
    return tuple(sorted([*elsewhere, *confirmed], key=lambda one: one.name))


def _excerpt(stored: Stored) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (stored.findings or {})["table"]
    return found


def _current(stored: Stored) -> dict[str, Any]:
    return {"id": str(stored.id), "state": stored.state, "version": stored.version}


def _check(mapping: ColumnMapping, headings: tuple[str, ...]) -> None:
    wrong = problems(mapping, headings)
    if wrong:
        raise Invalid(errors=[FieldError(name, sentence) for name, sentence in wrong.items()])
