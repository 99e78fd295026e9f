"""The care team's report on paper: every part of the page, in plain text, and nothing that may not be said."""

from __future__ import annotations

import pytest

from telegut.reports.clinician.paper import paper_of
from telegut.reports.panel import Panel
from tests.pages.test_nothing_scores import faults
from tests.reports import lab
from tests.reports.clinician.samples import panel

SAMPLES = [
    panel(handed_in_by="A & B", collected_at="2026-01-02", age=38),
    panel(lab.metaphlan_3()),
    panel(lab.kraken(lab.gut()), reason="<b>tired</b>"),
]


@pytest.mark.parametrize("shown", SAMPLES)
def test_every_part_is_printed_in_the_order_of_the_page(shown: Panel) -> None:
    sheet = paper_of(shown, "Lena & Ada", "Europe/Berlin")
    named = [one.id for one in sheet.sections]
    assert ["head", "known", "groups", "beside", "kinds", "method", "person", "origin"] == named
    said = [(line.title, line.text, line.value) for section in sheet.sections for line in section.lines]
    assert any(shown.evidence == text for _, text, _ in said)
    assert len(shown.bars) == len(sheet.sections[2].lines)
    assert [] == [fault for line in said for text in line for fault in faults(text)]


def test_names_are_printed_as_they_are_written() -> None:
    said = str(paper_of(SAMPLES[0], "Lena & Ada", "Europe/Berlin"))
    assert "Lena & Ada (38 years at collection)" in said
    assert "nobody named; handed in by A & B" in said
    assert "&amp;" not in said
    assert "<b>tired</b>" in str(paper_of(SAMPLES[2], "Lena", "Europe/Berlin"))
