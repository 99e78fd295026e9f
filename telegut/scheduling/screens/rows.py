"""Visits as rows of a page, with the names of who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import Field

from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.errors import NotFound
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Outcome
from telegut.scheduling.screens.registry import TEAM
from telegut.scheduling.service import Read
from telegut.web.api import Call, Query
from telegut.web.words import gettext as _

SHOWN: Final = 500
"""Most visits on one page."""


class DayQuery(Query):
    """Which day, as ``2026-11-24``; today when not given."""

    day: date | None = Field(None, alias="date")


@dataclass(frozen=True, slots=True)
class Row:
    """One visit on a page."""

    read: Read
    patient: str
    practitioners: tuple[tuple[str, str], ...]

    @property
    def visit(self) -> Appointment:
        """The appointment."""
        return self.read.appointment

    @property
    def with_whom(self) -> str:
        """The practitioners' names in one line."""
        return _(" and ").join(name for name, _role in self.practitioners)


def outcome_words(outcome: Outcome | None) -> str:
    """How a visit went, without blame."""
    return {
        Outcome.ATTENDED: _("Took place"),
        Outcome.PATIENT_ABSENT: _("Did not take place"),
        Outcome.PRACTITIONER_ABSENT: _("Did not take place, through no fault of the patient"),
        Outcome.TECHNICAL: _("Did not work for technical reasons"),
        None: "",
    }[outcome]


async def rows_between(call: Call[None], since: datetime, until: datetime) -> tuple[list[Row], datetime]:
    """The visits between two instants for the caller's page, and now: their own, or everybody's for who arranges."""
    caller = call.caller
    mine = None if arranges_only(caller) else caller.account
    wanted = Filter(since=since, until=until, practitioner=mine)
    reads, names, now = await call.app[SCHEDULING].with_people(caller, wanted, limit=SHOWN)
    return [row_of(one, names) for one in reads], now


def row_of(read: Read, names: dict[UUID, Person]) -> Row:
    """An appointment with names."""
    one = read.appointment
    practitioners = tuple(
        (names[person].name, "consultant" if "consultant" in names[person].roles else "nutritionist")
        for person in one.practitioners
        if person in names
    )
    return Row(read, names[one.patient].name if one.patient in names else "", practitioners)


def arranges_only(caller: Caller) -> bool:
    """Whether the caller arranges everybody's visits and has none of their own."""
    return not caller.roles & TEAM


def account_of(caller: Caller) -> UUID:
    """The caller's own account. Raises NotFound when nobody is signed in."""
    if caller.account is None:
        raise NotFound
    return caller.account
