"""The library says where it is from, how sure it is, and nothing about taxa as reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from telegut.careplan import gates
from telegut.errors import Invalid, NotFound
from telegut.evidence.built_in import ROWS
from telegut.evidence.library import BUILT_IN, of_rows
from telegut.evidence.rules import CLINIC_FROM, About, Evidence, Kind, check
from telegut.evidence.wording import promises

KNOWN = {id: BUILT_IN.shown(id).row for id in BUILT_IN.current}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_shipped_row_keeps_the_rules_that_a_clinics_rows_keep(row: Evidence) -> None:
    check(row, shipped=row, known=KNOWN, gates=frozenset(gates.BY_ID))
    assert row.reviewer.strip()
    assert 1 <= row.version < CLINIC_FROM


def test_ids_are_unique_and_neighbours_exist() -> None:
    assert len(ROWS) == len({(row.id, row.version) for row in ROWS})
    assert all(one in BUILT_IN.current for row in ROWS for one in row.beside)


def test_diet_for_depression_always_stands_beside_the_null_finding() -> None:
    for id in ("DIET-SMILES", "DIET-HELFIMED"):
        assert ["DIET-NULL"] == [row.id for row in BUILT_IN.shown(id).beside]


def test_every_hopeful_row_about_care_has_its_null_finding() -> None:
    alone = {one.row.id for one in BUILT_IN.rows(About.CARE) if not one.beside}

    # What found nothing, measured no mood, or is a guideline stands for itself.
    assert {"DIET-NULL", "PSYB-DIET", "PROB-GF", "PROB-META-18", "GUIDE-AGA", "FERM-FIB", "STRESS-MIND"} == alone


def test_an_association_supports_no_step() -> None:
    for kind in Kind:
        for one in BUILT_IN.rows(About.ASSOCIATION, About.TESTING):
            with pytest.raises(Invalid):
                BUILT_IN.cited(one.row.id, kind)


def test_a_row_speaks_only_for_its_kinds() -> None:
    assert "DIET-SMILES" == getattr(BUILT_IN.cited("DIET-SMILES", Kind.DIET), "id", None)
    assert BUILT_IN.cited(None, Kind.SLEEP) is None
    for id, kind in (("DIET-SMILES", Kind.PROBIOTIC), ("NO-SUCH-ROW", Kind.DIET)):
        with pytest.raises(Invalid):
            BUILT_IN.cited(id, kind)


@pytest.mark.parametrize("genus", ["Coprococcus", "Faecalibacterium", "Alistipes", "Bifidobacterium"])
def test_what_was_seen_with_a_genus_never_comes_alone(genus: str) -> None:
    found = BUILT_IN.associations(genus)

    assert found
    for one in found:
        assert genus in one.row.taxa
        assert {"OBS-REVIEW-44", "OBS-DIVERGENT"} == {row.id for row in one.beside}
        assert one.row.kinds == ()
        assert "cause" in one.row.certainty.value


def test_nothing_was_seen_with_a_genus_that_nobody_wrote_about() -> None:
    assert [] == BUILT_IN.associations("Telegutia")


def test_a_step_keeps_the_version_it_was_agreed_on() -> None:
    first = BUILT_IN.shown("FERM-FIB").row
    later = replace(first, version=1_001, may_say="Tested in healthy people. Mood was not measured.")
    shelf = BUILT_IN.with_signed([later], {"FERM-FIB": 1_001})

    assert later == shelf.row("FERM-FIB")
    assert first == getattr(shelf.pinned("FERM-FIB", first.version), "row", None)
    assert [1_001, 2, 1] == [row.version for row in shelf.history("FERM-FIB")]
    assert list(BUILT_IN.current) == list(shelf.current)


def test_what_stands_beside_is_of_now() -> None:
    null = replace(BUILT_IN.shown("DIET-NULL").row, version=1_001)
    shelf = BUILT_IN.with_signed([null], {"DIET-NULL": 1_001})

    pinned = shelf.pinned("DIET-SMILES", 1)
    assert pinned is not None
    assert [1_001] == [row.version for row in pinned.beside]


def test_the_highest_version_holds_and_strangers_are_not_found() -> None:
    rows = [replace(ROWS[2], version=number) for number in (2, 1, 3)]

    assert 3 == of_rows(rows).current[ROWS[2].id]
    with pytest.raises(NotFound):
        of_rows(rows).shown("NO-SUCH-ROW")


@pytest.mark.parametrize("text", ["It cures.", "Restores balance", "boosts mood", "friendly bacteria", "a detox"])
def test_promises_are_heard(text: str) -> None:
    assert promises(text)


@pytest.mark.parametrize("text", ["Treatment guidelines recommend this.", "It was tested.", "The effect is small."])
def test_plain_words_are_no_promise(text: str) -> None:
    assert promises(text) is None
