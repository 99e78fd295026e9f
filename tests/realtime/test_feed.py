"""Cursors, and where a client can go on from."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegut.realtime.feed import Cursor, Mailbox, decode, encode, resume

EPOCH, OTHER = UUID(int=1), UUID(int=2)


@given(st.uuids(), st.integers(0, 2**63))
def test_a_cursor_survives_the_journey(epoch: UUID, seq: int) -> None:
    assert Cursor(epoch, seq) == decode(encode(Cursor(epoch, seq)))


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    found = decode(text)

    assert found is None or isinstance(found, Cursor)


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        (None, 10),
        (encode(Cursor(EPOCH, 10)), 10),
        (encode(Cursor(EPOCH, 4)), 4),
        (encode(Cursor(EPOCH, 3)), None),
        (encode(Cursor(EPOCH, 11)), None),
        (encode(Cursor(OTHER, 4)), None),
        ("nonsense", None),
    ],
    ids=["none", "at the end", "oldest kept", "purged", "from the future", "another epoch", "nonsense"],
)
def test_where_a_client_goes_on_from(cursor: str | None, expected: int | None) -> None:
    assert expected == resume(cursor, Mailbox(EPOCH, seq=10, kept_from=5))
