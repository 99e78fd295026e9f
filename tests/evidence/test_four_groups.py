"""The figures of the page that teaches are those that reports are compared with."""

from __future__ import annotations

import pytest

from telegut.evidence.four_groups import GENERA, GROUPS, Genus
from telegut.reports.cohorts.built_in import built_in
from telegut.reports.cohorts.group import Percentiles


@pytest.mark.parametrize("genus", GENERA, ids=lambda one: one.name)
def test_the_page_and_the_comparison_know_the_same_people(genus: Genus) -> None:
    held = {group.about.n: group for group in built_in()}

    for group, figure in zip(GROUPS, genus.figures, strict=True):
        found = held[group.people].genera[genus.name]
        assert isinstance(found, Percentiles)
        assert [figure.low, figure.median, figure.high] == pytest.approx(
            [found.known[level] for level in (0.05, 0.5, 0.95)], abs=0.005
        )
        assert figure.found_in == pytest.approx(found.have / found.n * 100, abs=0.6)


def test_every_bar_lies_in_its_picture() -> None:
    for genus in GENERA:
        for figure in genus.figures:
            assert 0 <= figure.low <= figure.median <= figure.high <= genus.top
