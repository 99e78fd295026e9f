"""``/board``: one day across all practitioners."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from pydantic import Field, field_validator

from telegut.scheduling import zones
from telegut.scheduling.board.keys import BOARDS
from telegut.scheduling.board.rules import Wanted
from telegut.scheduling.board.service import Board
from telegut.scheduling.bookers import COORDINATOR
from telegut.scheduling.screens.registry import TEAM, pages
from telegut.scheduling.screens.rows import DayQuery
from telegut.web.api import Call
from telegut.web.render import render

QUARTER = 15
"""Minutes between the times at which something can be booked against the rules."""


class BoardQuery(DayQuery):
    """Which day, and whom: an empty field of the form is no choice."""

    role: str = Field("", max_length=20)
    service: UUID | None = None
    language: str = Field("", max_length=35)

    @field_validator("service", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None


@pages.get("/board", roles={COORDINATOR}, query=BoardQuery)
async def board(call: Call[None]) -> web.Response:
    """Who has time, who has whom; names and times, nothing clinical."""
    query: BoardQuery = call.query
    role = query.role if query.role in TEAM else ""
    wanted = Wanted(query.day, role, query.service, query.language)
    found = await call.app[BOARDS].board(call.caller, wanted)
    facts = {
        "service": str(found.service.id) if found.service else None,
        "service_name": found.service.name if found.service else "",
        "people": [{"id": str(one.id), "name": one.name} for one in found.columns],
        "starts": _starts(found, call.caller.zone),
    }
    context = {
        "board": found,
        "wanted": wanted,
        "facts": facts,
        "before": found.day - timedelta(days=1),
        "after": found.day + timedelta(days=1),
    }
    return await render(call.request, "scheduling/board.html", context)


def _starts(board: Board, zone: str) -> list[dict[str, str]]:
    """Every quarter of an hour ahead, with the instant it is: skipped ones left out, repeated ones twice."""
    midnight = datetime.combine(board.day, time.min)
    walls = (midnight + timedelta(minutes=minute) for minute in range(0, 24 * 60, QUARTER))
    found = [(wall, at) for wall in walls for at in zones.instants(wall, zone) if at > board.now]
    return [{"text": f"{wall:%H:%M}", "start": at.isoformat()} for wall, at in sorted(found, key=lambda one: one[1])]
