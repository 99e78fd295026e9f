"""
How busy a media process is: CPU, the lag of its loop, and how long a packet stays in it.

The last is measured from outside, so that it costs the packets nothing: a few times a second, while there are rooms, a
STUN request goes to our own port and queues up behind the media. The kernel says when the answer left.

Source: socket(7), SO_TIMESTAMP; RFC 8489, section 5 (the transaction id).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from aioice import stun

TICK_S: Final = 0.1
WINDOW: Final = 50
"""Ticks that lag and CPU are averaged over: five seconds, so that one hiccup turns nobody away."""
PROBES: Final = 100
"""Probes that the residence is taken from: ten seconds."""
LOST_S: Final = 1.0
"""A probe without an answer for so long counts as if it had taken that."""
TIMESTAMP: Final = 35
"""SO_TIMESTAMPNS of Linux, which Python does not name; what comes with it is a timespec."""
_TIMESPEC = struct.Struct("@qq")


class Load:
    """Measures while `run` runs. busy: whether there is anything to measure residence for."""

    def __init__(self, address: tuple[str, int], busy: Callable[[], bool]) -> None:
        self._busy = busy
        self._lags: deque[float] = deque(maxlen=WINDOW)
        self._used: deque[tuple[float, float]] = deque([(time.monotonic(), time.process_time())], maxlen=WINDOW)
        self._probe = _Probe(address)

    @property
    def cpu(self) -> float:
        """The part of a core that this process used in the last seconds, 0 to 1 (more with several threads)."""
        (began, before), at = self._used[0], time.monotonic()
        return (time.process_time() - before) / (at - began) if at - began > TICK_S else 0.0

    @property
    def lag(self) -> float:
        """How late the loop is on average, in s."""
        return sum(self._lags) / len(self._lags) if self._lags else 0.0

    @property
    def residence(self) -> float:
        """The time in s within which 99 of 100 packets left again; 0 while nothing is forwarded."""
        return self._probe.slowest_of_a_hundred()

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        self._probe.open(loop)
        try:
            while True:
                due = loop.time() + TICK_S
                await asyncio.sleep(TICK_S)
                self._lags.append(max(0.0, loop.time() - due))
                self._used.append((time.monotonic(), time.process_time()))
                self._probe.tick(self._busy())
        finally:
            self._probe.close(loop)


class _Probe:
    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._stamped = sys.platform == "linux"
        if self._stamped:
            self._socket.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
        self._sent: dict[bytes, float] = {}
        self._took: deque[float] = deque(maxlen=PROBES)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.add_reader(self._socket.fileno(), self._readable)

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def tick(self, busy: bool) -> None:
        now = time.time()
        for number, sent in list(self._sent.items()):
            if now - sent > LOST_S:
                del self._sent[number]
                self._took.append(LOST_S)
        if busy:
            request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, transaction_id=secrets.token_bytes(12))
            self._sent[request.transaction_id] = now
            with contextlib.suppress(OSError):
                self._socket.sendto(bytes(request), self._address)
        else:
            self._took.clear()

    def slowest_of_a_hundred(self) -> float:
        ordered = sorted(self._took)
        return ordered[max(0, len(ordered) - 1 - len(ordered) // 100)] if ordered else 0.0

    def _readable(self) -> None:
        with contextlib.suppress(OSError):
            answer, more, _, _ = self._socket.recvmsg(512, 64)
            sent = self._sent.pop(answer[8:20], None)
            if sent is not None:
                self._took.append(max(0.0, self._left_at(more) - sent))

    def _left_at(self, more: list[tuple[int, int, bytes]]) -> float:
        for level, kind, data in more:
            if self._stamped and (level, kind) == (socket.SOL_SOCKET, TIMESTAMP) and len(data) >= _TIMESPEC.size:
                seconds, nanoseconds = _TIMESPEC.unpack_from(data)
                return float(seconds + nanoseconds / 1e9)
        return time.time()


def memory() -> int:
    """Bytes of this process that lie in memory (proc(5), statm); 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
