"""One stream that somebody sends: kept for a while, and handed to everybody who is to have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol
from weakref import WeakSet

from telegut.rooms.media import payloads
from telegut.rooms.media.reception import Reception

RING: Final = 512
"""Packets that are kept for asking again: about four seconds of VGA."""
KEY_FRAME_AGAIN_S: Final = 0.3
"""At most one request for a key frame in this time: each costs the sender a large frame."""

_RINGS: Final[WeakSet[Inbound]] = WeakSet()
_KEYS: Final[dict[str, Callable[[bytes], bool]]] = {"vp8": payloads.vp8_key, "h264": payloads.h264_key}

MOST_WAITING: Final = 64
"""Packets that wait for the end of a batch; then they are handed on before it."""

Kept = tuple[int, int, bool, bytes, bool]
"""Sequence number, timestamp, marker, payload, and whether a key frame begins with it."""


class Taker(Protocol):
    """A place where a stream is shown."""

    def forward(self, stream: Inbound, packets: Sequence[Kept]) -> None:
        """Packets of *stream* that came together, `MOST_WAITING` at most."""


class Inbound:
    """
    One SSRC of one sender. codec: ``vp8``, ``h264`` or ``opus``; clock in Hz; layer: its rid, "" without simulcast.
    redundant: its payloads are RED, each with the one before it (RFC 2198).

    What is taken waits in `waiting` until `hand_on`: a frame's packets come together, and what has to be done for a
    receiver is done once for all of them.

    Times are seconds of the process's monotonic clock.
    """

    __slots__ = (
        "__weakref__",
        "_begins",
        "_counted",
        "_key_wanted_at",
        "_receive",
        "_ring",
        "clock",
        "codec",
        "key_wanted",
        "last_at",
        "layer",
        "octets",
        "packets",
        "rate",
        "reception",
        "redundant",
        "report",
        "send_time",
        "ssrc",
        "takers",
        "waiting",
    )

    def __init__(self, ssrc: int, codec: str, clock: int, layer: str, *, redundant: bool = False) -> None:
        self.ssrc = ssrc
        self.codec = codec
        self.clock = clock
        self.layer = layer
        self.redundant = redundant
        self.takers: tuple[Taker, ...] = ()
        self.waiting: list[Kept] = []
        self.reception = Reception(clock)
        self._receive = self.reception.take
        self.report: tuple[int, int] | None = None
        """The instant and the timestamp of the sender's last report."""
        self.packets = self.octets = 0
        self.last_at = 0.0
        self.send_time = bytes(3)
        """`last_at` as abs-send-time says it (see `rtp.absolute_send_time`): one for everybody the packets go to."""
        self.rate = 0
        """Bits of payload a second, over the last second: what a browser's estimate counts."""
        self._counted = 0
        self.key_wanted = False
        self._key_wanted_at = -KEY_FRAME_AGAIN_S
        self._ring: list[Kept | None] = [None] * RING
        self._begins: Callable[[bytes], bool] | None = _KEYS.get(codec)
        _RINGS.add(self)

    def take(self, sequence: int, timestamp: int, marker: bool, payload: bytes, now: float) -> bool:
        """A packet came: keep it, to be handed on; whether it was new."""
        if not self._receive(sequence, timestamp, now):
            return False
        self.packets += 1
        self.octets += len(payload)
        self.last_at = now
        begins = self._begins
        packet = (sequence, timestamp, marker, payload, begins is not None and begins(payload))
        self._ring[sequence % RING] = packet
        self.waiting.append(packet)
        return True

    def hand_on(self) -> None:
        """Give what waits to everybody who is to have it."""
        packets, self.waiting = self.waiting, []
        if packets:
            self.send_time = (int(self.last_at * 262144) & 0xFFFFFF).to_bytes(3)
            for taker in self.takers:
                taker.forward(self, packets)

    def kept(self, sequence: int) -> Kept | None:
        """The packet with *sequence*, if it is still here."""
        found = self._ring[sequence % RING]
        return found if found is not None and found[0] == sequence else None

    def over(self) -> None:
        """Nobody sends it any more. Places remember it for a while, and need not keep half a megabyte each for it."""
        self._ring = [None] * RING

    def want_key(self) -> None:
        """Somebody cannot begin or go on without a key frame."""
        self.key_wanted = True

    def key_due(self, now: float) -> bool:
        """Whether to ask the sender for a key frame now."""
        if self.reception.outage and self._begins is not None:
            self.reception.outage = False
            self.key_wanted = True
        if not self.key_wanted or now - self._key_wanted_at < KEY_FRAME_AGAIN_S:
            return False
        self.key_wanted = False
        self._key_wanted_at = now
        return True

    def count(self, took: float) -> None:
        """Once a second: what came in it; it was *took* s long."""
        counted = 8 * self.octets
        self.rate, self._counted = int((counted - self._counted) / took), counted

    def add(self, taker: Taker) -> None:
        """Hand the stream to *taker* too."""
        if taker not in self.takers:
            self.takers = (*self.takers, taker)

    def drop(self, taker: Taker) -> None:
        """Hand it to *taker* no more."""
        self.takers = tuple(one for one in self.takers if one is not taker)


def rings() -> int:
    """How many streams this process keeps, those among them that have ended and are not forgotten yet."""
    return len(_RINGS)
