"""Datagrams are cut out of a stream wherever it was torn, and nothing makes it hold more than its memory."""

from __future__ import annotations

import random

import pytest

from telegut.rooms.media.tcp.framing import HELD_BYTES, Broken, Frames, framed


def fed(frames: Frames, stream: bytes, chance: random.Random) -> list[bytes]:
    """What comes out when *stream* arrives in pieces of any size."""
    found, at = list[bytes](), 0
    while at < len(stream):
        room = frames.room()
        assert 0 < len(room) <= HELD_BYTES
        count = min(chance.choice((1, 2, 3, 700, HELD_BYTES)), len(room), len(stream) - at)
        room[:count] = stream[at : at + count]
        found += [bytes(one) for one in frames.take(count)]
        at += count
    return found


@pytest.mark.parametrize("seed", range(20))
def test_frames_come_out_as_they_went_in_wherever_the_stream_was_torn(seed: int) -> None:
    chance = random.Random(seed)
    datagrams = [chance.randbytes(chance.choice((1, 2, 20, 100, 1200, 1500))) for _ in range(200)]

    assert datagrams == fed(Frames(), framed([memoryview(one) for one in datagrams]), chance)


def test_an_empty_frame_says_nothing() -> None:
    assert [b"a"] == fed(Frames(), bytes(200) + b"\0\1a" + bytes(2), random.Random(1))


@pytest.mark.parametrize("length", [1501, 0x0DD0, 0xFFFF])
def test_a_length_that_nobody_means_is_refused(length: int) -> None:
    with pytest.raises(Broken):
        fed(Frames(), length.to_bytes(2), random.Random(1))
