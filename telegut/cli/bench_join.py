"""
How long it takes from opening a link until the other person is seen, and what that costs the server.

Somebody who was let in before opens their link anew, in a network of its own: from browser to browser, by our
forwarder, and where UDP is blocked (over TCP by our TURN server). There is no peer: no other system is to be had here.

The server's CPU is that of web, media and database from opening the link until the first frame, from browser to browser
as two people meet, for a browser that has scripts and styles from before. Beside it stand the same by the forwarder,
whose media process then carries pictures as well, what is fetched once somebody is seen (the panel, the feed), what it
costs that somebody leaves, and the first visit of a browser that has nothing yet.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import Final

from telegut.cli.bench_computed import Computed
from telegut.cli.bench_people import (
    Pair,
    another_page,
    chromium,
    own_network,
    relaying,
    said_plainly,
    two_in_a_call,
    until,
)
from telegut.cli.measurement import Measurement

TIMES: Final = 7
FIRST_VISITS: Final = 3
QUIET_S: Final = 3.0
GONE_S: Final = 1.0
"""After this the server has noted that somebody left."""
SETTLED_S: Final = 2.0
"""After this all that belongs to a visit has been fetched."""


async def measure(*, times: int = TIMES) -> list[Measurement]:
    """
    Open the link that many times each way; medians.

    Raises:
        CommandFailed: this machine has no browser, TURN server or network namespaces, or nobody is seen.
    """
    found: list[Measurement] = []
    with said_plainly(), own_network() as network:
        async with chromium() as browser, two_in_a_call(browser) as pair:
            found += await _with_what_it_costs(pair, times, "direct", "")
            await pair.go_by_forwarder()
            found += await _with_what_it_costs(pair, times, "forwarded", "_forwarded")
        async with chromium() as browser, relaying() as turn:
            network.block_udp(turn.relays)
            async with two_in_a_call(browser, turn) as pair:
                found.append(_middle("udp_blocked", [await _seen_after_s(pair) for _ in range(times)]))
    return found


def _middle(name: str, taken: list[float]) -> Measurement:
    return Measurement("join", f"first_frame_{name}", statistics.median(taken), "s")


def _cpu(name: str, spent_ms: float) -> Measurement:
    return Measurement("join", name, max(0.0, spent_ms), "ms")


async def _seen_after_s(pair: Pair) -> float:
    """Seconds from opening the link to the first picture of the other person."""
    await pair.guest.goto("about:blank")
    await pair.guest.goto(pair.links[1], wait_until="commit")
    shown = await until(lambda: pair.guest.evaluate("window.firstPicture"), "the other one is seen")
    return float(shown) / 1000


async def _with_what_it_costs(pair: Pair, times: int, way: str, suffix: str) -> list[Measurement]:
    """How long it takes this *way*, and its costs beyond what the server computes while nobody comes or goes."""
    await pair.see()
    await asyncio.sleep(SETTLED_S)  # what is fetched once somebody is seen is no part of what idling costs
    computed = Computed(pair.place)
    together = await computed.idle(QUIET_S)
    await pair.guest.goto("about:blank")
    await asyncio.sleep(GONE_S)
    alone = await computed.idle(QUIET_S)
    taken, leaving, joining, after = [], [], [], []
    for _ in range(times):
        async with computed.beyond(alone) as left:
            await pair.guest.goto("about:blank")
            await asyncio.sleep(GONE_S)
        async with computed.beyond(alone) as joined:
            taken.append(await _seen_after_s(pair))
        async with computed.beyond(together) as settled:
            await asyncio.sleep(SETTLED_S)
        leaving.append(left)
        joining.append(joined)
        after.append(settled)
    joining_ms = {part: statistics.median(one[part] for one in joining) for part in computed.parts}
    return [
        _middle(way, taken),
        _cpu(f"server_cpu_per_join{suffix}", sum(max(0.0, one) for one in joining_ms.values())),
        *(_cpu(f"cpu_per_join_{part}{suffix}", spent) for part, spent in joining_ms.items()),
        _cpu(f"server_cpu_after_first_frame{suffix}", statistics.mean(one["web"] + one["database"] for one in after)),
        _cpu(f"server_cpu_per_leaving{suffix}", statistics.mean(one["web"] + one["database"] for one in leaving[1:])),
        _cpu(f"server_cpu_per_first_visit{suffix}", await _first_visits(pair, computed)),
    ]


async def _first_visits(pair: Pair, computed: Computed) -> float:
    """Web and database, for a browser that has nothing of ours: every script, style and font is fetched as well."""
    await pair.guest.goto("about:blank")
    await asyncio.sleep(GONE_S)
    alone, spent = await computed.idle(QUIET_S), []
    for _ in range(FIRST_VISITS):
        async with another_page(pair.guest) as page:
            async with computed.beyond(alone) as visited:
                await page.goto(pair.links[1], wait_until="commit")
                await until(lambda page=page: page.evaluate("window.firstPicture"), "the other one is seen")  # type: ignore[misc]
            spent.append(visited["web"] + visited["database"])
        await asyncio.sleep(GONE_S)
    await _seen_after_s(pair)
    return statistics.median(spent)
