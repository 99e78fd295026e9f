"""Pictures and sounds out of packets, and their times: by tables."""

from __future__ import annotations

import pytest

from telegut.rooms.recordings.frames import (
    HOLD_S,
    SILENCE,
    Arrived,
    InOrder,
    Piece,
    Vp8Frames,
    opus_samples,
    vp8_piece,
    vp8_size,
)
from telegut.rooms.recordings.timing import Line, Reel, Span, Told, Unwrap, of_ntp, offset, spans

KEY = b"\x10\x00\x00\x9d\x01\x2a\x80\x02\xe0\x01" + bytes(20)
"""The head of a key frame of 640 by 480 (RFC 6386, section 9.1)."""
BETWEEN = b"\x11\x00\x00" + bytes(20)


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (SILENCE, 960),
        (b"\x78\x01", 960),  # hybrid, 20 ms
        (b"\x70\x01", 480),  # hybrid, 10 ms
        (b"\x00\x01", 480),  # SILK, 10 ms
        (b"\x18\x01", 2880),  # SILK, 60 ms
        (b"\xe0\x01", 120),  # CELT, 2.5 ms
        (b"\xf9\x01\x02", 1920),  # two frames of 20 ms
        (b"\xfb\x03\x00", 2880),  # three frames, counted in the second byte
        (b"\xfb", 0),
        (b"\x1b\x3f\x00", 0),  # longer than the 120 ms that a packet may be
        (b"", 0),
    ],
)
def test_how_long_an_opus_packet_is(packet: bytes, samples: int) -> None:
    assert opus_samples(packet) == samples


@pytest.mark.parametrize(
    ("payload", "piece"),
    [
        (b"\x10" + KEY, Piece(True, KEY)),
        (b"\x00" + b"xyz", Piece(False, b"xyz")),
        (b"\x11" + b"xyz", Piece(False, b"xyz")),  # another partition begins, not the frame
        (b"\x90\x80\x7f" + KEY, Piece(True, KEY)),  # picture id of 7 bits
        (b"\x90\x80\x81\x02" + KEY, Piece(True, KEY)),  # of 15 bits
        (b"\x90\xe0\x81\x02\x05\x40" + KEY, Piece(True, KEY)),  # TL0PICIDX and TID as well
        (b"\x90\x20\x40" + KEY, Piece(True, KEY)),  # TID alone
        (b"\x90", None),
        (b"\x90\x80\x81", None),
        (b"\x10", None),
        (b"", None),
    ],
)
def test_a_vp8_payload_without_its_descriptor(payload: bytes, piece: Piece | None) -> None:
    assert vp8_piece(payload) == piece


def test_the_size_of_a_picture_is_in_its_key_frames() -> None:
    assert vp8_size(KEY) == (640, 480)
    assert vp8_size(BETWEEN) is None
    assert vp8_size(KEY[:9]) is None


def packet(sequence: int, payload: bytes = b"", *, timestamp: int = 0, came: float = 0.0, end: bool = True) -> Arrived:
    """One packet."""
    return Arrived(sequence, timestamp, came, end, payload)


def test_packets_that_come_late_are_put_in_their_place() -> None:
    order = InOrder()
    out = [one.sequence for at in (1, 3, 4, 2, 5) for one, _ in order.put(packet(at, came=at / 100))]
    assert out == [1, 2, 3, 4, 5]


def test_what_does_not_come_is_lost_and_what_comes_after_that_is_too_late() -> None:
    order = InOrder()
    order.put(packet(1))
    assert order.put(packet(3, came=0.1)) == []
    late = order.put(packet(4, came=0.2 + HOLD_S))
    assert [(one.sequence, lost) for one, lost in late] == [(3, True), (4, False)]
    assert order.put(packet(2, came=1.3)) == []
    assert order.put(packet(7, came=1.3)) == []
    assert [(one.sequence, lost) for one, lost in order.rest()] == [(7, True)]


def test_a_frame_is_whole_or_not_there() -> None:
    frames = Vp8Frames()
    assert frames.put(packet(1, b"\x10" + BETWEEN), False) is None  # nothing to build on yet
    assert frames.put(packet(2, b"\x10" + KEY, end=False), False) is None
    whole = frames.put(packet(3, b"\x00rest"), False)
    assert whole is not None
    assert whole.data == KEY + b"rest"
    assert whole.size == (640, 480)
    following = frames.put(packet(4, b"\x10" + BETWEEN, timestamp=3000), False)
    assert following is not None
    assert following.size is None


