"""
One place where somebody is shown something: a source of ours whose numbers go on, whatever stream is behind it.

Sequence numbers, timestamps and VP8's picture ids are those of the stream plus offsets that change only at a key frame,
when another stream (another layer, another person) takes the place. Whoever asks for a packet again gets the offsets of
its time.

Source: RFC 3550, section 5.1; RFC 4588, section 4 (retransmission).
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from telegut.rooms.media import payloads
from telegut.rooms.media.aiortc_private import LONGEST_PACKET, Buffer, Keys
from telegut.rooms.media.egress import Egress
from telegut.rooms.media.ice_lite import Path
from telegut.rooms.media.inbound import Inbound, Kept
from telegut.rooms.media.numbering import Last, Numbering, continued, renumber
from telegut.rooms.media.place import CHANGING, SEND_TIME_AT, SEND_TIME_END, Place
from telegut.rooms.media.rtcp import SenderReport
from telegut.rooms.media.rtp import ahead

Send = Callable[[memoryview], None]
_change: Final = CHANGING.pack_into
REMEMBERED: Final = 8
"""Changes of stream whose offsets are kept for retransmissions."""
FIRST_BITS: Final = 15
"""Of the first sequence number of a place, which is below 2^15: how often numbers have wrapped is part of each packet's
key, so that whoever missed the first wrap together with what was before it could never open anything (RFC 3711, 3.3.1).
The publisher's own number may be close to one when somebody comes."""
REPEATS_A_SECOND: Final = 400
"""Packets sent again, at most; a path that loses more than these is not helped by repeating."""


