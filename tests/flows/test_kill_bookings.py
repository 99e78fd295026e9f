"""
A real server is killed in the middle of bookings that carry keys: every key is one visit in the end, never two.

Nobody knows whether a request that was not answered was carried out. So everybody asks again with the same key, and
whoever had been answered asks again too and hears the same.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import text as sql

from telegut.db.embedded import running_url
from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.cli.running import DEADLINE_S, Server, serving
from tests.flows.test_kill_sends import data
from tests.scheduling.conftest import at, practice_in, text

__all__ = ["data"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes under /proc")

PAUSE_S = 0.1
AT_ONCE = 50


@dataclass
class Booking:
    """One wish with its key, and every answer it got."""

    who: Account
    key: str
    body: dict[str, Any]
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


async def _wishes(folder: Path, count: int) -> list[Booking]:
    """So many different times of two practitioners, each for somebody who has nothing else then."""
    url = await running_url(folder / "postgres")
    assert url is not None
    db = Database(url)
    practice = await practice_in(db)
    people = [await build.person(db) for _ in range(count // 10 + 2)]
    await db.dispose()
    wishes = []
    for number in range(count):
        place, nutrition = divmod(number, 2)
        start = at(3 + place // 16, "09:00") + timedelta(minutes=30) * (place % 16)
        service, who = (practice.advice, practice.nutritionist) if nutrition else (practice.short, practice.consultant)
        body = {"service": str(service), "practitioners": [str(who.id)], "start": text(start)}
        wishes.append(Booking(people[number % len(people)], f"wish {number}", body))
    return wishes


async def _ask(session: aiohttp.ClientSession, url: str, wish: Booking) -> bool:
    """Ask once; whether there was an answer."""
    headers = {**wish.who.bearer, "Idempotency-Key": wish.key}
    try:
        async with session.post(f"{url}/api/v1/appointments", json=wish.body, headers=headers) as answer:
            if answer.status == 503:
                return False
            wish.answers.append((answer.status, await answer.json()))
            return True
    except (aiohttp.ClientError, ConnectionError, TimeoutError):
        return False


async def _ask_all(url: str, wishes: list[Booking]) -> int:
    """Everybody asks at once, and once; how many had an answer."""
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=DEADLINE_S)) as session:
        return sum(await asyncio.gather(*(_ask(session, url, wish) for wish in wishes)))


async def _ask_until_answered(url: str, wishes: list[Booking]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while waiting := [wish for wish in wishes if not wish.answers]:
            await _ask_all(url, waiting)
            await asyncio.sleep(PAUSE_S)


async def _booked(folder: Path) -> int:
    """How many visits there are; and nobody's own row is missing."""
    url = await running_url(folder / "postgres")
    assert url is not None
    db = Database(url)
    async with db.begin(build.BUILDER) as tx:
        visits = await tx.scalar(sql("select count(*) from scheduling_appointment"))
        times = await tx.scalar(sql("select count(*) from scheduling_participant where appointment is not null"))
        heard = await tx.scalar(
            sql("select count(*) from db_audit where action = 'book' and what = 'appointment' and account is not null")
        )
    await db.dispose()
    assert (2 * visits, visits) == (times, heard)
    return int(visits)


async def _kill_while_asking(server: Server, wishes: list[Booking], kill: Any) -> None:
    """Kill the server when some have been answered and others not."""
    asking = asyncio.create_task(_ask_all(server.url, wishes))
    async with asyncio.timeout(DEADLINE_S):
        while not asking.done() and sum(bool(wish.answers) for wish in wishes) < len(wishes) // 5:
            await asyncio.sleep(0.002)
    await kill()
    await asking


async def _check(url: str, folder: Path, wishes: list[Booking]) -> None:
    await _ask_until_answered(url, wishes)
    assert await _ask_all(url, wishes) == len(wishes)
    ids: set[UUID] = set()
    for wish in wishes:
        statuses = {status for status, _ in wish.answers}
        found = {body.get("id") for _, body in wish.answers}
        assert ({201}, 1) == (statuses, len(found)), wish.answers
        ids.add(UUID(found.pop()))
    assert (len(wishes), len(wishes)) == (len(ids), await _booked(folder))


@pytest.mark.long
async def test_a_web_process_that_is_killed_while_people_book_books_nobody_twice(data: Path) -> None:
    async with serving(data) as server:
        wishes = await _wishes(data, 60)
        web = server.child("telegut web")

        async def kill() -> None:
            os.kill(web, signal.SIGKILL)

        await _kill_while_asking(server, wishes, kill)
        await server.new_child("telegut web", instead_of=web)
        await _check(server.url, data, wishes)


@pytest.mark.long
async def test_a_server_that_is_killed_whole_during_five_hundred_bookings_leaves_one_visit_a_key(
    data: Path,
) -> None:
    async with AsyncExitStack() as servers:
        server = await servers.enter_async_context(serving(data))
        wishes = await _wishes(data, 500)
        for _ in range(3):
            unanswered = [wish for wish in wishes if not wish.answers]
            dying = server

            async def kill(dying: Server = dying) -> None:
                await dying.stop(signal.SIGKILL)

            await _kill_while_asking(server, unanswered, kill)
            server = await servers.enter_async_context(serving(data))
        await _check(server.url, data, wishes)