def test_after_a_loss_the_next_picture_is_a_key_frame() -> None:
    frames = Vp8Frames()
    frames.put(packet(1, b"\x10" + KEY), False)
    assert frames.put(packet(3, b"\x10" + BETWEEN, timestamp=3000), True) is None
    assert frames.put(packet(4, b"\x10" + BETWEEN, timestamp=6000), False) is None
    assert frames.put(packet(5, b"\x10" + KEY, timestamp=9000), False) is not None


def test_a_frame_that_lost_its_middle_is_left_out() -> None:
    frames = Vp8Frames()
    frames.put(packet(1, b"\x10" + KEY, end=False), False)
    assert frames.put(packet(3, b"\x00end"), True) is None
    frames.put(packet(4, b"\x10" + KEY, timestamp=3000, end=False), False)
    assert frames.put(packet(5, b"\x00of another", timestamp=6000), False) is None


def test_numbers_that_wrap_go_on() -> None:
    unwrap = Unwrap(16)
    assert [unwrap(one) for one in (65534, 65535, 0, 65533, 2)] == [65534, 65535, 65536, 65533, 65538]
    assert Unwrap(32)(4_294_967_295) == 4_294_967_295


def test_a_report_places_a_stream_on_the_clock_of_its_sender() -> None:
    voice, picture = Line(48_000), Line(90_000)
    voice.told = [Told(960_000, 100.0, 1_000.05)]
    picture.told = [Told(90_000, 100.0, 1_000.03)]
    distance = offset([voice, picture])
    assert distance == pytest.approx(900.03)
    lips, word = picture.at(90_000 + 45_000, distance), voice.at(960_000 + 24_000, distance)
    assert lips == pytest.approx(word) == pytest.approx(1_000.53)
    assert voice.at(960_000 - 48_000, distance) == pytest.approx(999.03), "before the first report, too"


def test_the_report_before_a_moment_counts() -> None:
    line = Line(48_000)
    line.told = [Told(0, 10.0, 10.0), Told(480_000, 20.01, 20.01)]
    assert line.at(479_999, 0.0) == pytest.approx(19.99998, abs=1e-4)
    assert line.at(480_000, 0.0) == pytest.approx(20.01)


def test_without_a_report_the_fastest_packet_counts() -> None:
    line = Line(48_000)
    for timestamp, came in ((0, 50.2), (960, 50.05), (1920, 50.3)):
        line.came(timestamp, came)
    assert line.at(960, None) == pytest.approx(50.05)
    assert line.at(0, None) == pytest.approx(50.03)


def test_ntp_counts_from_1900() -> None:
    assert of_ntp((2_208_988_800 + 5) << 32 | 1 << 31) == 5.5


@pytest.mark.parametrize(
    ("marks", "last", "found"),
    [
        ([(1.0, True), (4.0, False)], 9.0, [Span(1.0, 4.0)]),
        ([(1.0, True), (4.0, False), (6.0, True)], 9.0, [Span(1.0, 4.0), Span(6.0, 9.0)]),
        ([(1.0, True)], 1.0, []),
        ([(1.0, False), (2.0, True), (3.0, True)], 5.0, [Span(2.0, 5.0)]),
        ([], 5.0, []),
    ],
)
def test_what_was_recorded(marks: list[tuple[float, bool]], last: float, found: list[Span]) -> None:
    assert spans(marks, last) == found


@pytest.mark.parametrize(
    ("at", "place"),
    [
        (10.0, 0.0),
        (11.5, 1.5),
        (9.8, 0.0),
        (9.0, None),
        (12.5, None),
        (20.0, 2.0),
        (19.7, 2.0),
        (21.0, 3.0),
        (25.0, None),
    ],
)
def test_the_film_has_no_pauses(at: float, place: float | None) -> None:
    reel = Reel([Span(10.0, 12.0), Span(20.0, 22.0)])
    found = reel.place(at)
    assert found is None if place is None else found == pytest.approx(place)
    assert reel.length == 4.0
