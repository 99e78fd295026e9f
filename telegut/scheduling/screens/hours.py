"""``/availability``: one's hours as a week to draw on, as sentences, and as forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web

from telegut.scheduling import agenda, zones
from telegut.scheduling.agenda import ClockChange
from telegut.scheduling.appointments import INTERPRETER, Filter
from telegut.scheduling.bodies.hours import AvailabilityAnswer
from telegut.scheduling.choice.keys import CHOICE
from telegut.scheduling.keys import SCHEDULING
from telegut.scheduling.rules import Availability, Policy, Status
from telegut.scheduling.screens.registry import TEAM, pages
from telegut.scheduling.screens.rows import SHOWN, DayQuery, Row, account_of, row_of
from telegut.web.api import Call
from telegut.web.render import render
from telegut.web.times import day as day_name
from telegut.web.times import long_day

FINEST_STEP: Final = 15
"""Minutes of the grid's smallest row: below this, rows are too low for a finger."""


@pages.get("/availability", roles=TEAM | {"interpreter"}, query=DayQuery)
async def availability(call: Call[None]) -> web.Response:
    """One's hours, rule by rule, each in words, and drawn for the week of a day on the wall of their own zone."""
    scheduling, caller = call.app[SCHEDULING], call.caller
    hours = await scheduling.hours.of(caller, account_of(caller))
    policy, now = await scheduling.policy(caller)
    today = agenda.today(now, hours.zone)
    monday = agenda.monday_of(call.query.day or today)
    own = next((one for one in await scheduling.practitioners(caller) if one.provider.id == caller.account), None)
    offered = [one for one in await scheduling.visit_types(caller) if own is None or one.id in own.provider.services]
    begins, ends = agenda.bounds(monday, hours.zone)[0], agenda.bounds(monday + timedelta(days=6), hours.zone)[1]
    wanted = Filter(since=begins, until=ends, practitioner=caller.account, status=Status.BOOKED)
    reads, names, _now = await scheduling.with_people(caller, wanted, limit=SHOWN)
    facts = {
        "practitioner": str(caller.account),
        "zone": caller.zone,
        "languages": list(await call.app[CHOICE].languages(caller, account_of(caller))),
        "availability": AvailabilityAnswer.of(hours).model_dump(mode="json"),
        "services": [{"id": str(one.id), "name": one.name} for one in offered],
        "week": {
            "monday": monday.isoformat(),
            "today": (today - monday).days if 0 <= (today - monday).days < 7 else -1,
            "step": step_of(policy),
            "days": [_day(monday + timedelta(days=number), hours) for number in range(7)],
            "elsewhere": _elsewhere(hours, monday),
            "visits": [_drawn(row_of(one, names), monday, hours.zone) for one in reads],
        },
    }
    context = {
        "facts": facts,
        "zones": sorted(name for name in zones.names() if "/" in name or name == "UTC"),
        "hours": hours,
        "translates": INTERPRETER in caller.roles,
        "offered": offered,
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
    }
    return await render(call.request, "scheduling/availability.html", context)


def step_of(policy: Policy) -> int:
    """The minutes of one row of the grid: the clinic's own grid, where that can be hit."""
    return max(FINEST_STEP, int(policy.grid.total_seconds()) // 60)


def _day(day: date, hours: Availability) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "name": long_day(day, hours.zone),
        "short": day_name(day, hours.zone),
        "clocks": [_change(one) for one in agenda.clock_changes(day, hours.zone)],
        "holiday": day in hours.holidays,
    }


def _change(one: ClockChange) -> dict[str, Any]:
    start, end = (f"{minute // 60 % 24:02}:{minute % 60:02}" for minute in (one.start_minute, one.end_minute))
    kind = "skipped" if one.skipped else "repeated"
    return {"kind": kind, "from": one.start_minute, "to": one.end_minute, "start": start, "end": end}


def _elsewhere(hours: Availability, monday: date) -> list[dict[str, int]]:
    """The open hours of rules on another zone's wall, where they stand on this one."""
    theirs = tuple(rule for rule in hours.rules if rule.zone not in (None, hours.zone))
    if not theirs:
        return []
    found = []
    for number in range(7):
        day = monday + timedelta(days=number)
        for one in agenda.open_hours(replace(hours, rules=theirs), day, hours.zone):
            minutes = number * 24 * 60
            found.append({"from": minutes + one.start_minute, "to": minutes + one.end_minute})
    return found


def _drawn(row: Row, monday: date, zone: str) -> dict[str, Any]:
    start, end = (agenda.minute_of(at, monday, zone) for at in (row.visit.start, row.visit.end))
    length = int((row.visit.end - row.visit.start).total_seconds()) // 60
    # A visit over a repeated hour would end before it begins on the wall.
    return {"from": start, "to": end if end > start else start + length, "name": row.patient}
