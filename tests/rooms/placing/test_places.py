"""Where a room is, decided by the database when several web processes want to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import web

from telegut.db.engine import Database
from telegut.rooms.handlers import ROOMS
from telegut.rooms.placing.service import Placed, Places
from tests.rooms.visits import agree


@pytest.fixture
async def visit(db: Database, app: web.Application) -> UUID:
    """A visit with a room."""
    agreed = await agree(db)
    await app[ROOMS].look(agreed.id)
    return agreed.id


async def test_of_twenty_who_place_a_room_at_once_one_decides_and_all_agree(db: Database, visit: UUID) -> None:
    places = Places(db)
    wanted = [Placed("media", f"life-{number}") for number in range(20)]

    found = await asyncio.gather(*(places.settle(visit, one, None) for one in wanted))

    assert 1 == len({one.instance for one in found})


async def test_of_twenty_who_move_it_away_from_a_dead_process_one_decides(db: Database, visit: UUID) -> None:
    places = Places(db)
    await places.settle(visit, Placed("media-0", "dead"), None)
    wanted = [Placed("media-1", f"life-{number}") for number in range(20)]

    found = await asyncio.gather(*(places.settle(visit, one, "dead") for one in wanted))

    (now,) = {one.instance for one in found}
    late = await places.settle(visit, Placed("media-2", "late"), "dead")
    assert now == late.instance, "who still believes in the dead one moves nothing"


async def test_how_long_nobody_reached_its_process_is_told_by_the_database(db: Database, visit: UUID) -> None:
    places = Places(db)
    await places.settle(visit, Placed("media-0", "alive"), None)
    first = await places.of(visit)
    await places.seen(["alive", "another"])
    second = await places.of(visit)

    assert first is not None
    assert second is not None
    assert timedelta(0) <= second.silent
    await places.forget(visit, "another")
    assert await places.of(visit) is not None
    await places.forget(visit, "alive")
    assert await places.of(visit) is None
