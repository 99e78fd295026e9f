"""Cursors, and where a client can go on from."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegut.realtime.feed import Cursor, Mailbox, decode, encode, resume

EPOCH, OTHER = UUID(int=1), UUID(int=2)
LENA, JONAS = UUID(int=31), UUID(int=32)


@given(st.uuids(), st.integers(0, 2**63), st.uuids())
def test_a_cursor_survives_the_journey(epoch: UUID, seq: int, account: UUID) -> None:
    assert Cursor(epoch, seq) == decode(encode(Cursor(epoch, seq), account), account)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    found = decode(text, LENA)

    assert found is None or isinstance(found, Cursor)


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        (None, 10),
        (encode(Cursor(EPOCH, 10), LENA), 10),
        (encode(Cursor(EPOCH, 4), LENA), 4),
        (encode(Cursor(EPOCH, 3), LENA), None),
        (encode(Cursor(EPOCH, 11), LENA), None),
        (encode(Cursor(OTHER, 4), LENA), None),
        (encode(Cursor(EPOCH, 4), JONAS), None),
        ("nonsense", None),
    ],
    ids=[
        "none",
        "at the end",
        "oldest kept",
        "purged",
        "from the future",
        "another epoch",
        "another mailbox",
        "nonsense",
    ],
)
def test_where_a_client_goes_on_from(cursor: str | None, expected: int | None) -> None:
    assert expected == resume(cursor, Mailbox(EPOCH, seq=10, kept_from=5), LENA)
