"""The framing of live notes: what is read, what is refused, and that pages' own library writes the same bytes."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, create_awareness_message, create_sync_message, create_update_message

from telegut.careplan.frames import (
    MISSING,
    NOTHING,
    STATE_VECTOR,
    UPDATE,
    Malformed,
    Presence,
    Sync,
    awareness,
    parse,
    saved,
    sync,
)


@pytest.mark.parametrize("payload", [b"", b"x", b"y" * 127, b"z" * 128, b"w" * 70_000])
@pytest.mark.parametrize("step", [STATE_VECTOR, MISSING, UPDATE])
def test_a_sync_message_comes_back(step: int, payload: bytes) -> None:
    assert Sync(step, payload) == parse(sync(step, payload))


def test_the_bytes_are_those_of_y_protocols() -> None:
    doc: Doc[Any] = Doc()

    assert create_sync_message(doc) == sync(STATE_VECTOR, doc.get_state())
    assert create_update_message(NOTHING) == sync(UPDATE, NOTHING)
    one = Presence(7, 3, {"name": "Lena"})
    assert create_awareness_message(b'\x01\x07\x03\x0f{"name":"Lena"}') == awareness([one])


def test_awareness_comes_back() -> None:
    several = (Presence(1, 0, {"name": "Lena", "caret": 3}), Presence(2**40, 9, None))

    assert several == parse(awareness(several))


def test_saved_counts_in_varuints() -> None:
    assert [b"\x64\x00", b"\x64\x7f", b"\x64\x80\x01"] == [saved(0), saved(127), saved(128)]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00",
        b"\x00\x03\x00",
        b"\x00\x02\x05ab",
        b"\x00\x02\x02abc",
        b"\x02\x00",
        b"\x64\x01",
        b"\x01\x03\x01\x07\x03",
        b"\x01\x07\x01\x07\x03\x03{]}",
        b"\x01\x05\x01\x07\x03\x01[",
        b"\x01\x06\x01\x07\x03\x02[]",
        b"\xff" * 40,
        b"\x01\xff\xff\xff\xff\x0f",
    ],
)
def test_what_is_no_message_is_refused(frame: bytes) -> None:
    with pytest.raises(Malformed):
        parse(frame)


def test_nobody_says_pages_about_themselves() -> None:
    with pytest.raises(Malformed):
        parse(awareness([Presence(1, 1, {"name": "x" * 3_000})]))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(frame: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse(frame)


def test_cut_messages_are_refused() -> None:
    whole = sync(UPDATE, random.Random(1).randbytes(300))
    for end in range(len(whole)):
        with pytest.raises(Malformed):
            parse(whole[:end])
