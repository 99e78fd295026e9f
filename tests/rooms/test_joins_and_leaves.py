"""Hundreds of joins and leaves at a real server: its web process grows by little, and no connection stays behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.bench_people import is_now
from tests.rooms.visits import At, Seat, at, eventually

pytestmark = pytest.mark.long

ROUNDS = 500
WARM = 100
MOST_BYTES = 20_000_000
"""By how much web may grow over `ROUNDS` (goals of the rooms: 500 joins and leaves, less than 20 MB)."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who has an account at the server."""

    id: UUID
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        """Their sign-in."""
        return {"Authorization": f"Bearer {self.token}"}


def _somebody(place: Clinic, account: str) -> Any:
    return next(Somebody(UUID(account), one["token"]) for one in place.facts["accounts"] if one["id"] == account)


def _memory(pid: int) -> int:
    """Resident bytes."""
    line = next(one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def _round(here: At, host: Seat, guest: Any, visit: str, number: int) -> None:
    """One comes, is let in when they have to be, and goes: by turns with a goodbye and without a word."""
    seat = await here.join(guest, visit)
    if seat.place(guest.id) != "inside":
        await seat.say("knock")
        await host.sees(guest.id, "waiting")
        await host.say("admit", participant=str(guest.id))
        await seat.sees(guest.id, "inside")
    if number % 2:
        await seat.say("leave")
        await seat.closed()
    else:
        await seat.leave_silently()
    await eventually(lambda: host.place(guest.id) in {"left", "away"}, "the seat is empty")
    host.heard.clear()


async def test_five_hundred_joins_and_leaves_leave_little_behind_in_web() -> None:
    async with clinic(TELEGUT_WEB_PROCESSES="1") as place, at(f"http://{place.host}:{place.port}") as here:
        meeting = next(one for one in place.facts["appointments"] if is_now(one) and len(one["practitioners"]) == 1)
        host_account = _somebody(place, meeting["practitioners"][0])
        guest, visit = _somebody(place, meeting["patient"]), str(meeting["visit"])
        host, web = await here.join(host_account, visit), place.process_of("telegut web")
        for number in range(WARM):
            await _round(here, host, guest, visit, number)
        before = _memory(web)
        for number in range(ROUNDS):
            await _round(here, host, guest, visit, number)
        grown = _memory(web) - before
        print(f"web grew by {grown / 1e6:.1f} MB over {ROUNDS} joins and leaves")
        await host.say("leave")
        await host.closed()

        assert grown < MOST_BYTES
        database = await asyncpg.connect(await place.database_url())
        open_ones = "select count(*) from rooms_connection where visit = $1 and closed_at is null"
        await eventually(lambda: _is_zero(database, open_ones, UUID(visit)), "no connection is left")
        assert await _is_zero(database, f"{_SEATS} and state <> 'left'", UUID(visit))
        await database.close()


_SEATS = "select count(*) from rooms_seat where visit = $1"


async def _is_zero(database: Any, question: str, visit: UUID) -> bool:
    return int(await database.fetchval(question, visit)) == 0
