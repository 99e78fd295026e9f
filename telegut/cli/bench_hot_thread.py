"""
How fast messages are sent when everybody talks in one conversation, beside pgbench with one contended row.

Both number every message from the same row, which one transaction at a time may hold.
"""

from __future__ import annotations

from typing import Final

from telegut.cli import bench_pgbench
from telegut.cli.bench_clinic import clinic
from telegut.cli.bench_messages import conversations, talked
from telegut.cli.measurement import Measurement

SENDERS: Final = 32


async def measure(*, seconds: float = 8.0) -> list[Measurement]:
    """
    Send on a server of its own. *seconds*: of ours, and of pgbench.

    Raises:
        CommandFailed: the server does not become ready, or a message was lost.
    """
    async with clinic(TELEGUT_SOCKETS_PER_ACCOUNT=str(2 * SENDERS)) as place:
        (one, *_) = await conversations(place)
        floor = await bench_pgbench.rate(
            bench_pgbench.HOT_THREAD,
            await place.database_url(),
            place.data,
            seconds,
            clients=SENDERS,
            cpu_s=lambda: place.cpu_s("postgres", "/"),
        )
        own = await talked(place, [one], SENDERS, seconds)
    return [Measurement("hot-thread", "sent_per_s", own.per_s, "1/s", "pgbench", floor.per_s)]
