"""What may be written, changed and marked."""

from __future__ import annotations

from uuid import UUID

import pytest

from telegut.errors import Invalid, TelegutError
from telegut.messaging.rules import (
    AlreadyRetracted,
    Delivery,
    Key,
    NotTheAuthor,
    Placed,
    check_body,
    check_change,
    check_client_id,
    check_subject,
    delivery,
    merge_marker,
    place,
)
from telegut.messaging.saved_replies import rules as saved_replies

LENA, JONAS = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=11), UUID(int=12)


@pytest.mark.parametrize("body", ["Hello", " two  spaces ", "a\nb\r\n\tc", "🌱 ünï", "x" * 20, "\u202eolleh", "مرحبا"])
def test_a_body_is_kept_as_it_was_written(body: str) -> None:
    assert body == check_body(body, max_characters=20)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "\n\t",
        "x" * 21,
        "a\x00b",
        "\ud800",
        "bell\x07",
        "\u200b\u200d",
        "\u2060\ufeff",
        "\u202e\u2066 \u2069",
        "\u3164\u00ad\ufe0f",
        "\ue000\uffff",
    ],
)
def test_a_body_that_says_nothing_or_cannot_be_shown_is_refused(body: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_body(body, max_characters=20)

    assert ["body"] == [one.field for one in refusal.value.errors]


def test_a_subject_loses_the_space_around_it() -> None:
    assert "Oats" == check_subject("  Oats ")


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "  ",
        "x" * 121,
        "\u200b",
        "Oats\r\nBcc: all",
        "a\tb",
        "a\x85b",
        "a\u2028b",
        "\u202estaO",
        "a\u2067b",
        "\uffff",
    ],
)
def test_a_subject_is_one_line_of_words(subject: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_subject(subject)

    assert ["subject"] == [one.field for one in refusal.value.errors]


@pytest.mark.parametrize("client_id", ["a", "x" * 128, "01900000-0000-7000-8000-000000000001", "ü"])
def test_a_client_id_is_any_short_printable_text(client_id: str) -> None:
    assert client_id == check_client_id(client_id)


@pytest.mark.parametrize("client_id", ["", "x" * 129, "a\nb", "a\x00"])
def test_another_client_id_is_refused(client_id: str) -> None:
    with pytest.raises(Invalid):
        check_client_id(client_id)


@pytest.mark.parametrize(
    ("by", "retracted", "refusal"),
    [(LENA, False, None), (LENA, True, AlreadyRetracted), (JONAS, False, NotTheAuthor), (JONAS, True, NotTheAuthor)],
)
def test_only_the_author_changes_a_message_and_only_while_it_stands(
    by: UUID, retracted: bool, refusal: type[TelegutError] | None
) -> None:
    if refusal is None:
        check_change(author=LENA, by=by, retracted=retracted)
        return
    with pytest.raises(refusal):
        check_change(author=LENA, by=by, retracted=retracted)


@pytest.mark.parametrize(("current", "wanted", "marker"), [(0, 0, 0), (0, 5, 5), (5, 3, 5), (5, 9, 9), (9, 9, 9)])
def test_a_marker_never_goes_back(current: int, wanted: int, marker: int) -> None:
    assert marker == merge_marker(current, wanted, last=9)


@pytest.mark.parametrize("wanted", [-1, 10, 2**62])
def test_a_marker_beyond_the_log_is_refused(wanted: int) -> None:
    with pytest.raises(Invalid):
        merge_marker(0, wanted, last=9)


@pytest.mark.parametrize(
    ("seq", "state"), [(1, Delivery.READ), (2, Delivery.READ), (3, Delivery.DELIVERED), (5, Delivery.SENT)]
)
def test_delivery_is_derived_from_two_positions(seq: int, state: Delivery) -> None:
    assert state == delivery(seq, delivered=4, read=2)


def test_sends_are_numbered_by_conversation_in_the_order_of_arrival() -> None:
    sends = [Key(FIRST, LENA, "a"), Key(SECOND, LENA, "b"), Key(FIRST, JONAS, "c")]

    assert [Placed(8, 0), Placed(1, 1), Placed(9, 2)] == place(sends, {FIRST: 7, SECOND: 0})


def test_a_twin_gets_the_number_of_the_first_and_leaves_no_gap() -> None:
    sends = [Key(FIRST, LENA, "a"), Key(FIRST, LENA, "a"), Key(FIRST, LENA, "b"), Key(FIRST, JONAS, "a")]

    assert [Placed(1, 0), Placed(1, 0), Placed(2, 2), Placed(3, 3)] == place(sends, {FIRST: 0})


@pytest.mark.parametrize(
    ("title", "body", "field"),
    [
        ("\u200b", "Hello", "title"),
        ("\ufeff", "Hello", "title"),
        ("a\u202eb", "Hello", "title"),
        ("Hi", "\u200b", "body"),
    ],
)
def test_a_saved_reply_shows_something(title: str, body: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        saved_replies.check(title, body, max_characters=20)

    assert [field] == [one.field for one in refusal.value.errors]
