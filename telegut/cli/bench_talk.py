"""
A process of its own that sends messages over sockets as fast as they are answered, and takes delivery of them.

Order on standard input, one JSON object, see `Order`. It answers ``begin`` once everything is warm, and at the end one
JSON object: how many were sent in how long, and how long delivery took. What was delivered is looked into: every
message once, and each sender's in their order.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from telegut.cli.bench_frames import Line, line

_OURS: Final = re.compile(rb'"client_id": ?"([^"]+)"')
DELIVERED_WITHIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Order:
    """
    What to do. senders: each a token and a conversation. receivers: tokens whose sockets take delivery. in_flight: how
    many unanswered messages each sender has. warm_s, seconds: before measuring, and measured.
    """

    host: str
    port: int
    senders: list[tuple[str, str]]
    receivers: list[str]
    in_flight: int
    warm_s: float
    seconds: float
    characters: int = 240


@dataclass(slots=True)
class Told:
    """
    What has happened so far. run: makes our client ids different from those of runs before. sent_at: by client id.
    order: of each sender's messages as they were delivered.
    """

    run: bytes = field(default_factory=lambda: secrets.token_hex(6).encode())
    sent_at: dict[bytes, float] = field(default_factory=dict)
    delivered_at: dict[bytes, float] = field(default_factory=dict)
    order: dict[int, list[int]] = field(default_factory=dict)
    answered: int = 0
    refused: bytes = b""
    twice: int = 0


class Talker:
    """One sender: keeps so many messages under way until it is told to stop."""

    def __init__(self, told: Told, number: int, conversation: str, order: Order) -> None:
        self._told = told
        self._number = number
        self._next = 0
        self._waiting = 0
        self._limit = order.in_flight
        self.line: Line | None = None
        self.stopped = False
        words = ("All well since the last visit; sleeping better. " * 200)[: order.characters]
        start = {"type": "send", "conversation": conversation, "body": words}
        self._start = json.dumps(start)[:-1].encode() + b', "client_id": "'

    def go_on(self) -> None:
        """Send as many as may be under way."""
        assert self.line is not None
        while self._waiting < self._limit and not self.stopped:
            name = b"%s-%d-%d" % (self._told.run, self._number, self._next)
            self._next += 1
            self._waiting += 1
            self._told.sent_at[name] = time.perf_counter()
            self.line.say(self._start + name + b'"}')

    def answered(self, text: bytes) -> None:
        """The server says that one is stored."""
        if b'"sent"' not in text[:24]:
            if b'"refused"' in text[:24]:
                self._told.refused = text
            return
        self._told.answered += 1
        self._waiting -= 1
        self.go_on()

    @property
    def is_idle(self) -> bool:
        """Whether everything was answered."""
        return self._waiting == 0 or bool(self._told.refused)


def _delivered(told: Told, text: bytes) -> None:
    found = _OURS.search(text)
    if found is None:
        return
    name = found.group(1)
    if not name.startswith(told.run):
        return
    if name in told.delivered_at:
        told.twice += 1
    told.delivered_at[name] = time.perf_counter()
    _, sender, place = name.split(b"-")
    told.order.setdefault(int(sender), []).append(int(place))


async def talk(order: Order) -> dict[str, Any]:
    """
    Do it.

    Raises:
        RuntimeError: a message was refused, lost, delivered twice or out of order.
    """
    told = Told()
    hello = b'{"type": "hello", "cursor": null}'
    for token in order.receivers:
        await line(order.host, order.port, token, lambda text: _delivered(told, text), first=hello)
    talkers = []
    for number, (token, conversation) in enumerate(order.senders):
        talker = Talker(told, number, conversation, order)
        talker.line = await line(order.host, order.port, token, talker.answered)
        talkers.append(talker)
    for talker in talkers:
        talker.go_on()
    await asyncio.sleep(order.warm_s)
    print("begin", flush=True)
    began, before = time.perf_counter(), told.answered
    await asyncio.sleep(order.seconds)
    ended, after = time.perf_counter(), told.answered
    for talker in talkers:
        talker.stopped = True
    await _until_delivered(talkers, told)
    _check(told)
    waits = sorted(
        (told.delivered_at[name] - sent) * 1000 for name, sent in told.sent_at.items() if began <= sent <= ended
    )
    return {
        "sent": after - before,
        "seconds": ended - began,
        "p50_ms": waits[len(waits) // 2],
        "p99_ms": waits[int(len(waits) * 0.99)],
        "in_all": told.answered,
        "own_cpu_s": time.process_time(),
    }


async def _until_delivered(talkers: list[Talker], told: Told) -> None:
    until = time.monotonic() + DELIVERED_WITHIN_S
    while time.monotonic() < until:
        if all(one.is_idle for one in talkers) and len(told.delivered_at) >= len(told.sent_at):
            return
        if told.refused:
            return
        await asyncio.sleep(0.01)


def _check(told: Told) -> None:
    if told.refused:
        raise RuntimeError(f"a message was refused: {told.refused.decode()}")
    if told.twice or told.delivered_at.keys() != told.sent_at.keys():
        lost = len(told.sent_at.keys() - told.delivered_at.keys())
        raise RuntimeError(f"{lost} messages were not delivered, {told.twice} twice")
    if any(b != a + 1 for places in told.order.values() for a, b in pairwise(places)):
        raise RuntimeError("messages were delivered out of order")


def main() -> None:
    """Read the order, do it, answer."""
    import uvloop

    order = Order(**json.loads(sys.stdin.readline()))
    print(json.dumps(uvloop.run(talk(order))), flush=True)


if __name__ == "__main__":
    main()
