"""
A clinic's own versions of rows: one person proposes, a second one signs. One method, one transaction.

A draft is for the team alone. Who signs a version answers for it with name and profession; from then on new steps and
pages use it, and steps that were agreed on earlier keep theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telegut.accounts import people
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction, on_violation
from telegut.db.ids import new_id
from telegut.errors import Conflict, FieldError, Invalid, NotFound, Refused
from telegut.evidence import content as contents
from telegut.evidence.keeping import library
from telegut.evidence.library import BUILT_IN, Library
from telegut.evidence.rules import CLINIC_FROM, Evidence, check
from telegut.evidence.tables import current, version

PROPOSING: Final = frozenset({"consultant", "nutritionist", "admin"})
"""Who may propose another version, and read drafts."""
SIGNING: Final = frozenset({"consultant", "nutritionist"})
"""Who may sign one: it is read by patients, so the signature is a profession's."""
WHAT: Final = "evidence row"
FURTHEST_AHEAD: Final = timedelta(hours=14)
"""Kiribati's clock: a day has come once it is that day somewhere."""


class DraftOpen(Conflict):
    """Somebody has proposed a version of this row already. It is decided first."""


class RowMoved(Conflict):
    """This row has a newer version by now. Please look at it and propose again."""


class AlreadyDecided(Conflict):
    """This draft was decided a moment ago."""


class SecondPerson(Refused):
    """A version is signed or sent back by somebody else than its author."""


class OnlyTheAuthor(Refused):
    """Only its author takes a draft back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    A proposed version and what became of it.

    state: ``draft``, ``signed``, ``sent_back`` or ``withdrawn``. before: the version that it changes; None: a new row.
    """

    id: UUID
    row: Evidence
    before: Evidence | None
    state: str
    why: str
    author: UUID
    author_name: str
    proposed_at: datetime
    reviewer_name: str
    profession: str
    reviewed_at: datetime | None
    reason: str

    @property
    def differences(self) -> list[contents.Difference]:
        """What it says differently."""
        return contents.differences(self.before, self.row)


