"""
How fast visits are booked through HTTP: different times, one time that everybody wants, and times that overlap.

The peer is pgbench on the same server's PostgreSQL, in a database of its own: one insert a transaction into a table
with the same exclusion constraint. Every booking carries an ``Idempotency-Key``; server, database and the load itself
share this machine.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from telegut.cli import bench_pgbench
from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.bench_http import Connection, connections, get, post
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.measurement import Measurement
from telegut.db.ids import new_id

BOOKERS: Final = 128
"""Who books different times at once."""
ROUNDS: Final = 3
"""How often one time and overlapping times are fought over; the slowest round is told."""
APPOINTMENTS: Final = "/api/v1/appointments"
DIFFERENT: Final = timedelta(days=600)
"""Out of how much time different times are chosen."""
STAGGERED_STARTS: Final = 8


async def measure(*, seconds: float = 8.0, one_slot: int = 200, staggered: int = 100) -> list[Measurement]:
    """
    Book on a server of its own. *seconds*: of booking different times, and of pgbench.

    Raises:
        CommandFailed: the server does not become ready, or answers what it must not.
    """
    async with clinic() as place, connections(place.host, place.port, max(one_slot, staggered, BOOKERS)) as lines:
        wishes = await wishes_of(place, lines[0])
        await _book(lines[:BOOKERS], wishes, seconds / 8)  # everybody joins the care teams, statements are prepared
        peer = await bench_pgbench.rate(
            bench_pgbench.BOOKING,
            await place.database_url(),
            place.data,
            seconds,
            cpu_s=lambda: place.cpu_s("postgres", "/"),
        )
        speed, cpu_ms = await _different(place, lines[:BOOKERS], wishes, seconds)
        fought = max([await _one_slot(lines[:one_slot], wishes) for _ in range(ROUNDS)])
        overlapping = max([await _staggered(lines[:staggered], wishes) for _ in range(ROUNDS)])
    return [
        Measurement("booking", "booked_per_s", speed, "1/s", "pgbench", peer.per_s),
        Measurement("booking", "cpu_per_booking", cpu_ms, "ms"),
        Measurement("booking", f"one_slot_{one_slot}", fought, "s"),
        Measurement("booking", f"staggered_{staggered}", overlapping, "s"),
    ]


class Wishes:
    """
    Who wants what. *free*: the free starts of each consultant, of which each is asked for once.

    Neighbouring requests are for different consultants and patients, so that nobody has something else then.
    """

    def __init__(self, place: Clinic, free: Sequence[Sequence[str]], days: Sequence[Sequence[str]]) -> None:
        self._patients = [one for one in place.accounts("patient") if not one.get("minor")]
        self._consultants = place.accounts("consultant")
        kinds = [one for one in place.facts["services"] if one["needs"] == ["consultant"]]
        self.short = next(one["id"] for one in kinds if one["duration_minutes"] == 30)
        self.long = next(one["id"] for one in kinds if one["duration_minutes"] == 50)
        self._next = (
            self.ask(self.short, who, number * len(free) + who, start)
            for number, starts in enumerate(zip(*free, strict=False))
            for who, start in enumerate(starts)
        )
        self._days = iter(days)

    def different(self) -> bytes:
        """
        A request for a time that nobody has asked for before.

        Raises:
            CommandFailed: there is none any more.
        """
        found = next(self._next, None)
        if found is None:
            raise CommandFailed(Exit.FAILED, "every free time is booked; measure for a shorter time.")
        return found

    def day(self) -> Sequence[str]:
        """The starts of the first consultant on a day that nobody has asked for before, half an hour apart."""
        return next(self._days)

    def ask(self, service: str, who: int, patient: int, start: str) -> bytes:
        """One request, under a key of its own."""
        body = {"service": service, "practitioners": [self._consultants[who]["id"]], "start": start}
        token = self._patients[patient % len(self._patients)]["token"]
        return post(APPOINTMENTS, token, body, str(new_id()))


async def wishes_of(place: Clinic, line: Connection) -> Wishes:
    """Ask the server what is free: a long time of different times, and some days afterwards that are fought over."""
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + DIFFERENT
    free = [await _free(place, line, who, now + timedelta(days=2), until) for who in range(3)]
    days: dict[str, list[str]] = {}
    for start in await _free(place, line, 0, until + timedelta(days=1), until + timedelta(days=2 + 2 * ROUNDS)):
        days.setdefault(start[:10], []).append(start)
    return Wishes(place, free, [one for one in days.values() if len(one) >= STAGGERED_STARTS])


async def _free(place: Clinic, line: Connection, who: int, since: datetime, until: datetime) -> list[str]:
    patient, consultant = place.accounts("patient")[0], place.accounts("consultant")[who]["id"]
    kinds = [one for one in place.facts["services"] if one["needs"] == ["consultant"]]
    short = next(one["id"] for one in kinds if one["duration_minutes"] == 30)
    asked = {"service": short, "practitioner": consultant, "from": _text(since), "to": _text(until)}
    status, body = await line.ask(get(f"/api/v1/slots?{urlencode(asked)}", patient["token"]))
    if status != 200:
        raise CommandFailed(Exit.FAILED, f"free times were answered with {status}: {_code(body)}.")
    return [one["start"] for one in json.loads(body)["items"]]


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


async def _book(lines: Sequence[Connection], wishes: Wishes, seconds: float) -> int:
    """Everybody books one time after the other; how many in all."""
    until = time.monotonic() + seconds
    booked = 0

    async def keep_booking(line: Connection) -> None:
        nonlocal booked
        while time.monotonic() < until:
            status, body = await line.ask(wishes.different())
            if status != 201:
                raise CommandFailed(Exit.FAILED, f"a free time was refused with {status}: {_code(body)}.")
            booked += 1

    await asyncio.gather(*(keep_booking(line) for line in lines))
    return booked


async def _different(place: Clinic, lines: Sequence[Connection], wishes: Wishes, seconds: float) -> tuple[float, float]:
    """Bookings a second, and milliseconds that web and PostgreSQL compute for each."""
    began, cpu = time.monotonic(), place.cpu_s("telegut web", "postgres", "/")
    booked = await _book(lines, wishes, seconds)
    spent, used = time.monotonic() - began, place.cpu_s("telegut web", "postgres", "/") - cpu
    return booked / spent, used / booked * 1000


async def _one_slot(lines: Sequence[Connection], wishes: Wishes) -> float:
    """Seconds until everybody who wanted one time has an answer."""
    start = wishes.day()[0]
    seconds, statuses = await _at_once(lines, [wishes.ask(wishes.short, 0, one, start) for one in range(len(lines))])
    if statuses != Counter({201: 1, 409: len(lines) - 1}):
        raise CommandFailed(Exit.FAILED, f"one time was answered with {dict(statuses)}.")
    return seconds


async def _staggered(lines: Sequence[Connection], wishes: Wishes) -> float:
    """Seconds until everybody has an answer who wanted fifty minutes, starting half an hour apart."""
    starts = wishes.day()[:STAGGERED_STARTS]
    asked = [wishes.ask(wishes.long, 0, one, starts[one % len(starts)]) for one in range(len(lines))]
    seconds, statuses = await _at_once(lines, asked)
    if set(statuses) != {201, 409} or not len(starts) // 3 <= statuses[201] <= (len(starts) + 1) // 2:
        raise CommandFailed(Exit.FAILED, f"overlapping times were answered with {dict(statuses)}.")
    return seconds


async def _at_once(lines: Sequence[Connection], asked: Sequence[bytes]) -> tuple[float, Counter[int]]:
    began = time.monotonic()
    answers = await asyncio.gather(*(line.ask(one) for line, one in zip(lines, asked, strict=True)))
    return time.monotonic() - began, Counter(status for status, _ in answers)


def _code(body: bytes) -> str:
    try:
        return str(json.loads(body).get("code"))
    except ValueError:
        return "no problem document"
