"""Everything that a group of wishes is decided by, in one question: terms, calendars, visits ahead, and the diaries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, and_, bindparam, case, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from telegut.db.engine import Transaction
from telegut.db.metadata import Id
from telegut.scheduling import calendars, catalogue, diaries
from telegut.scheduling.calendars import Calendar
from telegut.scheduling.catalogue import Terms
from telegut.scheduling.diaries import Asker, Book, Span
from telegut.scheduling.tables import calendar, policy, provides, service

_THEIRS = "calendar_"
"""Before the names of a calendar's columns: some are called as those of the clinic's numbers are."""

# Made once: see `catalogue`. Everything that was asked for has a row, people who are unknown have an empty calendar.
_ASKED = (
    func.unnest(bindparam("services", type_=ARRAY(Id)), bindparam("asked", type_=ARRAY(Id)))
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
# The diaries stand in one row: they do not depend on any, and may be long.
_FIRST = func.row_number().over() == 1
_WITH_DIARIES = _EVERYTHING.add_columns(case((_FIRST, diaries.AS_JSON)).label("taken")).add_cte(diaries.EXPIRED)


@dataclass(frozen=True, slots=True)
class Known:
    """
    What is known of the wishes of one moment.

    terms: of every kind of visit wanted that is offered. calendars: by practitioner and kind of visit. ahead: how many
    visits each limited patient has to come; who has none is left out. book: the diaries, where they were asked for.
    """

    terms: dict[UUID, Terms]
    calendars: dict[tuple[UUID, UUID], Calendar]
    ahead: dict[UUID, int]
    book: Book


async def ask(tx: Transaction, wanted: Collection[tuple[UUID, UUID | None]], limited: Sequence[UUID]) -> Known:
    """
    Everything but the diaries.

    wanted: kinds of visit, each with a practitioner or nobody. limited: patients whose visits ahead count.
    """
    return _known(await tx.execute(_EVERYTHING, _values(wanted, limited)))


async def ask_with_diaries(
    tx: Transaction,
    wanted: Collection[tuple[UUID, UUID | None]],
    limited: Sequence[UUID],
    spans: Sequence[Span],
    askers: Collection[Asker],
) -> Known:
    """
    As `ask`, with the diaries of *spans*; removes the expired holds of their people, who have to be locked.

    Who asks only for what is not offered is told nothing of any diary.
    """
    values = _values(wanted, limited) | diaries.asked(spans, askers)
    return _known(await tx.execute(_WITH_DIARIES, values))


def _values(wanted: Collection[tuple[UUID, UUID | None]], limited: Sequence[UUID]) -> dict[str, Any]:
    pairs = sorted(wanted, key=lambda pair: (pair[0], str(pair[1] or "")))
    return {"services": [one for one, _ in pairs], "asked": [one for _, one in pairs], "limited": limited}


def _known(rows: Iterable[Any]) -> Known:
    known = Known({}, {}, {}, Book())
    for row in rows:
        kind = row.id
        if kind not in known.terms:
            known.terms[kind] = catalogue.terms_of(row)
            known.ahead.update({UUID(patient): visits for patient, visits in (row.ahead or {}).items()})
        if row.calendar_practitioner is not None:
            known.calendars[row.calendar_practitioner, kind] = calendars.of_row(_theirs(row))
        if getattr(row, "taken", None):
            known = replace(known, book=diaries.settled(row.taken))
    return known


def _theirs(row: Any) -> SimpleNamespace:
    names = (one for one in row._fields if one.startswith(_THEIRS))
    return SimpleNamespace(**{one.removeprefix(_THEIRS): getattr(row, one) for one in names})
