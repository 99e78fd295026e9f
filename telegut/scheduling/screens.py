"""Pages about time: booking, one's visits, the day, the week, and one's hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from aiohttp import web
from pydantic import Field

from telegut.accounts.people import Person
from telegut.db.caller import Caller
from telegut.errors import NotFound
from telegut.scheduling import agenda, bookers, zones
from telegut.scheduling.agenda import Stretch
from telegut.scheduling.appointments import Appointment, Filter
from telegut.scheduling.bodies import AppointmentAnswer, AvailabilityAnswer, PractitionerAnswer, ServiceAnswer
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Outcome, Status
from telegut.scheduling.service import Read
from telegut.web.api import Call, Query
from telegut.web.pages import Pages
from telegut.web.render import render
from telegut.web.words import gettext as _

pages = Pages("scheduling")

TEAM: Final = frozenset({"consultant", "nutritionist"})
THEIR_SIDE: Final = frozenset({"patient", "guardian"})
SHOWN: Final = 500
"""Most visits on one page."""
PAST_DAYS: Final = 180
"""How far back one's visits are listed."""


class BookQuery(Query):
    """*move*: an appointment that needs another time. *patient*: whom staff books for."""

    move: UUID | None = None
    patient: UUID | None = None
    service: UUID | None = None
    practitioner: UUID | None = None


class VisitsQuery(Query):
    """*cancelled*: the appointment that was cancelled a moment ago, to say so."""

    cancelled: UUID | None = None


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


@dataclass(frozen=True, slots=True)
class Column:
    """One day of a week."""

    day: date
    hours: list[Stretch]
    rows: list[tuple[Row, int, int]]


def outcome_words(outcome: Outcome | None) -> str:
    """How a visit went, without blame."""
    return {
        Outcome.ATTENDED: _("Took place"),
        Outcome.PATIENT_ABSENT: _("Did not take place"),
        Outcome.PRACTITIONER_ABSENT: _("Did not take place, through no fault of the patient"),
        Outcome.TECHNICAL: _("Did not work for technical reasons"),
        None: "",
    }[outcome]


@pages.get("/book", roles=bookers.BOOKERS, query=BookQuery)
async def book(call: Call[None]) -> web.Response:
    """Three steps to a visit, or two to another time for one."""
    scheduling, caller, query = call.app[SCHEDULING], call.caller, call.query
    moved = await scheduling.appointment(caller, query.move) if query.move else None
    if moved is not None and moved.appointment.status is not Status.BOOKED:
        raise NotFound(_("This visit is no longer booked, so it cannot be moved."))
    policy, now = await scheduling.policy(caller)
    practitioners = await scheduling.practitioners(caller)
    facts: dict[str, Any] = {
        "services": [ServiceAnswer.of(one).model_dump(mode="json") for one in await scheduling.visit_types(caller)],
        "practitioners": [PractitionerAnswer.of(one).model_dump(mode="json") for one in practitioners],
        "moved": AppointmentAnswer.of(moved.appointment).model_dump(mode="json") if moved else None,
        "patient": str(query.patient) if query.patient else None,
        "service": str(query.service) if query.service else None,
        "practitioner": str(query.practitioner) if query.practitioner else None,
        "for_others": not caller.roles & {"patient"},
        "hold_minutes": int(policy.hold_for.total_seconds()) // 60,
        "now": now.isoformat(),
    }
    names = {one.provider.id: one.name for one in practitioners}
    return await render(call.request, "scheduling/book.html", {"facts": facts, "moved": moved, "names": names})


@pages.get("/visits", roles=THEIR_SIDE, query=VisitsQuery)
async def visits(call: Call[None]) -> web.Response:
    """One's visits: those ahead with what can be done about them, those that were, and those that were cancelled."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    policy, now = await scheduling.policy(caller)
    wanted = Filter(since=now - timedelta(days=PAST_DAYS))
    reads, names, now = await scheduling.with_people(caller, wanted, limit=SHOWN)
    rows = [_row(one, names) for one in reads]
    ahead = [one for one in rows if one.visit.end > now and one.visit.status is Status.BOOKED]
    cancelled = [one for one in reversed(rows) if one.visit.status is Status.CANCELLED]
    context = {
        "ahead": ahead,
        "before": [one for one in reversed(rows) if one not in ahead and one not in cancelled],
        "cancelled": cancelled,
        "just_now": next((one for one in cancelled if one.visit.id == call.query.cancelled), None),
        "names": names,
        "now": now,
        "policy": policy,
        "outcome_words": outcome_words,
    }
    return await render(call.request, "scheduling/visits.html", context)


@pages.get("/day", roles=TEAM | {bookers.COORDINATOR}, query=DayQuery)
async def day(call: Call[None]) -> web.Response:
    """One day, in order, with one main action a visit; who waits is filled in by the page's script."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    policy, now = await scheduling.policy(caller)
    shown = call.query.day or agenda.today(now, caller.zone)
    rows, now = await _rows_between(call, *agenda.bounds(shown, caller.zone))
    waiting_first = sorted(rows, key=lambda row: (row.visit.start, row.visit.id))
    context = {
        "day": shown,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1),
        "is_today": shown == agenda.today(now, caller.zone),
        "rows": waiting_first,
        "next_up": next((one for one in waiting_first if _is_to_come(one, now)), None),
        "now": now,
        "policy": policy,
        "mine": not _arranges_only(caller),
        "next_free": await scheduling.next_free(caller),
        "outcome_words": outcome_words,
    }
    return await render(call.request, "scheduling/day.html", context)


