"""
How fast messages are sent over ``/events`` and delivered to another socket, beside pgbench and Synapse.

Ours: patients each in the conversation with their care team; their consultants' sockets take delivery. An acknowledged
message is committed with its audit entry and its place in every member's mailbox. pgbench: the same rows for two
members, one commit each; and, to see what they cost, the message and the number of its conversation alone. Synapse: a
room for each sender, one more member who takes delivery.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from telegut.cli import bench_matrix, bench_pgbench, bench_talk
from telegut.cli.bench_clinic import Clinic, clinic
from telegut.cli.bench_drivers import driver
from telegut.cli.bench_http import Connection, connections, get
from telegut.cli.bench_synapse import Synapse, synapse
from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.measurement import Measurement

SENDERS: Final = (8, 32)
UNDER_WAY: Final = 96
"""Unanswered messages of all senders together: enough that nobody waits for the network, few enough to be fast."""
WARM_S: Final = 3.0
OURS: Final = ("telegut web", "postgres", "/")
"""Whose CPU a message costs: the web processes and the database's, whose first one is named by its path."""


@dataclass(frozen=True, slots=True)
class Talked:
    """How sending went: messages a second, delivery's 99th percentile, and the server's CPU for each."""

    per_s: float
    p99_ms: float
    cpu_ms: float


async def measure(*, seconds: float = 8.0, peer: bool = True) -> list[Measurement]:
    """
    Send on a server of its own. *seconds*: of each number of senders. *peer*: whether Synapse is measured beside it.

    Raises:
        CommandFailed: a server does not become ready, the peer cannot be installed, or a message was lost.
    """
    async with clinic() as place:
        senders = await conversations(place)
        floor = await _pgbench(bench_pgbench.MESSAGES, place, seconds)
        alone = await _pgbench(bench_pgbench.MESSAGE, place, seconds)
        own = {many: await talked(place, senders, many, seconds) for many in SENDERS}
        theirs: dict[int, Talked] = {}
        if peer:
            async with synapse(await place.database_url()) as homeserver:
                theirs = {many: await synapse_talked(place, homeserver, many, seconds) for many in SENDERS}
    return _measurements(own, {"pgbench": floor, "pgbench_words_alone": alone}, theirs)


def _measurements(
    own: Mapping[int, Talked], floors: Mapping[str, Mapping[int, bench_pgbench.Rate]], theirs: Mapping[int, Talked]
) -> list[Measurement]:
    found = []
    for many, ours in own.items():
        rates = {name: floor[many].per_s for name, floor in floors.items()}
        rates |= {"synapse": theirs[many].per_s} if theirs else {}
        found += [Measurement("messages", f"sent_per_s_{many}", ours.per_s, "1/s", *one) for one in rates.items()]
    for many, ours in own.items():
        beside = ("synapse", theirs[many].p99_ms) if theirs else (None, None)
        found.append(Measurement("messages", f"delivery_p99_{many}", ours.p99_ms, "ms", *beside))
    most = max(own)
    costs = {name: floor[most].cpu_ms for name, floor in floors.items()}
    costs |= {"synapse": theirs[most].cpu_ms} if theirs else {}
    found += [Measurement("messages", "cpu_per_message", own[most].cpu_ms, "ms", *one) for one in costs.items()]
    return found


async def conversations(place: Clinic) -> list[tuple[str, str]]:
    """
    The tokens of patients who have a care team, each with the conversation in which they talk with it.

    Raises:
        CommandFailed: the server does not tell.
    """
    cared = {one["patient"] for one in place.facts["care_teams"]}
    async with connections(place.host, place.port, 1) as (line,):
        patients = [one for one in place.accounts("patient") if one["id"] in cared and not one.get("minor")]
        return [(one["token"], await _conversation(line, one["token"])) for one in patients]


async def _conversation(line: Connection, token: str) -> str:
    status, body = await line.ask(get("/api/v1/conversations", token))
    found = json.loads(body)["items"] if status == 200 else []
    if not found:
        raise CommandFailed(Exit.FAILED, f"conversations were answered with {status}, {len(found)} of them.")
    return str(found[0]["id"])


async def talked(place: Clinic, senders: list[tuple[str, str]], many: int, seconds: float) -> Talked:
    """*many* sockets that send in the conversations of *senders*, in turns when there are fewer."""
    order = bench_talk.Order(
        place.host,
        place.port,
        [senders[one % len(senders)] for one in range(many)],
        [one["token"] for one in place.accounts("consultant")],
        max(1, UNDER_WAY // many),
        WARM_S,
        seconds,
    )
    return await _driven("bench_talk", asdict(order), seconds, lambda: place.cpu_s(*OURS))


async def synapse_talked(
    place: Clinic, homeserver: Synapse, many: int, seconds: float, *, one_room: bool = False
) -> Talked:
    """The same through Synapse; each sender has one message under way, more would only wait longer."""
    order = bench_matrix.Order(homeserver.url, homeserver.secret, many, one_room, WARM_S, seconds)
    return await _driven(
        "bench_matrix", asdict(order), seconds, lambda: homeserver.cpu_s() + place.cpu_s("postgres", "/")
    )


async def _driven(module: str, order: dict[str, Any], seconds: float, cpu_s: Callable[[], float]) -> Talked:
    async with driver(module, order) as generator:
        await generator.said()
        before = cpu_s()
        await asyncio.sleep(seconds)
        spent = cpu_s() - before
        found = await generator.result()
    return Talked(found["sent"] / found["seconds"], found["p99_ms"], spent / found["sent"] * 1000)


async def _pgbench(script: bench_pgbench.Script, place: Clinic, seconds: float) -> dict[int, bench_pgbench.Rate]:
    return {
        many: await bench_pgbench.rate(
            script,
            await place.database_url(),
            place.data,
            seconds,
            clients=many,
            cpu_s=lambda: place.cpu_s("postgres", "/"),
        )
        for many in SENDERS
    }
