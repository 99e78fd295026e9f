"""``/week``: a week of visits on the hours that are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from telegut.scheduling import agenda, bookers
from telegut.scheduling.agenda import ClockChange, Stretch
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Status
from telegut.scheduling.screens.registry import TEAM, pages
from telegut.scheduling.screens.rows import DayQuery, Row, account_of, arranges_only, rows_between
from telegut.web.api import Call
from telegut.web.render import render


@dataclass(frozen=True, slots=True)
class Column:
    """One day of a week."""

    day: date
    hours: list[Stretch]
    rows: list[tuple[Row, int, int]]
    clocks: list[ClockChange]


@pages.get("/week", roles=TEAM | {bookers.COORDINATOR}, query=DayQuery)
async def week(call: Call[None]) -> web.Response:
    """A week of visits on the hours that are open."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    _policy, now = await scheduling.policy(caller)
    monday = agenda.monday_of(call.query.day or agenda.today(now, caller.zone))
    days = [monday + timedelta(days=number) for number in range(7)]
    begins, ends = agenda.bounds(days[0], caller.zone)[0], agenda.bounds(days[-1], caller.zone)[1]
    rows, now = await rows_between(call, begins, ends)
    hours = None if arranges_only(caller) else await scheduling.hours.of(caller, account_of(caller))
    columns = [
        Column(
            one,
            agenda.open_hours(hours, one, caller.zone) if hours else [],
            _placed(rows, one, caller.zone),
            agenda.clock_changes(one, caller.zone),
        )
        for one in days
    ]
    context = {
        "columns": columns,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "today": agenda.today(now, caller.zone),
        "now": now,
        "mine": hours is not None,
        "has_hours": hours is not None and bool(hours.rules or hours.exceptions),
        **_edges(columns),
    }
    return await render(call.request, "scheduling/week.html", context)


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
    starts += [change.start_minute for one in columns for change in one.clocks]
    starts += [start for one in columns for _row, start, _end in one.rows]
    ends = [stretch.end_minute for one in columns for stretch in one.hours]
    ends += [change.end_minute for one in columns for change in one.clocks]
    ends += [end for one in columns for _row, _start, end in one.rows]
    return {"first_hour": min([9 * 60, *starts]) // 60, "last_hour": -(-max([17 * 60, *ends]) // 60)}