class Outbound:
    """Forwards into one place. Nothing is sent before `start` gave it keys and a way."""

    __slots__ = (
        "_again",
        "_again_since",
        "_egress",
        "_head",
        "_history",
        "_keys",
        "_last_at",
        "_last_sequence",
        "_last_timestamp",
        "_numbering",
        "_path",
        "_payload_type",
        "_repeat_head",
        "_repeat_sequence",
        "_send",
        "_timed",
        "_unwraps",
        "asleep",
        "octets",
        "packets",
        "place",
        "wanted",
    )

    def __init__(self, place: Place) -> None:
        self.place = place
        self.wanted: Inbound | None = None
        """The stream that shall be here; it is once a key frame of it has come."""
        self.asleep = False
        """Nothing is sent: hidden, not among the loudest, or no room for it on the path."""
        self.packets = self.octets = 0
        self._numbering: Numbering | None = None
        self._history: deque[Numbering] = deque(maxlen=REMEMBERED)
        self._keys: Keys | None = None
        self._send: Send | None = None
        self._egress: Egress | None = None
        self._path = Path()
        self._head = bytearray(place.head(place.ssrc))
        self._repeat_head = place.head(place.retransmission)
        self._timed = bool(place.time_id)
        self._payload_type = 0
        self._unwraps = False
        self._last_sequence = self._last_timestamp = 0
        self._last_at = 0.0
        self._repeat_sequence = 0
        self._again = 0
        self._again_since = 0.0

    def start(self, keys: Keys, send: Send, egress: Egress, path: Path) -> None:
        """The transport is up: *send* goes at once, *egress* to *path* with the rest of what is being read."""
        self._keys, self._send, self._egress, self._path = keys, send, egress, path
        self.insist()

    def insist(self) -> None:
        """
        Ask for the key frame that this place still waits for. One that came before there was a way, or got lost, has
        passed by; and a browser that was never sent a packet cannot ask for it.
        """
        if self._keys is not None and self.wanted is not None and self.stream is not self.wanted and not self.asleep:
            self.wanted.want_key()

    def stop(self) -> None:
        """The transport is gone."""
        self._keys, self._send, self._egress = None, None, None

    @property
    def stream(self) -> Inbound | None:
        """What is shown here right now."""
        return self._numbering.stream if self._numbering is not None else None

    def show(self, stream: Inbound | None) -> None:
        """Show *stream* from its next key frame on (sound: at once); None: nothing any more."""
        if stream is self.wanted:
            return
        before, self.wanted = self.wanted, stream
        current = self.stream
        if before is not None and before is not current:
            before.drop(self)
        if stream is None:
            if current is not None:
                current.drop(self)
            self._numbering = None
        else:
            stream.add(self)
            stream.want_key()

    def sleep(self, asleep: bool) -> None:
        """Send nothing for a while; afterwards go on with a key frame."""
        if asleep == self.asleep:
            return
        self.asleep = asleep
        if asleep:
            # What is left out must not look lost: the key frame that ends the sleep begins another numbering.
            self._leave_current()
        elif self.wanted is not None:
            self.wanted.want_key()

    def _leave_current(self) -> None:
        current = self.stream
        if current is not None and current is not self.wanted:
            current.drop(self)
        self._numbering = None

    def forward(self, stream: Inbound, packets: Sequence[Kept]) -> None:
        """Packets of a stream that is, or will be, shown here."""
        keys, egress, address = self._keys, self._egress, self._path.address
        if self.asleep or keys is None or egress is None or address is None:
            return
        numbering = self._numbering
        if numbering is None or numbering.stream is not stream:
            packets, numbering = self._begin(stream, packets)
            if numbering is None:
                return
        _, _, further, later, picture, level = numbering
        head, kind, protect = self._head, self._payload_type, keys.protect
        if self._timed:
            head[SEND_TIME_AT:SEND_TIME_END] = stream.send_time
        at, octets, last, stamp = len(head), 0, self._last_sequence, self._last_timestamp
        sealed = []
        for buffer, (sequence, timestamp, marker, payload, _) in zip(egress.slots(len(packets)), packets, strict=True):
            if self._unwraps and (newest := payloads.red_primary(payload)) is not None:
                payload = newest[1]
            size = at + len(payload)
            if size > LONGEST_PACKET:
                continue
            ours = (sequence + further) & 0xFFFF
            view = buffer.view
            view[:at] = head
            _change(view, 1, kind | 128 if marker else kind, ours, (timestamp + later) & 0xFFFFFFFF)
            view[at:size] = payload
            if picture or level:
                renumber(view, at, payload, numbering)
            length = protect(buffer, size)
            if length > 0:
                sealed.append(view[:length])
            octets += size - at
            if not (ours - last) & 0x8000:
                last, stamp = ours, (timestamp + later) & 0xFFFFFFFF
        egress.post(sealed, address)
        self.packets += len(sealed)
        self.octets += octets
        self._last_sequence, self._last_timestamp, self._last_at = last, stamp, stream.last_at

    def _begin(self, stream: Inbound, packets: Sequence[Kept]) -> tuple[Sequence[Kept], Numbering | None]:
        """What of *packets* is shown here, from where *stream* can take the place on: its numbering, None when not."""
        if stream is self.wanted:
            for at, (sequence, timestamp, _, payload, key) in enumerate(packets):
                if key or stream.codec == "opus":
                    return packets[at:], self._turn_to(stream, sequence, timestamp, payload)
        return (), None

    def _turn_to(self, stream: Inbound, sequence: int, timestamp: int, payload: bytes) -> Numbering | None:
        """Another stream begins here; None when the receiver does not know its codec."""
        as_it_is = self.place.codecs.get("red") if stream.redundant else None
        known = as_it_is or self.place.codecs.get(stream.codec)
        if known is None:
            return None
        self._payload_type, self._unwraps = known[0], stream.redundant and as_it_is is None
        if not self._history:
            first = secrets.randbits(FIRST_BITS)
            numbering = Numbering(first, stream, (first - sequence) & 0xFFFF)
            self._last_sequence, self._last_timestamp = (first - 1) & 0xFFFF, timestamp
        else:
            last = Last(self._last_sequence, self._last_timestamp, time.monotonic() - self._last_at)
            numbering = continued(self._history[-1], last, stream, sequence, timestamp, payload)
        former = self.stream
        if former is not None and former is not stream:
            former.drop(self)
        self._history.append(numbering)
        self._numbering = numbering
        return numbering

    def repeat(self, missing: tuple[int, ...], now: float) -> int:
        """The receiver asks for these again; how many could be sent (as retransmissions, sound as it was)."""
        if now - self._again_since >= 1:
            self._again, self._again_since = 0, now
        sent = 0
        for wanted in missing:
            if self._again >= REPEATS_A_SECOND:
                break
            numbering = next((one for one in reversed(self._history) if ahead(wanted, one.first) >= 0), None)
            kept = numbering.stream.kept((wanted - numbering.sequence) & 0xFFFF) if numbering is not None else None
            if numbering is not None and kept is not None and self._repeat_one(wanted, numbering, kept, now):
                self._again += 1
                sent += 1
        return sent

    def _repeat_one(self, wanted: int, numbering: Numbering, kept: Kept, now: float) -> bool:
        types = self.place.codecs.get(numbering.stream.codec)
        if types is None or self._keys is None or self._send is None or self.asleep:
            return False
        _, timestamp, marker, payload, _ = kept
        plain = types[1] is None
        head = self.place.head(self.place.ssrc) if plain else self._repeat_head + wanted.to_bytes(2)
        sequence = wanted
        if not plain:
            sequence = self._repeat_sequence = (self._repeat_sequence + 1) & 0xFFFF
        size = len(head) + len(payload)
        if size > LONGEST_PACKET:
            return False
        buffer = Buffer()
        view = buffer.view
        view[: len(head)] = head
        kind = types[0] if types[1] is None else types[1]
        CHANGING.pack_into(
            view, 1, kind | (128 if marker else 0), sequence, (timestamp + numbering.timestamp) & 0xFFFFFFFF
        )
        if self._timed:
            view[SEND_TIME_AT : SEND_TIME_AT + 3] = (int(now * 262144) & 0xFFFFFF).to_bytes(3)
        view[len(head) : size] = payload
        if numbering.picture or numbering.level:
            renumber(view, len(head), payload, numbering)
        length = self._keys.protect(buffer, size)
        if length > 0:
            self._send(view[:length])
        return length > 0

    def report(self) -> SenderReport | None:
        """The sender's report of what is shown here, re-issued: the same instant, our timestamp and counts."""
        numbering = self._numbering
        if numbering is None or numbering.stream.report is None or not self.packets:
            return None
        ntp, timestamp = numbering.stream.report
        stamp = (timestamp + numbering.timestamp) & 0xFFFFFFFF
        return SenderReport(self.place.ssrc, ntp, stamp, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF)
