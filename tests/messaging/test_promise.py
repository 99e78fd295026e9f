"""Staffed hours and the promise made from them, as tables. November 2026: the 23rd is a Monday."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from telegut.errors import Invalid
from telegut.messaging.promise import Shift, parse_staffed_hours

WEEK = parse_staffed_hours("MO-FR 09:00-17:00; SA 10:00-12:00")
NEVER = parse_staffed_hours("")


def wall(day: int, clock: str) -> datetime:
    return datetime.combine(datetime(2026, 11, day), time.fromisoformat(clock))


def test_hours_are_read_as_shifts() -> None:
    expected = (Shift(0, time(9), time(12, 30)), Shift(2, time(9), time(12, 30)), Shift(6, time(10), time(11)))

    assert expected == parse_staffed_hours("mo, we 09:00-12:30; SU 10:00-11:00").shifts


@pytest.mark.parametrize(
    "text", ["MO", "MO 9-17", "XX 09:00-17:00", "MO 17:00-09:00", "FR-MO 09:00-17:00", "MO 25:00-26:00", "always"]
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_staffed_hours(text)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (wall(23, "08:59"), False),
        (wall(23, "09:00"), True),
        (wall(23, "16:59"), True),
        (wall(23, "17:00"), False),
        (wall(28, "11:00"), True),
        (wall(29, "11:00"), False),
    ],
)
def test_somebody_is_there_in_staffed_hours_only(at: datetime, is_open: bool) -> None:
    assert is_open == WEEK.open_at(at)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (wall(23, "07:00"), wall(23, "09:00")),
        (wall(23, "10:00"), wall(23, "10:00")),
        (wall(27, "18:00"), wall(28, "10:00")),
        (wall(28, "12:00"), wall(30, "09:00")),
    ],
)
def test_the_next_opening_is_found(at: datetime, opens: datetime) -> None:
    assert opens == WEEK.next_open(at)


@pytest.mark.parametrize(
    ("at", "answered"),
    [
        (wall(23, "09:00"), wall(23, "17:00")),
        (wall(23, "15:00"), wall(24, "15:00")),
        (wall(23, "20:00"), wall(24, "17:00")),
        (wall(27, "15:00"), wall(30, "13:00")),
        (wall(29, "03:00"), wall(30, "17:00")),
    ],
)
def test_eight_staffed_hours_skip_nights_and_sundays(at: datetime, answered: datetime) -> None:
    assert answered == WEEK.answer_by(at, timedelta(hours=8))


def test_a_clinic_without_hours_promises_nothing() -> None:
    assert (False, None, None) == (
        NEVER.open_at(wall(23, "10:00")),
        NEVER.next_open(wall(23, "10:00")),
        NEVER.answer_by(wall(23, "10:00"), timedelta(hours=1)),
    )
