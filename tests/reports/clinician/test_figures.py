"""The strips as a table, and in which order reports are listed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from telegut.reports.clinician.figures import Cell, figures_of
from telegut.reports.cohorts.comparison import Comparison, compare
from telegut.reports.newest import by_sample
from telegut.reports.shelf import Summary
from tests.reports.cohorts.people import SAID, answer, group


def beside(n: int) -> Comparison:
    return compare(answer({"Bacteroides": 60.0, "Roseburia": 0.004}), SAID, [group(n)], for_patient=False)


@pytest.mark.parametrize(("n", "headings"), [
    (20, "25 50 75"),
    (40, "10 25 50 75 90"),
    (130, "2.5 5 10 25 50 75 90 95 97.5"),
])  # fmt: skip
def test_what_the_size_of_the_group_allows_is_in_the_table(n: int, headings: str) -> None:
    made = figures_of(beside(n), 15)

    wanted = tuple("median" if one == "50" else f"percentile {one}" for one in headings.split())
    assert wanted == made.headings
    assert ["Bacteroides", "Roseburia"] == [row.name for row in made.rows]
    assert ("60.0 %", "under 0.01 %") == tuple(row.sample for row in made.rows)
    assert all(len(wanted) == len(row.cells) for row in made.rows)
    assert all(" – " in row.cells[wanted.index("median")].limits for row in made.rows)


def test_only_so_many_rows_and_none_without_a_group() -> None:
    assert 1 == len(figures_of(beside(130), 1).rows)
    assert () == figures_of(None, 15).rows == figures_of(beside(12), 15).rows
    assert Cell() not in figures_of(beside(130), 15).rows[0].cells


def summary(number: int, day: str | None, came: int) -> Summary:
    said: dict[str, Any] = {"collected_at": day} if day else {}
    at = datetime(2026, 11, came, 12, tzinfo=UTC)
    return Summary(
        id=UUID(int=number), state="ready", version=1, metadata=said, sample=None, uploaded_at=at, uploaded_by=None
    )


def test_the_newest_sample_stands_first_whenever_its_file_came() -> None:
    listed = [
        summary(1, "2026-05-03", 20),
        summary(2, None, 19),
        summary(3, "2026-11-03", 18),
        summary(4, "2026-11-03", 17),
    ]
    assert [2, 3, 4, 1] == [one.id.int for one in by_sample(listed)]
