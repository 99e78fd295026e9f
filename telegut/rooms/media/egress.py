"""
What is sent while one batch of datagrams is read: collected by destination, and handed over in as few calls as can be.

First the streams hand on what came (`Source`), then it is sent. A frame's packets come together and go together.
Several of one size to one destination are one call (UDP segmentation offload), which costs the system less than half of
what they cost one by one. Nothing waits for a clock: whoever reads flushes when nothing more is there to read.

Source: udp(7), UDP_SEGMENT, Linux 4.18.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from telegut.rooms.media.aiortc_private import Buffer
from telegut.rooms.media.ice_lite import BY_TCP, Address

SLOTS: Final = 256
"""Packets that wait at most, half a MiB."""
UDP_SEGMENT: Final = 103
SEGMENTS: Final = 60
"""In one call; the system takes 64 (UDP_MAX_SEGMENTS) and 65,507 bytes, which 44 of our longest packets fill."""
BYTES: Final = 65_000
_UNABLE: Final = {errno.EINVAL, errno.EIO, errno.EOPNOTSUPP, errno.ENOPROTOOPT}
"""What a system or network card says that cannot do it."""
_NO_SOURCE: Final[Address] = ("", 0)

Control = list[tuple[int, int, bytes]]


class Source(Protocol):
    """What has packets for others once a batch was read."""

    def hand_on(self) -> None:
        """Post them."""


class Stream(Protocol):
    """A connection by TCP."""

    def media(self, packets: list[memoryview]) -> int:
        """Send them all or none; how many."""


class Egress:
    """Takes packets for *out*, and for the TCP connections *streams*. *sent* and *dropped* count them."""

    __slots__ = (
        "_controls",
        "_out",
        "_segments",
        "_slots",
        "_streams",
        "_used",
        "_waiting",
        "dropped",
        "due",
        "sent",
    )

    def __init__(
        self, out: socket.socket, streams: Mapping[Address, Stream] | None = None, *, segments: bool = True
    ) -> None:
        self._out = out
        self._streams = {} if streams is None else streams
        self._segments = segments
        self.due: list[Source] = []
        """Who hands on before the next `flush` sends."""
        self._slots = [Buffer() for _ in range(SLOTS)]
        self._used = 0
        self._waiting: dict[Address, list[memoryview]] = {}
        self._controls: dict[int, Control] = {}
        self.sent = self.dropped = 0

    def slots(self, count: int) -> Sequence[Buffer]:
        """Memory for *count* packets, `SLOTS` at most, good until they are sent."""
        if self._used + count > SLOTS:
            self._send()
        first, self._used = self._used, self._used + count
        return self._slots[first : self._used]

    def post(self, packets: list[memoryview], address: Address) -> None:
        """Send *packets*, which lie in slots and are ours now, with the next `flush`."""
        waiting = self._waiting.get(address)
        if waiting is None:
            self._waiting[address] = packets
        else:
            waiting += packets

    def flush(self) -> None:
        """Send everything; what the system does not take now is dropped."""
        if self.due:
            due, self.due = self.due, []
            for source in due:
                source.hand_on()
        if self._used:
            self._send()

    def _send(self) -> None:
        for address, packets in self._waiting.items():
            if address[0].startswith(BY_TCP):
                self._over(packets, address)
            elif len(packets) == 1:
                self._one(packets[0], address)
            else:
                self._several(packets, address)
        self._waiting.clear()
        self._used = 0

    def _over(self, packets: list[memoryview], address: Address) -> None:
        stream = self._streams.get(address)
        taken = stream.media(packets) if stream is not None else 0
        self.sent += taken
        self.dropped += len(packets) - taken

    def _one(self, packet: memoryview, address: Address) -> None:
        try:
            self._out.sendto(packet, address)
        except OSError:
            self.dropped += 1
        else:
            self.sent += 1

    def _several(self, packets: list[memoryview], address: Address) -> None:
        for run in runs(packets) if self._segments else ([one] for one in packets):
            if len(run) == 1:
                self._one(run[0], address)
            else:
                self._together(run, address)

    def _together(self, run: list[memoryview], address: Address) -> None:
        size = len(run[0])
        control = self._controls.get(size)
        if control is None:
            control = self._controls[size] = [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("=H", size))]
        try:
            self._out.sendmsg(run, control, 0, address)
        except OSError as exc:
            if exc.errno not in _UNABLE:
                self.dropped += len(run)
                return
            self._segments = False
            for one in run:
                self._one(one, address)
        else:
            self.sent += len(run)


def runs(packets: list[memoryview]) -> list[list[memoryview]]:
    """*packets* in order, cut into what can go together: one size each, but for a last that is shorter."""
    found = [[packets[0]]]
    size = total = len(packets[0])
    for packet in packets[1:]:
        run, length = found[-1], len(packet)
        if length > size or len(run[-1]) < size or len(run) == SEGMENTS or total + length > BYTES:
            found.append([packet])
            size = total = length
        else:
            run.append(packet)
            total += length
    return found
