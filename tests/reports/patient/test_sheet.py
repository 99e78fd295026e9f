"""What a patient's report says at each reading level: as tables, without a server."""

from __future__ import annotations

import pytest

from telegut.evidence.library import BUILT_IN
from telegut.reports import statements
from telegut.reports.patient.levels import Level
from telegut.reports.patient.sheet import Sheet
from telegut.reports.patient.weights import speaks_of_weight
from telegut.reports.patient.writing import sheet_of, without_weights
from tests.evidence.reading_level import grade
from tests.pages.reading import sentences
from tests.pages.test_nothing_scores import faults
from tests.reports import lab
from tests.reports.patient.made import before, panel, sheet

GRADE_AT_MOST = {Level.SHORT: 6.0, Level.STANDARD: 8.0, Level.FULL: 8.0}
"""Domain guide, 8.2: grade 6 to 8; the short level is for who reads with effort."""
LEVELS = pytest.mark.parametrize("level", list(Level))


def said(made: Sheet, *ids: str) -> list[str]:
    """The texts of these sections, or of all."""
    sections = [one for one in made.sections if not ids or one.id in ids]
    texts = [text for one in sections for line in one.lines for text in (line.title, line.text)]
    return [text for text in (*texts, *(one.intro for one in sections)) if text]


@LEVELS
def test_goals_feelings_and_food_come_before_the_microbes(level: Level) -> None:
    order = [one.id for one in sheet(level).sections]

    assert ["goals", "feel", "eat", "do", "snapshot", "groups", "rarer", "beside"] == order[:8]
    assert ["unknown", "method", "origin"] == order[-3:]


@LEVELS
def test_what_must_not_be_left_out_is_on_every_level(level: Level) -> None:
    made = sheet_of(panel(lab.kraken(lab.gut(10))), None, level, "UTC")
    lines = [line for one in made.sections for line in one.lines]

    assert statements.EVIDENCE in [line.text for line in lines if line.evidence == "TEST-CONSENSUS 1"]
    assert [one["code"] for one in panel(lab.kraken(lab.gut(10))).warnings] == [
        line.warning for line in lines if line.warning
    ]
    assert {"method", "origin", "unknown"} <= {one.id for one in made.sections}


@LEVELS
def test_ten_groups_each_with_a_sentence_in_natural_numbers(level: Level) -> None:
    rows = [(f"k__Bacteria|p__P|c__C|o__O|f__F|g__Nova{n}", str(n), 100 / 12) for n in range(12)]
    made = sheet_of(panel(lab.metaphlan_4(rows)), None, level, "UTC")
    bars = next(one for one in made.microbes if one.id == "groups").lines
    genera = [one for one in bars if one.kind == "genus"]

    assert 10 == len(genera)
    assert all(one.text.startswith("It makes up about 8 in 100 parts of ") for one in genera)
    assert all(one.about is not None and one.about.kind == "finding" for one in genera)
    rarer = " ".join(said(made, "rarer"))
    assert "was not found" in rarer
    assert ("2 more groups were found" in rarer) is (level is Level.SHORT)
    assert ("Nova9" in rarer) is (level is not Level.SHORT)
    assert ("8.3 %" in rarer) is (level is Level.FULL)


@LEVELS
def test_every_step_says_how_sure_its_evidence_is_and_what_stands_beside_it(level: Level) -> None:
    lines = [line for one in sheet(level).first for line in one.lines]

    for id in ("DIET-SMILES", "PREB-DIET", "STRESS-MIND", "PROB-MDD-META"):
        for row in (BUILT_IN.shown(id).row, *BUILT_IN.shown(id).beside):
            told = [one for one in lines if one.evidence == row.stamp]
            assert row.may_say in [one.text for one in told]
            assert all(one.title.startswith("How sure: ") for one in told if one.depth is not None)
    assert [(0, "No study is named for this step.")] == [(one.depth, one.text) for one in lines if one.depth == 0]
    assert all(one.about for one in lines if not one.under), "a question about every line"


@LEVELS
def test_it_can_be_read(level: Level) -> None:
    made = sheet(level)
    body = [one.id for one in made.sections if one.kind != "facts"]

    assert grade([line for text in said(made, *body) for line in sentences(text)]) <= GRADE_AT_MOST[level]


@LEVELS
def test_nothing_scores_or_advises(level: Level) -> None:
    assert [] == [fault for text in said(sheet(level)) for fault in faults(text)]


def test_higher_levels_say_more() -> None:
    lengths = [sum(map(len, said(sheet(level)))) for level in Level]

    assert lengths == sorted(lengths)
    assert len(set(lengths)) == len(lengths)


@pytest.mark.parametrize(("text", "expected"), [
    ("Lose 5 kg by summer", True), ("1,800 kcal a day", True), ("Count calories", True), ("My BMI", True),
    ("weigh myself less often", True), ("5kg", True), ("40 g of oats", False), ("Sleep through the night", False),
    ("Lift weights", True), ("A kilogram of trust", False), ("pound cake", True),
])  # fmt: skip
def test_words_about_weight_are_known(text: str, expected: bool) -> None:
    assert expected is speaks_of_weight(text)


def test_weights_are_folded_away_and_left_off_paper() -> None:
    open_, hidden = (sheet(Level.FULL, goals=("Lose 5 kg", "Sleep"), weights_hidden=one) for one in (False, True))

    def goals(made: Sheet) -> list[tuple[str, bool]]:
        return [(line.title or line.text, line.weight) for line in made.first[0].lines]

    assert [("Lose 5 kg", False), ("Sleep", False)] == goals(open_)
    assert [("Lose 5 kg", True), ("Sleep", False)] == goals(hidden)
    paper = goals(without_weights(hidden))
    assert ["Sleep", "Something about weight or calories is not printed here."] == [title for title, _ in paper]
    assert "Body mass index" not in " ".join(said(sheet_of(panel(bmi=None), None, Level.FULL, "UTC")))
    shown = sheet_of(panel(bmi=None), before(), Level.FULL, "UTC")
    assert "Body mass index" in " ".join(said(shown, "method"))


def test_words_of_people_stay_as_they_wrote_them() -> None:
    assert "Now: 40 g. Done, or partly done, on 5 days in the last two weeks." in said(sheet(Level.STANDARD), "eat")
    assert "Oats & beans" in said(sheet(Level.STANDARD), "eat")
