"""A list says of each report how it stands, and of what gives no numbers why."""

from __future__ import annotations

import pytest

from telegut.reports.described import impossible_days
from telegut.reports.standing import Standing, standing


@pytest.mark.parametrize(("problem", "team", "family"), [
    ("pathways_not_taxa", ("Research data only", ""), ("Research data only", "")),
    (
        "unknown_table",
        ("Its columns must be explained first", "now"),
        ("Your care team must explain its columns first", ""),
    ),
    (
        "mapping_does_not_fit",
        ("Its columns must be explained first", "now"),
        ("Your care team must explain its columns first", ""),
    ),
    (
        "picture_not_read",
        ("A document: it must be typed first", "now"),
        ("A document: your care team must type it first", ""),
    ),
    ("empty_file", ("Could not be read", ""), ("Could not be read", "")),
    (None, ("Could not be read", ""), ("Could not be read", "")),
])  # fmt: skip
def test_what_gives_no_numbers_says_why(problem: str | None, team: tuple[str, str], family: tuple[str, str]) -> None:
    assert Standing(*team) == standing("refused", problem, for_team=True)  # type: ignore[arg-type]
    assert Standing(*family) == standing("refused", problem, for_team=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(("taken", "received", "wrong"), [
    ("2026-11-03", "2026-11-05", set()), ("2026-11-03", "2026-11-03", set()), ("2026-11-03", None, set()),
    ("2026-11-03", "2026-11-02", {"received_at"}), ("2026-11-03", "2026-11-02T22:00:00Z", set()),
    ("2026-11-03", "2026-11-01T22:00:00Z", {"received_at"}), ("0001-01-01", "2026-11-02", {"collected_at"}),
    ("0001-01-01", "0001-01-01", {"collected_at", "received_at"}), (None, "2026-11-02", set()),
])  # fmt: skip
def test_days_that_cannot_be_are_named(taken: str | None, received: str | None, wrong: set[str]) -> None:
    assert wrong == set(impossible_days({"collected_at": taken, "received_at": received}))


def test_who_may_not_choose_the_sample_reads_who_does() -> None:
    assert Standing("Your care team chooses the sample") == standing(
        "choose_sample", None, for_team=False, from_family=False
    )
    assert "now" == standing("choose_sample", None, for_team=True, from_family=False).tone


def test_the_other_states_are_the_same_for_everybody() -> None:
    for for_team in (True, False):
        assert ["Being read", "Ready", "A sample must be chosen"] == [
            standing(state, None, for_team=for_team).words for state in ("received", "ready", "choose_sample")
        ]
