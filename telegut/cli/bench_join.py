"""
How long it takes from opening a link until the other person is seen, and what that costs the server.

Somebody who was let in before opens their link anew, in a network of its own: from browser to browser, by our
forwarder, and where UDP is blocked (over TCP by our TURN server). There is no peer: no other system is to be had here.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import Final

from telegut.cli.bench_people import Pair, chromium, own_network, relaying, said_plainly, seconds, two_in_a_call, until
from telegut.cli.measurement import Measurement

TIMES: Final = 7
QUIET_S: Final = 4.0


async def measure(*, times: int = TIMES) -> list[Measurement]:
    """
    Open the link that many times each way; medians.

    Raises:
        CommandFailed: this machine has no browser, TURN server or network namespaces, or nobody is seen.
    """
    found: list[Measurement] = []
    with said_plainly(), own_network() as network:
        async with chromium() as browser, two_in_a_call(browser) as pair:
            found.append(_middle("direct", await _join(pair, times)))
            await pair.go_by_forwarder()
            found += await _by_forwarder(pair, times)
        async with chromium() as browser, relaying() as turn:
            network.block_udp(turn.relays)
            async with two_in_a_call(browser, turn) as pair:
                found.append(_middle("udp_blocked", await _join(pair, times)))
    return found


def _middle(name: str, taken: list[float]) -> Measurement:
    return Measurement("join", f"first_frame_{name}", statistics.median(taken), "s")


async def _join(pair: Pair, times: int) -> list[float]:
    """Seconds from opening the link to the first picture of the other person."""
    taken = []
    for _ in range(times):
        await pair.guest.goto("about:blank")
        await pair.guest.goto(pair.links[1], wait_until="commit")
        taken.append(await until(lambda: pair.guest.evaluate("window.firstPicture"), "the other one is seen") / 1000)
    return taken


async def _by_forwarder(pair: Pair, times: int) -> list[Measurement]:
    """The same by the forwarder; CPU time of web and media for each, beyond what the call itself costs them."""
    titles = ("telegut web", "telegut media")
    await pair.see()
    idle, began = {one: pair.place.cpu_s(one) for one in titles}, seconds()
    await asyncio.sleep(QUIET_S)
    each_s = {one: (pair.place.cpu_s(one) - idle[one]) / (seconds() - began) for one in titles}
    before, began = {one: pair.place.cpu_s(one) for one in titles}, seconds()
    taken = await _join(pair, times)
    lasted = seconds() - began
    spent = {one: (pair.place.cpu_s(one) - before[one] - each_s[one] * lasted) / times * 1000 for one in titles}
    return [
        _middle("forwarded", taken),
        Measurement("join", "cpu_per_join_media", max(0.0, spent["telegut media"]), "ms"),
        Measurement("join", "cpu_per_join_web", max(0.0, spent["telegut web"]), "ms"),
    ]
