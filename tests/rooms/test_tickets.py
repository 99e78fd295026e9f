"""Tickets as text: what is written is read again, and nothing else is."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from uuid import UUID

import pytest

from telegut.rooms import tickets
from telegut.rooms.tickets import Claim

KEY = b"k" * 32
BY_LINK = Claim(UUID(int=1), UUID(int=2), None, UUID(int=4), datetime(2026, 11, 24, 14, 31, 2, 345678, tzinfo=UTC))
SIGNED_IN = Claim(UUID(int=1), UUID(int=2), UUID(int=3), None, datetime(2026, 11, 24, 14, 31, tzinfo=UTC))


@pytest.mark.parametrize("claim", [BY_LINK, SIGNED_IN])
def test_a_ticket_says_what_it_is_for(claim: Claim) -> None:
    assert claim == tickets.read(KEY, tickets.written(KEY, claim))


def test_no_two_tickets_are_alike() -> None:
    assert 1000 == len({tickets.written(KEY, BY_LINK) for _ in range(1000)})


def test_a_ticket_of_another_key_or_altered_in_any_place_is_none() -> None:
    text = tickets.written(KEY, BY_LINK)
    altered = [text[:at] + ("A" if one != "A" else "B") + text[at + 1 :] for at, one in enumerate(text)]

    assert tickets.read(b"o" * 32, text) is None
    assert [None] * len(text) == [tickets.read(KEY, one) for one in altered]


@pytest.mark.parametrize("text", ["", "A", "x" * 32, "x" * 152, "x" * 10_000, "ü" * 152, "!" * 152, "A" * 151 + "="])
def test_what_we_did_not_write_is_no_ticket(text: str) -> None:
    assert tickets.read(KEY, text) is None


def test_a_ticket_has_one_form() -> None:
    text = tickets.written(KEY, BY_LINK)
    letters = string.ascii_letters + string.digits + "-_"

    assert [text] == [text[:-1] + one for one in letters if tickets.read(KEY, text[:-1] + one)]
    assert [None] * 3 == [tickets.read(KEY, text + more) for more in ("=", "\n", " ")]


def test_a_ticket_in_the_other_base64_is_none() -> None:
    every = [tickets.written(KEY, BY_LINK) for _ in range(100)]
    other = [(text, text.replace("-", "+").replace("_", "/")) for text in every]

    assert {None} == {tickets.read(KEY, altered) for text, altered in other if altered != text}


def test_a_ticket_fits_where_tickets_are_read() -> None:
    assert 152 == len(tickets.written(KEY, BY_LINK)) < tickets.LONGEST
