"""Loss, repeats, wrapped numbers; layers and paths; numbers that go on when the stream behind a place changes."""

from __future__ import annotations

import pytest

from telegut.rooms.media import budget, payloads
from telegut.rooms.media.budget import Carried, Patience, Wish
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


WISHES = (Wish("a", "other", (100, 800), 1), Wish("b", "speaker", (100, 800), 1), Wish("c", "screen", (300,), 0))


@pytest.mark.parametrize(
    ("estimate", "sent", "lost", "voices", "before", "given"),
    [
        (None, 0, 0.0, 1, {"a": 0, "b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0}),
        (50, 10, 0.0, 1, {"a": 1, "b": 0}, {"a": 1, "b": 0}),  # a small estimate of a path that was hardly used
        (100_000, 200_000, 0.0, 0, {"a": 1, "b": 1, "c": 0}, {"a": 1, "b": 1, "c": 0}),  # full, and all fits
        (1_300, 2_000, 0.0, 0, {"a": 1, "b": 1, "c": 0}, {"a": 0, "b": 1, "c": 0}),  # the speaker stays large
        (450, 2_000, 0.0, 0, {"a": 1, "b": 1, "c": 0}, {"b": 0, "c": 0}),
        (40_000, 90_000, 0.0, 1, {"a": 0, "b": 0, "c": 0}, {}),  # a voice, and nothing else
        (None, 1_000, 0.2, 0, {"a": 1, "b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0}),
    ],
)
def test_what_a_path_carries(
    estimate: int | None, sent: int, lost: float, voices: int, before: dict[str, int], given: dict[str, int]
) -> None:
    assert given == budget.within(Carried(estimate, sent, lost), voices, WISHES, before)


def test_five_in_a_hundred_lost_take_no_picture_away() -> None:
    path = Carried(None, 0, 0.0, seconds=0)
    seconds = [0.0, 0.2, 0.02, 0.11, 0.0, 0.06, 0.0, 0.15, 0.05, 0.02]
    fulls = []
    for lost in seconds:
        path = path.then(200_000, 180_000, lost)
        fulls.append(path.full)

    assert not any(fulls)


def test_a_picture_goes_when_the_path_stays_full_and_not_before() -> None:
    path, given, seen = Carried(None, 0, 0.0, seconds=0), {"a": 0}, []
    for _ in range(4):
        path = path.then(50, 2_000, 0.0)
        given = budget.within(path, 0, [Wish("a", "other", (100,), 0)], given)
        seen.append(dict(given))

    assert seen == [{"a": 0}, {"a": 0}, {}, {}]


def test_an_estimate_that_rises_is_not_yet_the_truth() -> None:
    path = Carried(100_000, 48_000, 0.0, seconds=0)

    assert not path.then(108_000, 200_000, 0.0).full
    assert path.then(101_000, 200_000, 0.0).full
    assert not Patience(9.0, 1.0, tried=9.5).believes(path.then(101_000, 200_000, 0.0), 10.0).full


def test_steps_up_begin_with_those_who_have_nothing() -> None:
    given: dict[str, int] | None = {}
    steps = []
    while (given := budget.step_up(WISHES, given or {})) is not None:
        steps.append(dict(given))

    assert [
        {"c": 0},
        {"b": 0, "c": 0},
        {"a": 0, "b": 0, "c": 0},
        {"a": 0, "b": 1, "c": 0},
        {"a": 1, "b": 1, "c": 0},
    ] == steps


def test_a_step_that_filled_the_path_makes_the_next_wait_longer() -> None:
    fine, full = Carried(1_000, 100, 0.0), Carried(10, 100, 0.0)
    tried = Patience(10.0, 2.0, tried=10.0)

    assert not tried.due(100.0)
    assert Patience(11.0, 4.0) == tried.after(full, 11.0)
    assert tried == tried.after(fine, 12.0)
    assert tried.after(fine, 10.0 + budget.PROVEN_S).due(13.0)
    assert Patience(10.0, 60.0) == Patience(9.0, 60.0, tried=9.0).after(full, 10.0)
