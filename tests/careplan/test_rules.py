"""What a plan is made of: schedules, answers, days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from telegut.careplan.rules import (
    Acceptance,
    BothEdited,
    Kind,
    Stage,
    StepContent,
    StepStatus,
    Week,
    Why,
    acceptance_after,
    check_day,
    check_schedule,
    check_version,
    needs_open_gates,
    pinned,
    stage_on,
)
from telegut.errors import Invalid

OATS = StepContent(title="Oats at breakfast", kind=Kind.FIBRE)
CLIMB = (Week(1, "20 g"), Week(2, "30 g"), Week(4, "40 g"))
MONDAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, None),
        (0, Stage(1, 4, "20 g")),
        (6, Stage(1, 4, "20 g")),
        (7, Stage(2, 4, "30 g")),
        (14, Stage(3, 4, "30 g")),
        (21, Stage(4, 4, "40 g")),
        (200, Stage(4, 4, "40 g")),
    ],
)
def test_a_gradual_schedule_climbs_by_weeks_and_stays(days: int, expected: Stage | None) -> None:
    assert expected == stage_on(CLIMB, MONDAY, MONDAY + timedelta(days=days))


def test_a_step_without_a_schedule_has_a_week_and_no_amount() -> None:
    assert Stage(3, 0, None) == stage_on((), MONDAY, MONDAY + timedelta(days=15))


def test_a_step_without_a_start_is_in_its_last_stage() -> None:
    assert Stage(4, 4, "40 g") == stage_on(CLIMB, None, MONDAY)


def test_a_schedule_that_begins_late_has_no_amount_before() -> None:
    assert Stage(1, 2, None) == stage_on((Week(2, "one spoon"),), MONDAY, MONDAY)


@pytest.mark.parametrize("weeks", [[0], [53], [2, 1], [1, 1]])
def test_a_schedule_is_a_climb_through_distinct_weeks(weeks: list[int]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_schedule([Week(week, "20 g") for week in weeks])

    assert ["schedule"] == [error.field for error in refusal.value.errors]


def test_any_rising_schedule_is_fine() -> None:
    check_schedule(CLIMB)
    check_schedule(())


def test_an_answer_holds_only_for_what_was_read() -> None:
    changed = StepContent(title="Oats at lunch", kind=Kind.FIBRE)

    assert Acceptance.ACCEPTED == acceptance_after(OATS, OATS, Acceptance.ACCEPTED)
    assert Acceptance.ASKED == acceptance_after(OATS, changed, Acceptance.ACCEPTED)
    assert Acceptance.ASKED == acceptance_after(OATS, changed, Acceptance.DECLINED)


def test_only_going_on_needs_open_gates() -> None:
    assert [StepStatus.ACTIVE] == [status for status in StepStatus if needs_open_gates(status)]


def test_a_taxon_is_never_a_reason() -> None:
    assert {"preference", "intake", "symptom", "goal", "professional_judgement"} == {why.value for why in Why}


@pytest.mark.parametrize(("days", "fine"), [(0, True), (-14, True), (1, False), (-15, False)])
def test_a_day_has_come_and_is_not_long_ago(days: int, fine: bool) -> None:
    day = MONDAY + timedelta(days=days)
    if fine:
        check_day(day, today=MONDAY, back=timedelta(days=14))
        return
    with pytest.raises(Invalid):
        check_day(day, today=MONDAY, back=timedelta(days=14))


def test_a_stale_version_is_refused() -> None:
    check_version(3, 3)
    with pytest.raises(BothEdited):
        check_version(2, 3)


def test_a_step_keeps_the_version_of_its_evidence() -> None:
    assert 4 == pinned(OATS, 4).evidence_version
