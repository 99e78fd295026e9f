"""
How long it takes until a visit stands in a consultant's calendar, beside Radicale taking one event.

Ours is a booking through HTTP by a patient: from then on the visit is in the consultant's CalDAV calendar, which is
looked into at the end. Theirs is a PUT of one event of the same length. One writer each, in turns, on this machine;
both servers put what they answered for on the disk.
"""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp

from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.measurement import Measurement

ROUNDS: Final = 6
"""How often the two take turns."""
READY_WITHIN_S: Final = 60.0
LENGTH: Final = timedelta(minutes=30)

Write = Callable[[int], Awaitable[float]]


async def measure(*, writes: int = 300) -> list[Measurement]:
    """
    Write on servers of their own. *writes*: how many of each.

    Raises:
        CommandFailed: a server does not become ready or refuses, the peer is not installed, or a booked visit is not
            in the calendar.
    """
    if importlib.util.find_spec("radicale") is None:
        raise CommandFailed(
            Exit.FAILED, "the peer Radicale is not installed: run ./run bench calendar, which sees to it."
        )
    async with clinic() as place, _radicale() as peer_url, aiohttp.ClientSession() as session:
        ours = await _Booking.begin(place, session, writes)
        theirs = await _Putting.begin(peer_url, session)
        own_s, peer_s = await _in_turns(ours.write, theirs.write, writes)
        await ours.check(writes)
    own_ms, peer_ms = statistics.median(own_s) * 1000, statistics.median(peer_s) * 1000
    return [Measurement("calendar", "write_p50", own_ms, "ms", "radicale", peer_ms)]


async def _in_turns(ours: Write, theirs: Write, writes: int) -> tuple[list[float], list[float]]:
    """Seconds of every write; a busy moment of the machine meets both."""
    for number in range(writes // 10):
        await ours(number)
        await theirs(number)
    own_s: list[float] = []
    peer_s: list[float] = []
    each = max(1, writes // ROUNDS)
    for _ in range(ROUNDS):
        own_s += [await ours(len(own_s)) for _ in range(each)]
        peer_s += [await theirs(len(peer_s)) for _ in range(each)]
    return own_s, peer_s


class _Booking:
    """Books free times of one consultant, each once, for one patient after the other."""

    def __init__(self, place: Clinic, session: aiohttp.ClientSession, free: list[str], service: str) -> None:
        self._base = f"http://{place.host}:{place.port}"
        self._session = session
        self._free = iter(free)
        self._service = service
        self._consultant = place.accounts("consultant")[0]
        self._patients = [one for one in place.accounts("patient") if not one.get("minor")]
        self._booked: list[str] = []

    @classmethod
    async def begin(cls, place: Clinic, session: aiohttp.ClientSession, writes: int) -> _Booking:
        """Ask for free times, enough for *writes* and the warming up."""
        kinds = [one for one in place.facts["services"] if one["needs"] == ["consultant"]]
        service = next(one["id"] for one in kinds if one["duration_minutes"] == 30)
        made = cls(place, session, [], service)
        since = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
        asked = {
            "service": service,
            "practitioner": made._consultant["id"],
            "from": _text(since),
            "to": _text(since + timedelta(days=300)),
        }
        found = await made._json("GET", "/api/v1/slots", made._patients[0], params=asked)
        if len(found["items"]) < writes * 2:
            raise CommandFailed(Exit.FAILED, "there are not enough free times; write less.")
        made._free = iter([one["start"] for one in found["items"]])
        return made

    async def write(self, number: int) -> float:
        """Seconds of one booking."""
        patient = self._patients[number % len(self._patients)]
        body = {"service": self._service, "practitioners": [self._consultant["id"]], "start": next(self._free)}
        headers = {"Idempotency-Key": uuid4().hex}
        began = time.perf_counter()
        booked = await self._json("POST", "/api/v1/appointments", patient, json=body, headers=headers)
        spent = time.perf_counter() - began
        self._booked.append(booked["id"])
        return spent

    async def check(self, writes: int) -> None:
        """Every booked visit is in the consultant's calendar, as a calendar program sees it."""
        made = await self._json(
            "POST", "/api/v1/calendar-feeds", self._consultant, json={"name": "Benchmark", "opens": "caldav"}
        )
        where = f"{self._base}/caldav/people/{self._consultant['id']}/calendars/visits/"
        signed = {"Authorization": aiohttp.encode_basic_auth(made["user"], made["password"]), "Depth": "1"}
        async with self._session.request("PROPFIND", where, headers=signed) as answer:
            said = await answer.text()
        missing = [one for one in self._booked if f"{one}.ics" not in said]
        if missing or len(self._booked) < writes:
            raise CommandFailed(Exit.FAILED, f"{len(missing)} booked visits are not in the calendar.")

    async def _json(self, method: str, path: str, who: Any, **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {who['token']}", **sent.pop("headers", {})}
        async with self._session.request(method, self._base + path, headers=headers, **sent) as answer:
            said = await answer.json()
            if answer.status >= 300:
                raise CommandFailed(Exit.FAILED, f"{path} was answered with {answer.status}: {said.get('code')}.")
            return said


class _Putting:
    """Puts one event after the other into one collection of the peer."""

    def __init__(self, session: aiohttp.ClientSession, collection: str) -> None:
        self._session = session
        self._collection = collection

    @classmethod
    async def begin(cls, url: str, session: aiohttp.ClientSession) -> _Putting:
        """Make the collection."""
        made = cls(session, f"{url}/dr/{uuid4().hex}/")
        async with session.request("MKCALENDAR", made._collection, headers=_PEER_USER) as answer:
            _expect(answer, 201)
        return made

    async def write(self, number: int) -> float:
        """Seconds of one PUT."""
        name = uuid4().hex
        headers = {"Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*", **_PEER_USER}
        body = _event(name, datetime(2030, 1, 1, tzinfo=UTC) + number * LENGTH)
        began = time.perf_counter()
        async with self._session.put(f"{self._collection}{name}.ics", data=body, headers=headers) as answer:
            _expect(answer, 201)
            await answer.read()
        return time.perf_counter() - began


_PEER_USER: Final = {"Authorization": aiohttp.encode_basic_auth("dr", "x")}


def _expect(answer: aiohttp.ClientResponse, status: int) -> None:
    if answer.status != status:
        raise CommandFailed(Exit.FAILED, f"Radicale answered with {answer.status}.")


def _event(name: str, start: datetime) -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//telegut//bench//EN",
        "BEGIN:VEVENT",
        f"UID:{name}",
        "DTSTAMP:20300101T000000Z",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + LENGTH:%Y%m%dT%H%M%SZ}",
        "SUMMARY:Appointment",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def _radicale() -> AsyncIterator[str]:
    """The peer on loopback, on a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="telegut-bench-peer-") as folder:
        flags = [f"--server-hosts=127.0.0.1:{port}", f"--storage-filesystem-folder={Path(folder) / 'data'}"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "radicale", "--config", "", "--auth-type=none", *flags),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await _listening(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise CommandFailed(Exit.FAILED, "Radicale does not become ready.")


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
