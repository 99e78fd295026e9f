"""
How long pictures stay away when the network breaks under a call.

In a network of its own: everything is cut for ten seconds, and the time counts from when it is whole again; and the way
from browser to browser is cut for good while the server stays within reach, and the time counts from the cut.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import Final

from telegut.cli.bench_network import Network
from telegut.cli.bench_people import Pair, chromium, own_network, said_plainly, seconds, two_in_a_call
from telegut.cli.measurement import Measurement
from telegut.rooms.media.control import ask_health, socket_path

CUT_S: Final = 10.0
TIMES: Final = 3


async def measure(*, times: int = TIMES) -> list[Measurement]:
    """
    Cut that many times each way; medians.

    Raises:
        CommandFailed: this machine has no browser or network namespaces, or a call does not come back.
    """
    with said_plainly(), own_network() as network:
        async with chromium() as browser, two_in_a_call(browser) as pair:
            direct = [await _cut(network, pair) for _ in range(times)]
            changed = await _block_direct_way(network, pair)
            forwarded = [await _cut(network, pair) for _ in range(times)]
    return [
        Measurement("recover", "direct_after_cut", statistics.median(direct), "s"),
        Measurement("recover", "forwarded_after_cut", statistics.median(forwarded), "s"),
        Measurement("recover", "direct_to_forwarder", changed, "s"),
    ]


async def _cut(network: Network, pair: Pair) -> float:
    """Seconds from the end of a cut until both see each other again."""
    await pair.see()
    network.cut()
    await asyncio.sleep(CUT_S)
    network.rules()
    began = seconds()
    await pair.see()
    return seconds() - began


async def _block_direct_way(network: Network, pair: Pair) -> float:
    """Seconds from when only the server can be reached any more until both see each other again, by the forwarder."""
    port = (await ask_health(socket_path(pair.place.data))).udp_port
    await pair.see()
    network.only_udp(port)
    began = seconds()
    await asyncio.sleep(0.5)  # what was under way is shown
    await pair.see()
    return seconds() - began
