"""What was read together is handed on together: each packet once, in order, from where a place can begin with it."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence

import pytest

from telegut.cli.calls import echo
from telegut.rooms.media import rtp
from telegut.rooms.media.aiortc_private import Buffer
from telegut.rooms.media.egress import Egress
from telegut.rooms.media.ice_lite import Path
from telegut.rooms.media.inbound import Inbound, Kept
from telegut.rooms.media.outbound import Outbound
from telegut.rooms.media.place import Place

KEY = bytes((0x10, 0x00))
"""The first packet of a VP8 key frame: a descriptor of one byte, and a frame whose lowest bit is 0."""
DELTA = bytes((0x10, 0x01))


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    """One that sends, one that receives."""
    with socket.socket(type=socket.SOCK_DGRAM) as out, socket.socket(type=socket.SOCK_DGRAM) as there:
        out.bind(("127.0.0.1", 0))
        there.bind(("127.0.0.1", 0))
        there.settimeout(10)
        yield out, there


class Receiver:
    """A browser with one place, and what came there: sequence number, timestamp, marker, payload."""

    def __init__(self, out: socket.socket, there: socket.socket) -> None:
        self.egress = Egress(out)
        self.place = Outbound(Place("1", 5, 6, {"vp8": (96, 97), "opus": (111, None)}, 0, 3))
        self._there, self._keys, self._buffer = there, echo.keys(), Buffer()
        path = Path()
        path.address = there.getsockname()
        self.place.start(echo.keys(), lambda datagram: None, self.egress, path)

    def came(self, count: int) -> list[tuple[int, int, bool, bytes]]:
        """The next *count* packets, opened."""
        return [self._one() for _ in range(count)]

    def _one(self) -> tuple[int, int, bool, bytes]:
        view = self._buffer.view
        length = self._keys.unprotect(self._buffer, self._there.recv_into(view))
        where = rtp.span(view, length)
        assert where is not None
        _, second, sequence, timestamp, ssrc = rtp.HEADER.unpack_from(view)
        assert (5, 96) == (ssrc, second & 127)
        return sequence, timestamp, second > 127, bytes(view[where.payload : where.end])


def test_a_place_begins_in_the_middle_of_a_batch_where_the_key_frame_does(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    receiver, first, second = Receiver(*sockets), Inbound(1, "vp8", 90_000, "l"), Inbound(2, "vp8", 90_000, "h")
    receiver.place.show(first)
    for number, payload in enumerate((DELTA, DELTA, KEY + b"a", KEY[:1] + b"b")):
        first.take(65_534 + number & 0xFFFF, 3000 * (number // 3), number == 3, payload, 1.0)
    receiver.egress.due += [first]
    receiver.egress.flush()

    began = receiver.came(2)
    start = began[0][0]
    assert [(start, 0, False, KEY + b"a"), (start + 1, 3000, True, KEY[:1] + b"b")] == began

    receiver.place.show(second)
    first.take(2, 6000, True, DELTA, 1.1)
    for number, payload in enumerate((DELTA, KEY + b"c", DELTA)):
        second.take(9 + number, 77_000 + 3000 * number, True, payload, 1.1)
    first.take(3, 9000, True, DELTA, 1.1)
    receiver.egress.due += [first, second]
    receiver.egress.flush()

    after = receiver.came(4)
    assert list(range(start + 2, start + 6)) == [one[0] for one in after], "no gap and no number twice"
    assert [DELTA, DELTA, KEY + b"c", DELTA] == [one[3] for one in after]
    assert 6 == receiver.place.packets
    assert (first.takers, second.takers) == ((), (receiver.place,))


def test_late_and_repeated_packets_of_a_batch_keep_their_numbers(sockets: tuple[socket.socket, socket.socket]) -> None:
    receiver, stream = Receiver(*sockets), Inbound(1, "vp8", 90_000, "")
    receiver.place.show(stream)
    for sequence in (10, 12, 11, 12, 13):
        stream.take(sequence, 0, False, KEY + bytes((sequence,)), 1.0)
    receiver.egress.due += [stream, stream]
    receiver.egress.flush()

    came = receiver.came(4)
    assert [10, 12, 11, 13] == [one[3][-1] for one in came], "once each, as they came"
    assert [0, 2, 1, 3] == [one[0] - came[0][0] for one in came]


def test_what_is_handed_on_is_handed_on_once() -> None:
    seen: list[Sequence[Kept]] = []

    class Taker:
        """Notes what it gets."""

        def forward(self, stream: Inbound, packets: Sequence[Kept]) -> None:
            """Note it."""
            seen.append(packets)

    stream = Inbound(1, "opus", 48_000, "")
    stream.add(Taker())
    stream.hand_on()
    stream.take(1, 0, False, b"a", 1.0)
    stream.take(2, 960, False, b"b", 1.0)
    stream.hand_on()
    stream.hand_on()

    assert [[(1, 0, False, b"a", False), (2, 960, False, b"b", False)]] == seen
