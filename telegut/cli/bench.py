"""``telegut bench NAME``: measures this installation and prints one line a metric, as the contract names them."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
from typing import Final, Protocol, cast

from telegut.cli.exits import Exit
from telegut.cli.measurement import Measurement

BENCHES: Final = {
    "booking": "bench_booking",
    "calendar": "bench_calendar",
    "hot-thread": "bench_hot_thread",
    "messages": "bench_messages",
    "slots": "bench_slots",
    "sockets": "bench_sockets",
    "start": "bench_start",
}
"""Each benchmark and the module beside this one that measures it."""


class Bench(Protocol):
    """What a benchmark's module offers."""

    async def measure(self) -> list[Measurement]:
        """Run it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which benchmark, and how to answer."""
    parser.add_argument("name", choices=list(BENCHES), help="what to measure")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    bench = cast(Bench, importlib.import_module(f"telegut.cli.{BENCHES[args.name]}"))
    for one in asyncio.run(bench.measure()):
        print(json.dumps(one.as_line(), ensure_ascii=False) if args.json else one.as_text(), flush=True)
    return Exit.DONE
