"""
What a forwarded packet costs: CPU of the media process, beside Janus with one event loop and beside the floor.

Three cases: one room of twelve who each see the eleven others; twenty rooms of two and four rooms of four with picture
and sound. The callers are the same for all (`calls`), with real ICE, DTLS and SRTP. The floor is a UDP echo in Python
that opens and seals each packet and does nothing else, for as many packets as are forwarded.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from telegut.cli.bench_network import NoNetwork
from telegut.cli.calls import clip, servers
from telegut.cli.calls.running import Serving, Window, calls, load, median
from telegut.cli.measurement import Measurement

CASES: Final = {"12x11": ("wide", 1), "20x1to1": ("two", 20), "4x4": ("four", 4)}
WINDOWS: Final = 3
FLOOR: Final = "echo_floor"


async def measure(
    *, seconds: float = 4.0, peer: bool = True, floor: bool = True, cases: Mapping[str, tuple[str, int]] = CASES
) -> list[Measurement]:
    """
    Measure each case in `WINDOWS` windows of *seconds*. *peer*: whether Janus is measured too; *floor*: the echo.

    Raises:
        CommandFailed: a server does not start, or not everybody gets what they should.
    """
    found: list[Measurement] = []
    with tempfile.TemporaryDirectory(prefix="telegut-bench-clip-") as folder, network(wanted=peer) as with_janus:
        pictures = Path(folder) / "clip"
        clip.make(pictures)
        others: dict[str, Serving] = {"janus": servers.janus} if with_janus else {}
        others |= {FLOOR: servers.echo} if floor else {}
        for name, (shape, rooms) in cases.items():
            ours = await _windows(servers.own, shape, rooms, pictures, seconds)
            theirs = {peer: await _windows(one, shape, rooms, pictures, seconds) for peer, one in others.items()}
            found += _measurements(name, ours, theirs)
    return found


@contextlib.contextmanager
def network(*, wanted: bool) -> Iterator[bool]:
    """A network in which Janus can be measured too; whether there is one. What is missing is said."""
    with contextlib.ExitStack() as stack:
        try:
            if wanted:
                stack.enter_context(servers.network_for_janus())
        except NoNetwork as missing:
            print(f"Janus is not measured: {missing}.", file=sys.stderr, flush=True)
            wanted = False
        yield wanted


async def _windows(serving: Serving, shape: str, rooms: int, pictures: Path, seconds: float) -> list[Window]:
    async with calls(serving, shape, rooms, pictures) as call:
        found = [await call.window(seconds) for _ in range(WINDOWS)]
    for one in found:
        print(
            f"{serving.__name__} {shape} x{rooms}: {one.per_packet_us:.1f} µs, core {one.cpu_s / one.seconds:.3f}, "
            f"{one.received} received, {one.lost} lost, callers {one.callers:.2f}, load {load():.1f}",
            file=sys.stderr,
            flush=True,
        )
    return found


def _measurements(name: str, ours: list[Window], theirs: Mapping[str, list[Window]]) -> list[Measurement]:
    lost = _lost(ours)
    found = [
        Measurement("forwarding", f"cpu_per_packet_{name}", median(ours), "µs", peer, median(windows))
        for peer, windows in theirs.items()
    ] or [Measurement("forwarding", f"cpu_per_packet_{name}", median(ours), "µs")]
    return found + (
        [
            Measurement("forwarding", f"lost_{name}", lost, "count", peer, _lost(windows))
            for peer, windows in theirs.items()
            if peer != FLOOR
        ]
        or [Measurement("forwarding", f"lost_{name}", lost, "count")]
    )


def _lost(windows: list[Window]) -> float:
    return float(sum(one.lost for one in windows))
