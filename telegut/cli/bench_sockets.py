"""
What an idle socket costs, and how fast many come back at once, beside aiohttp with nothing on top.

10,000 sockets of the clinic's people are open and have said hello; then 5,000 are cut at the same moment, something is
said to some of them, and all come back with their cursors, while another client goes on reading its conversations.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.bench_crowd import Order
from telegut.cli.bench_drivers import driver
from telegut.cli.bench_http import connections, get, post
from telegut.cli.bench_messages import conversations
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.measurement import Measurement
from telegut.db.ids import new_id

SPARE_FILES: Final = 512
"""What a process has open besides its sockets, at most."""
SETTLE_S: Final = 2.0
TOLD: Final = 4
"""In how many conversations something is said while everybody is away."""
BETWEEN_S: Final = 0.02
LONGER_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Crowded:
    """What a server did: KiB of each idle socket, seconds until everybody was back, 99th percentile of another GET."""

    socket_kib: float
    back_s: float
    get_p99_ms: float


async def measure(*, sockets: int = 10_000, cut: int = 5_000) -> list[Measurement]:
    """
    Open them on servers of their own.

    Raises:
        CommandFailed: this machine lets a process open too few files, or a server does not let everybody in.
    """
    _check_files(sockets)
    async with clinic(TELEGUT_SOCKETS_PER_ACCOUNT=str(sockets), TELEGUT_SOCKETS_PER_PROCESS=str(sockets * 2)) as place:
        own = await _ours(place, sockets, cut)
    theirs = await _floor(sockets, cut)
    return [
        Measurement("sockets", "memory_per_socket", own.socket_kib, "KiB", "aiohttp", theirs.socket_kib),
        Measurement("sockets", f"reconnect_{cut}", own.back_s, "s", "aiohttp", theirs.back_s),
        Measurement("sockets", "other_get_p99", own.get_p99_ms, "ms", "aiohttp", theirs.get_p99_ms),
    ]


def _check_files(sockets: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < sockets + SPARE_FILES:
        raise CommandFailed(
            Exit.FAILED,
            f"a process may open {most} files here, and {sockets} sockets need {sockets + SPARE_FILES}: raise the hard "
            "limit (ulimit -Hn, or LimitNOFILE of the service) and measure again.",
        )


async def _ours(place: Clinic, sockets: int, cut: int) -> Crowded:
    talking = await conversations(place)
    told = talking[:TOLD]
    tokens = [one["token"] for one in place.facts["accounts"]]
    order = Order(place.host, place.port, "/events", tokens, [token for token, _ in told], sockets, cut)

    async def say() -> None:
        async with connections(place.host, place.port, 1) as (line,):
            for token, conversation in told:
                body = {"client_id": str(new_id()), "body": "While you were away."}
                status, _ = await line.ask(
                    post(f"/api/v1/conversations/{conversation}/messages", token, body, str(new_id()))
                )
                if status != 201:
                    raise CommandFailed(Exit.FAILED, f"a message was answered with {status}.")

    return await _crowded(order, place.process_of("telegut web"), talking[-1][0], say)


async def _floor(sockets: int, cut: int) -> Crowded:
    async with driver("bench_floor", {}) as server:
        order = Order("127.0.0.1", int(await server.said()), "/events", ["token"], [], sockets, cut)

        async def say() -> None:
            """Nothing: it keeps nothing for anybody."""

        return await _crowded(order, server.pid, "token", say)


async def _crowded(order: Order, process: int, token: str, say: Callable[[], Awaitable[None]]) -> Crowded:
    warm = Order(**{**asdict(order), "sockets": 200, "cut": 0})
    async with driver("bench_crowd", asdict(warm)) as first:
        await first.result()
    await asyncio.sleep(SETTLE_S)
    before = _resident_kib(process)
    async with driver("bench_crowd", asdict(order)) as people:
        await people.result()
        await asyncio.sleep(SETTLE_S)
        resident = _resident_kib(process)
        await people.tell("cut")
        await people.result()
        await say()
        async with _reading(order.host, order.port, token) as waits:
            await people.tell("back")
            back = await people.result()
            await asyncio.sleep(LONGER_S)
    p99 = statistics.quantiles(waits, n=100)[-1] if len(waits) > 1 else waits[0]
    return Crowded((resident - before) / order.sockets, back["back_s"], p99 * 1000)


@asynccontextmanager
async def _reading(host: str, port: int, token: str) -> AsyncIterator[list[float]]:
    """Another client asks for its conversations again and again; the seconds that each answer took."""
    waits: list[float] = []
    request = get("/api/v1/conversations", token)
    async with connections(host, port, 1) as (line,):
        await line.ask(request)

        async def read() -> None:
            while True:
                began = time.perf_counter()
                status, _ = await line.ask(request)
                waits.append(time.perf_counter() - began)
                if status != 200:
                    raise CommandFailed(Exit.FAILED, f"another client was answered with {status}.")
                await asyncio.sleep(BETWEEN_S)

        reading = asyncio.create_task(read())
        try:
            yield waits
        finally:
            if reading.done():
                reading.result()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def _resident_kib(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