@dataclass(frozen=True)
class EvidenceBase:
    """The library and its review. *gates*: the names of the safety questions that a row may ask for."""

    db: Database
    now: Clock
    gates: Collection[str]

    async def library(self, caller: Caller) -> Library:
        """Every version that holds or held."""
        async with self.db.begin(caller) as tx:
            return await library(tx)

    async def proposals(self, caller: Caller, name: str | None = None) -> tuple[Library, list[Proposal]]:
        """Drafts and decided versions (of one row, when named), the newest first; with the library they belong to."""
        async with self.db.begin(caller) as tx:
            shelf = await library(tx)
            wanted = select(version).order_by(version.c.proposed_at.desc(), version.c.id.desc())
            rows = (await tx.execute(wanted.where(version.c.name == name) if name else wanted)).all()
            return shelf, await _proposals(tx, shelf, rows)

    async def propose(
        self, caller: Caller, name: str, said: Mapping[str, Any], *, based_on: int | None, why: str
    ) -> Proposal:
        """
        Put another version of the row *name* before a second person; *said*: its fields, without name and number.

        The same words as now are welcome: to sign them is to confirm them.

        Raises:
            DraftOpen: one is waiting already.
            Invalid: it says too much, or hides something.
            RowMoved: *based_on* is not the version that holds.
        """
        async with self.db.begin(caller) as tx:
            shelf = await library(tx)
            if based_on != shelf.current.get(name):
                raise RowMoved(current={"version": shelf.current.get(name)})
            number = await _next_number(tx, name)
            row = Evidence(id=name, version=number, **said)
            self._check(row, shelf)
            id = new_id()
            values = {
                "id": id,
                "name": name,
                "number": number,
                "state": "draft",
                "content": contents.stored(row),
                "why": why,
                "based_on": based_on,
                "author": caller.account,
                "proposed_at": self.now(),
            }
            with on_violation(evidence_one_draft=DraftOpen, evidence_version_number=DraftOpen):
                await tx.execute(insert(version).values(values))
            return await self._written(tx, id, "write")

    async def sign(self, caller: Caller, id: UUID, profession: str) -> Proposal:
        """
        Answer for a draft with one's name and *profession*; it holds from now on.

        Raises:
            AlreadyDecided: it is no draft any more.
            RowMoved: the row has another version by now.
            SecondPerson: the caller wrote it.
        """
        async with self.db.begin(caller) as tx:
            shelf, draft = await self._found(tx, id)
            _by_a_second_person(draft, caller)
            if draft.before != shelf.row(draft.row.id):
                raise RowMoved(current={"version": shelf.current.get(draft.row.id)})
            self._check(draft.row, shelf)
            await self._decide(
                tx, draft, state="signed", reviewer=caller.account, reviewer_name=caller.name, profession=profession
            )
            holds = upsert(current).values(name=draft.row.id, version=id, state="signed")
            await tx.execute(holds.on_conflict_do_update(index_elements=["name"], set_={"version": id}))
            return await self._written(tx, id, "sign")

    async def send_back(self, caller: Caller, id: UUID, reason: str) -> Proposal:
        """
        Say why a draft is not signed; its author may propose again.

        Raises:
            AlreadyDecided: it is no draft any more.
            SecondPerson: the caller wrote it, and can take it back instead.
        """
        async with self.db.begin(caller) as tx:
            _, draft = await self._found(tx, id)
            _by_a_second_person(draft, caller)
            await self._decide(
                tx, draft, state="sent_back", reviewer=caller.account, reviewer_name=caller.name, reason=reason
            )
            return await self._written(tx, id, "write")

    async def withdraw(self, caller: Caller, id: UUID) -> Proposal:
        """
        Take one's own draft back.

        Raises:
            AlreadyDecided: it is no draft any more.
            OnlyTheAuthor: somebody else wrote it.
        """
        async with self.db.begin(caller) as tx:
            _, draft = await self._found(tx, id)
            if draft.author != caller.account:
                raise OnlyTheAuthor
            _still_open(draft)
            await self._decide(tx, draft, state="withdrawn")
            return await self._written(tx, id, "write")

    def _check(self, row: Evidence, shelf: Library) -> None:
        if row.checked > (self.now() + FURTHEST_AHEAD).date():
            raise Invalid(errors=[FieldError("checked", "This day has not come yet.")])
        known = {name: shelf.versions[name, number] for name, number in shelf.current.items()}
        check(row, shipped=BUILT_IN.row(row.id), known=known, gates=self.gates)

    async def _found(self, tx: Transaction, id: UUID) -> tuple[Library, Proposal]:
        shelf = await library(tx)
        found = (await tx.execute(select(version).where(version.c.id == id))).one_or_none()
        if found is None:
            raise NotFound
        return shelf, (await _proposals(tx, shelf, [found]))[0]

    async def _decide(self, tx: Transaction, draft: Proposal, **values: Any) -> None:
        """The constraint asks for a second person; whoever was faster has decided."""
        change = update(version).where(version.c.id == draft.id, version.c.state == "draft")
        with on_violation(evidence_version_second_person_check=SecondPerson):
            done = await tx.execute(change.values(reviewed_at=self.now(), **values))
        if not done.rowcount:
            raise AlreadyDecided

    async def _written(self, tx: Transaction, id: UUID, action: str) -> Proposal:
        await audit.record(tx, action, WHAT, id, patient=None)
        rows = (await tx.execute(select(version).where(version.c.id == id))).all()
        return (await _proposals(tx, await library(tx), rows))[0]


def _by_a_second_person(draft: Proposal, caller: Caller) -> None:
    """Refuse the author, and what was decided; the constraint refuses them once more."""
    if draft.author == caller.account:
        raise SecondPerson
    _still_open(draft)


def _still_open(draft: Proposal) -> None:
    if draft.state != "draft":
        raise AlreadyDecided


async def _next_number(tx: Transaction, name: str) -> int:
    highest = await tx.scalar(select(func.max(version.c.number)).where(version.c.name == name))
    return max(CLINIC_FROM, (highest or 0) + 1)


async def _proposals(tx: Transaction, shelf: Library, rows: Collection[Row[Any]]) -> list[Proposal]:
    names = await people.named(tx, [row.author for row in rows])
    return [_proposal(shelf, row, names[row.author].name if row.author in names else "") for row in rows]


def _proposal(shelf: Library, row: Row[Any], author_name: str) -> Proposal:
    signed_by = f"{row.reviewer_name}, {row.profession}" if row.state == "signed" else ""
    return Proposal(
        id=row.id,
        row=contents.read(row.name, row.number, row.content, signed_by),
        before=shelf.versions.get((row.name, row.based_on)) if row.based_on is not None else None,
        state=row.state,
        why=row.why,
        author=row.author,
        author_name=author_name,
        proposed_at=row.proposed_at,
        reviewer_name=row.reviewer_name or "",
        profession=row.profession or "",
        reviewed_at=row.reviewed_at,
        reason=row.reason or "",
    )
