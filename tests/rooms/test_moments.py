"""What a link shows, by the moment it is opened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from telegut.rooms.moments import Moment, moment_of
from telegut.rooms.rules.visit import Phase, Visit

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(
    minutes_before: float, phase: Phase = Phase.SCHEDULED, *, cancelled: bool = False, outcome: str | None = None
) -> Moment:
    """The moment so many minutes before a visit at nine."""
    visit = Visit(UUID(int=7), NINE - timedelta(minutes=15), NINE, NINE + timedelta(minutes=30), (), phase)
    return moment_of(visit, cancelled=cancelled, outcome=outcome, now=NINE - timedelta(minutes=minutes_before))


@pytest.mark.parametrize(
    ("minutes_before", "expected"),
    [
        (60 * 24 * 3, Moment.AHEAD),
        (60 * 24 + 1, Moment.AHEAD),
        (60 * 24, Moment.TOMORROW),
        (46, Moment.TOMORROW),
        (45, Moment.NEAR),
        (15.01, Moment.NEAR),
        (15, Moment.OPEN),
        (0, Moment.OPEN),
        (-600, Moment.OPEN),
    ],
)
def test_before_and_while_it_is_open(minutes_before: float, expected: Moment) -> None:
    assert expected == at(minutes_before)


@pytest.mark.parametrize("outcome", ["attended", "technical", "patient_absent", "practitioner_absent"])
def test_afterwards_the_outcome_decides(outcome: str) -> None:
    assert outcome == at(-60, Phase.ENDED, outcome=outcome)


def test_an_end_without_an_outcome_is_simply_over() -> None:
    assert Moment.OVER == at(-60, Phase.ENDED)


def test_a_cancelled_visit_says_so_at_any_moment() -> None:
    assert {Moment.CANCELLED} == {
        at(9999, cancelled=True),
        at(0, Phase.OPEN, cancelled=True),
        at(-9, Phase.ENDED, cancelled=True),
    }


def test_a_live_visit_is_open_however_late() -> None:
    assert Moment.OPEN == at(-300, Phase.LIVE)


def test_before_open_and_after_are_told_apart() -> None:
    assert [True, True, True, False] == [
        one.before for one in (Moment.AHEAD, Moment.TOMORROW, Moment.NEAR, Moment.OPEN)
    ]
    assert (False, True) == (Moment.OPEN.after, Moment.ATTENDED.after)
