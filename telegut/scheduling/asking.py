"""Everything but the diaries that a group of wishes is decided by, in one question: terms, calendars, visits ahead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, and_, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.tables import calendar, policy, provides, service

_THEIRS = "calendar_"
"""Before the names of a calendar's columns: some are called as those of the clinic's numbers are."""

# Made once: see `catalogue`. Everything that was asked for has a row, people who are unknown have an empty calendar.
_ASKED = (
    func.unnest(bindparam("services", type_=ARRAY(Id)), bindparam("people", type_=ARRAY(Id)))
    .table_valued(column("service", Id), column("person", Id), name="asked")
    .render_derived()
)
# See migration 0011 for why it is a function. Nothing of it depends on a row: it is asked once.
_THEIR_VISITS = func.scheduling_ahead(bindparam("limited", type_=ARRAY(Id)), func.statement_timestamp()).table_valued(
    column("patient", Id), column("visits", BigInteger), name="ahead"
)
_AHEAD = select(func.json_object_agg(_THEIR_VISITS.c.patient, _THEIR_VISITS.c.visits, type_=JSON)).scalar_subquery()
_EVERYTHING = (
    select(
        service,
        policy,
        *(one.label(_THEIRS + one.name) for one in calendar.c),
        provides.c.role.label(f"{_THEIRS}provides_as"),
        func.statement_timestamp().label("now"),
        _AHEAD.label("ahead"),
    )
    .select_from(_ASKED)
    .join(service, and_(service.c.id == _ASKED.c.service, service.c.retired_at.is_(None)))
    .join(policy, policy.c.only)
    .outerjoin(calendar, calendar.c.practitioner == _ASKED.c.person)
    .outerjoin(provides, and_(provides.c.practitioner == calendar.c.practitioner, provides.c.service == service.c.id))
)


async def ask(
    tx: Transaction, wanted: Collection[tuple[UUID, UUID | None]], limited: Sequence[UUID]
) -> tuple[dict[UUID, Terms], dict[tuple[UUID, UUID], Calendar], dict[UUID, int]]:
    """
    The terms of every kind of visit wanted that is offered, the calendars by practitioner and kind of visit, and how
    many visits each *limited* patient has ahead; who has none is left out.

    wanted: kinds of visit, each with a practitioner or nobody.
    """
    pairs = sorted(wanted, key=lambda pair: (pair[0], str(pair[1] or "")))
    asked = {"services": [one for one, _ in pairs], "people": [one for _, one in pairs], "limited": limited}
    terms: dict[UUID, Terms] = {}
    found: dict[tuple[UUID, UUID], Calendar] = {}
    ahead: dict[UUID, int] = {}
    for row in await tx.execute(_EVERYTHING, asked):
        kind = row.id
        if kind not in terms:
            terms[kind] = catalogue.terms_of(row)
            ahead = {UUID(patient): visits for patient, visits in (row.ahead or {}).items()}
        if row.calendar_practitioner is not None:
            found[row.calendar_practitioner, kind] = calendars.of_row(_theirs(row))
    return terms, found, ahead


def _theirs(row: Any) -> SimpleNamespace:
    names = (one for one in row._fields if one.startswith(_THEIRS))
    return SimpleNamespace(**{one.removeprefix(_THEIRS): getattr(row, one) for one in names})