@pages.get("/week", roles=TEAM | {bookers.COORDINATOR}, query=DayQuery)
async def week(call: Call[None]) -> web.Response:
    """A week of visits on the hours that are open."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    _policy, now = await scheduling.policy(caller)
    monday = agenda.monday_of(call.query.day or agenda.today(now, caller.zone))
    days = [monday + timedelta(days=number) for number in range(7)]
    begins, ends = agenda.bounds(days[0], caller.zone)[0], agenda.bounds(days[-1], caller.zone)[1]
    rows, now = await _rows_between(call, begins, ends)
    hours = None if _arranges_only(caller) else await scheduling.availability(caller, _account(caller))
    columns = [
        Column(one, agenda.open_hours(hours, one, caller.zone) if hours else [], _placed(rows, one, caller.zone))
        for one in days
    ]
    context = {
        "columns": columns,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "today": agenda.today(now, caller.zone),
        "now": now,
        "mine": hours is not None,
        **_edges(columns),
    }
    return await render(call.request, "scheduling/week.html", context)


@pages.get("/availability", roles=TEAM)
async def availability(call: Call[None]) -> web.Response:
    """One's hours, rule by rule, each in words."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    hours = await scheduling.availability(caller, _account(caller))
    own = next((one for one in await scheduling.practitioners(caller) if one.provider.id == caller.account), None)
    offered = [one for one in await scheduling.visit_types(caller) if own is None or one.id in own.provider.services]
    facts = {
        "practitioner": str(caller.account),
        "availability": AvailabilityAnswer.of(hours).model_dump(mode="json"),
        "services": [{"id": str(one.id), "name": one.name} for one in offered],
    }
    context = {"facts": facts, "zones": sorted(name for name in zones.names() if "/" in name or name == "UTC")}
    return await render(call.request, "scheduling/availability.html", {**context, "hours": hours, "offered": offered})


async def _rows_between(call: Call[None], since: datetime, until: datetime) -> tuple[list[Row], datetime]:
    caller = call.caller
    mine = None if _arranges_only(caller) else caller.account
    wanted = Filter(since=since, until=until, practitioner=mine)
    reads, names, now = await call.app[SCHEDULING].with_people(caller, wanted, limit=SHOWN)
    return [_row(one, names) for one in reads], now


def _row(read: Read, names: dict[UUID, Person]) -> Row:
    one = read.appointment
    practitioners = tuple(
        (names[person].name, "consultant" if "consultant" in names[person].roles else "nutritionist")
        for person in one.practitioners
        if person in names
    )
    return Row(read, names[one.patient].name if one.patient in names else "", practitioners)


def _placed(rows: list[Row], day: date, zone: str) -> list[tuple[Row, int, int]]:
    """The visits that begin on a day, with the minutes on its wall between which they stand."""
    placed = []
    for row in rows:
        start = agenda.minute_of(row.visit.start, day, zone)
        if 0 <= start < 24 * 60 and row.visit.status is not Status.CANCELLED:
            length = int((row.visit.end - row.visit.start).total_seconds()) // 60
            placed.append((row, start, min(start + length, 24 * 60)))
    return placed


def _edges(columns: list[Column]) -> dict[str, int]:
    """From which to which hour a week is drawn: around everything in it, and at least the middle of the day."""
    starts = [stretch.start_minute for one in columns for stretch in one.hours]
    starts += [start for one in columns for _row, start, _end in one.rows]
    ends = [stretch.end_minute for one in columns for stretch in one.hours]
    ends += [end for one in columns for _row, _start, end in one.rows]
    return {"first_hour": min([9 * 60, *starts]) // 60, "last_hour": -(-max([17 * 60, *ends]) // 60)}


def _is_to_come(row: Row, now: datetime) -> bool:
    """Whether a visit is under way or still ahead."""
    return row.visit.status is Status.BOOKED and row.visit.end > now


def _arranges_only(caller: Caller) -> bool:
    """Whether the caller arranges everybody's visits and has none of their own."""
    return not caller.roles & TEAM


def _account(caller: Caller) -> UUID:
    if caller.account is None:
        raise NotFound
    return caller.account
