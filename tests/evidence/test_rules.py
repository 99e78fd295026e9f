"""A row that says too much, or hides something, is refused by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from telegut.errors import Invalid
from telegut.evidence.content import differences, read, stored
from telegut.evidence.library import BUILT_IN
from telegut.evidence.rules import About, Certainty, Evidence, Kind, check

KNOWN = {id: BUILT_IN.shown(id).row for id in BUILT_IN.current}
GATES = frozenset({gate for row in KNOWN.values() for gate in row.gates} | {"alarm_features"})
SMILES, SEEN, NULL = (KNOWN[id] for id in ("DIET-SMILES", "OBS-GBM", "DIET-NULL"))


def fields(row: Evidence) -> set[str]:
    """The fields that are refused."""
    try:
        check(row, shipped=BUILT_IN.row(row.id), known=KNOWN, gates=GATES)
    except Invalid as refusal:
        return {error.field for error in refusal.errors}
    return set()


@pytest.mark.parametrize(("row", "changes", "wrong"), [
    (SMILES, {}, set()),
    (SMILES, {"gates": ("eating_disorder", "alarm_features"), "beside": ("DIET-NULL", "PSYB-DIET")}, set()),
    (SMILES, {"may_say": "Diet cures depression."}, {"may_say"}),
    (SMILES, {"points": ("It restores your mood.",)}, {"points"}),
    (SMILES, {"may_say": "It fed Roseburia, and mood rose."}, {"may_say"}),
    (SMILES, {"effect": "  "}, {"effect"}),
    (SMILES, {"beside": ()}, {"beside"}),
    (SMILES, {"beside": ("DIET-NULL", "NO-SUCH-ROW")}, {"beside"}),
    (SMILES, {"beside": ("DIET-NULL", "DIET-SMILES")}, {"beside"}),
    (SMILES, {"gates": ("eating_disorder", "moon_phase")}, {"gates"}),
    (SMILES, {"gates": ()}, {"gates"}),
    (SMILES, {"certainty": Certainty.ASSOCIATION}, {"certainty"}),
    (SMILES, {"taxa": ("Blautia",)}, {"taxa"}),
    (SMILES, {"id": "diet smiles"}, {"id"}),
    (SEEN, {}, set()),
    (SEEN, {"kinds": (Kind.DIET,)}, {"kinds"}),
    (SEEN, {"certainty": Certainty.HIGH}, {"certainty"}),
    (SEEN, {"gates": ("maoi",)}, {"gates"}),
    (SEEN, {"beside": ()}, {"beside"}),
    (NULL, {"may_say": "A study of food habits found no effect."}, set()),
])  # fmt: skip
def test_what_is_refused(row: Evidence, changes: dict[str, Any], wrong: set[str]) -> None:
    assert wrong == fields(replace(row, **changes))


@pytest.mark.parametrize("words", [
    "It prevents depression.", "This diet works for depression.", "It improves your gut score.", "It beats medication.",
    "A healthy gut microbiome improves mood.", "The gut causes anxiety.", "Better than antidepressants.",
    "Take it instead of your tablets.", "Effective against depression.", "It protects against stress.",
    "It fights anxiety.", "Clinically proven.", "It improves your microbiome.", "It rebalances the gut.",
    "As good as psychotherapy.", "Gets rid of anxiety.", "Sure to lift your mood.", "More good gut bacteria.",
    "Your gut age falls.", "An alternative to medication.", "It cured depression.", "A miracle.",
])  # fmt: skip
def test_a_promise_is_known(words: str) -> None:
    assert {"may_say"} == fields(replace(SMILES, may_say=words))


@pytest.mark.parametrize("words", [
    "One small study found that mood improved.", "It was added to treatment with antidepressants, not used instead.",
    "A large study of preventing depression with supplements found no effect.", "Mood was not measured.",
    "People who stopped felt as before.", "The study was small, and it is not sure that it helps.",
    "It changed the gut and some blood markers.", "Talk to your doctor before you change a medicine.",
])  # fmt: skip
def test_what_was_seen_is_said(words: str) -> None:
    assert set() == fields(replace(SMILES, may_say=words))


def test_a_row_of_a_clinic_needs_what_shipped_rows_need() -> None:
    own = replace(SEEN, id="CLINIC-SEEN", about=About.ASSOCIATION, beside=())

    assert {"beside"} == fields(own)
    assert set() == fields(replace(own, beside=("OBS-DIVERGENT",)))


@pytest.mark.parametrize("row", KNOWN.values(), ids=list(KNOWN))
def test_what_is_stored_reads_the_same(row: Evidence) -> None:
    assert row == read(row.id, row.version, stored(row), row.reviewer)


def test_differences_name_the_fields_and_nothing_else() -> None:
    later = replace(SMILES, version=1_001, reviewer="Somebody", may_say="One small study found that mood improved.")

    assert ["may_say"] == [one.field for one in differences(SMILES, later)]
    assert [] == differences(SMILES, replace(SMILES, version=1_001))
    assert {"may_say", "source"} <= {one.field for one in differences(None, SMILES)}
