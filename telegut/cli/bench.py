"""``telegut bench NAME``: measures this installation and prints one line a metric, as the contract names them."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import json
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, cast

from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.measurement import Measurement

BENCHES: Final = {
    "booking": "bench_booking",
    "calendar": "bench_calendar",
    "forwarding": "bench_forwarding",
    "hot-thread": "bench_hot_thread",
    "join": "bench_join",
    "messages": "bench_messages",
    "recover": "bench_recover",
    "report": "bench_report",
    "rooms": "bench_rooms",
    "slots": "bench_slots",
    "sockets": "bench_sockets",
    "start": "bench_start",
}
"""Each benchmark and the module beside this one that measures it."""


class Bench(Protocol):
    """What a benchmark's module offers."""

    @property
    def measure(self) -> Callable[..., Coroutine[Any, Any, list[Measurement]]]:
        """Run it. Some know *seconds*, how long; and *peer*, whether it is measured too."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which benchmark, and how to answer."""
    parser.add_argument("name", choices=list(BENCHES), help="what to measure")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object a line")
    parser.add_argument("--seconds", type=float, help="how long to measure, where the benchmark measures for a time")
    parser.add_argument("--alone", action="store_true", help="without the peer, where the benchmark can do without")


def run(args: argparse.Namespace) -> int:
    """Measure and print. Told to end, a bench ends what it has started first, as it does when it is interrupted."""
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    bench = cast(Bench, importlib.import_module(f"telegut.cli.{BENCHES[args.name]}"))
    for one in asyncio.run(bench.measure(**_options(bench, args))):
        print(json.dumps(one.as_line(), ensure_ascii=False) if args.json else one.as_text(), flush=True)
    return Exit.DONE


def _options(bench: Bench, args: argparse.Namespace) -> dict[str, Any]:
    """
    What *args* ask of *bench*.

    Raises:
        CommandFailed: it does not know that.
    """
    asked = {"seconds": args.seconds} if args.seconds is not None else {}
    asked |= {"peer": False} if args.alone else {}
    unknown = asked.keys() - inspect.signature(bench.measure).parameters.keys()
    if unknown:
        flag = "--seconds" if "seconds" in unknown else "--alone"
        raise CommandFailed(Exit.USAGE, f"the benchmark {args.name} knows no {flag}.")
    return asked
