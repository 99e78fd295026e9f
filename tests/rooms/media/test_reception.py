"""Loss, repeats, wrapped numbers; numbers that go on when the stream behind a place changes."""

from __future__ import annotations

from telegut.rooms.media import payloads
from telegut.rooms.media.inbound import Inbound
from telegut.rooms.media.numbering import Last, Numbering, continued, picture_id, renumber
from telegut.rooms.media.reception import ASK_AGAIN_S, TRIES, Reception


def test_a_gap_is_asked_for_until_it_is_filled() -> None:
    stream = Reception(90_000)
    for sequence in (65534, 65535, 2):
        assert stream.take(sequence, 0, 1.0)

    assert [0, 1] == stream.ask(1.0)
    assert [] == stream.ask(1.0 + ASK_AGAIN_S / 2)
    assert stream.take(0, 0, 1.1)
    assert not stream.take(0, 0, 1.1), "a repeat is no new packet"
    assert [1] == stream.ask(1.2)
    block = stream.block(5, 1.2)
    assert (1, 65536 + 2) == (block.lost, block.highest)


def test_what_never_comes_is_given_up_for_a_key_frame() -> None:
    stream = Reception(90_000)
    for sequence in (1, 3):
        stream.take(sequence, 0, 0.0)
    asked = [stream.ask(at * ASK_AGAIN_S * 1.01) for at in range(TRIES + 2)]

    assert [[2]] * TRIES == asked[:TRIES]
    assert [] == asked[-1]
    assert stream.outage


def test_a_jump_begins_anew() -> None:
    stream = Reception(48_000)
    stream.take(10, 0, 0.0)
    stream.take(20_000, 0, 0.0)

    assert not stream.missing
    assert stream.outage
    assert 0 == stream.block(1, 0.0).lost


def test_a_key_frame_is_asked_for_once_in_a_while() -> None:
    stream = Inbound(1, "vp8", 90_000, "")
    stream.want_key()

    assert stream.key_due(10.0)
    stream.want_key()
    assert not stream.key_due(10.1)
    assert stream.key_due(10.4)


def vp8(picture: int, level: int) -> bytes:
    """The first packet of a key frame with these ids."""
    return bytes((0x90, 0xE0)) + (0x8000 | picture).to_bytes(2) + bytes((level, 0x20, 0x00))


def test_another_layer_goes_on_where_the_last_was() -> None:
    small, large = Inbound(1, "vp8", 90_000, "l"), Inbound(2, "vp8", 90_000, "h")
    small.take(65535, 1000, True, vp8(32767, 255), 0.0)
    before = Numbering(0, small, sequence=1, timestamp=7, picture=3, level=4)

    now = continued(before, Last(0, 1007, 0.1), large, 500, 77, vp8(100, 9))

    assert 1 == (500 + now.sequence) & 0xFFFF
    assert 1007 + 9000 == (77 + now.timestamp) & 0xFFFFFFFF
    out = bytearray(b"....." + vp8(100, 9))
    renumber(memoryview(out), 5, vp8(100, 9), now)
    found = payloads.vp8(bytes(out[5:]))
    assert found is not None
    assert found.key
    assert (32767 + 3 + 1) & 0x7FFF == picture_id(bytes(out[5:]), found)
    assert (255 + 4 + 1) & 0xFF == out[5 + found.level]
