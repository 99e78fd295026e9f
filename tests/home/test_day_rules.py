"""What a visit needs next, and when it presses: the day's rules as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telegut.home.day.rules import Stage, Standing, is_pressing, minutes_late, stage

START = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
OPENS = timedelta(minutes=10)


def _standing(**facts: Any) -> Standing:
    return Standing(start=START, end=START + timedelta(minutes=30), **facts)


@pytest.mark.parametrize(
    ("minutes", "facts", "expected", "late"),
    [
        (-600, {}, Stage.PREPARE, 0),
        (-10, {}, Stage.OPEN, 0),
        (-10, {"waiting_since": START}, Stage.ADMIT, 0),
        (12, {}, Stage.OPEN, 12),
        (12, {"waiting_since": START}, Stage.ADMIT, 12),
        (12, {"live": True}, Stage.FINISH, 0),
        (12, {"live": True, "waiting_since": START}, Stage.ADMIT, 0),
        (40, {"live": True}, Stage.FINISH, 0),
        (40, {}, Stage.OVER, 0),
        (40, {"over": True}, Stage.OVER, 0),
        (40, {"over": True, "unsigned": True}, Stage.SIGN, 0),
        (12, {"cancelled": True}, Stage.CANCELLED, 0),
    ],
)
def test_each_moment_has_its_one_action(minutes: int, facts: dict[str, Any], expected: Stage, late: int) -> None:
    one, now = _standing(**facts), START + timedelta(minutes=minutes)

    assert (stage(one, now=now, opens_before=OPENS), minutes_late(one, now=now)) == (expected, late)


@pytest.mark.parametrize(
    ("reached", "late", "expected"),
    [(Stage.ADMIT, 0, True), (Stage.SIGN, 0, True), (Stage.OPEN, 1, True), (Stage.OPEN, 0, False)],
)
def test_waiting_late_and_unsigned_rise(reached: Stage, late: int, expected: bool) -> None:
    assert is_pressing(reached, late) == expected
