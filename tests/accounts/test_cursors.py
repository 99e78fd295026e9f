"""Cursors come back as they were given, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from telegut.accounts.cursors import parse_id, parse_place, place
from telegut.errors import Invalid

AT, ROW = datetime(2026, 11, 24, 12, 30, 15, 123456, tzinfo=UTC), UUID(int=7)


def test_a_place_comes_back_to_the_microsecond() -> None:
    assert (AT, ROW) == parse_place(place(AT, ROW))


@pytest.mark.parametrize("cursor", ["", "x", "MjAyNi0xMS0yNA", "ü", "\x00", place(AT.replace(tzinfo=None), ROW)])
def test_what_is_no_place_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        parse_place(cursor)


def test_an_id_is_an_id() -> None:
    assert ROW == parse_id(str(ROW))
    with pytest.raises(Invalid):
        parse_id("7")
