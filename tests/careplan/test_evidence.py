"""The library says where it is from, how sure it is, and nothing about taxa as reasons."""

from __future__ import annotations

import re

import pytest

from telegut.careplan.evidence import BY_ID, LIBRARY, Evidence, cited
from telegut.careplan.rules import Kind
from telegut.errors import Invalid

FORBIDDEN = re.compile(r"\b(treats?|cures?|balances?|restores?|boosts?|dysbiosis|good bacteria)\b", re.IGNORECASE)
"""Words that no product text may use: the project's domain guide, section 1.3."""


@pytest.mark.parametrize("row", LIBRARY, ids=lambda row: row.id)
def test_every_row_is_complete(row: Evidence) -> None:
    for name in ("population", "comparator", "effect", "certainty", "may_say", "must_not_say", "source", "reviewer"):
        assert getattr(row, name).strip(), name
    assert row.version >= 1


@pytest.mark.parametrize("row", LIBRARY, ids=lambda row: row.id)
def test_what_may_be_said_promises_nothing(row: Evidence) -> None:
    assert FORBIDDEN.search(row.may_say) is None


def test_ids_are_unique_and_neighbours_exist() -> None:
    assert len(LIBRARY) == len(BY_ID)
    assert all(one in BY_ID for row in LIBRARY for one in row.beside)


def test_diet_for_depression_always_stands_beside_the_null_finding() -> None:
    assert {"DIET-SMILES", "DIET-HELFIMED"} <= {row.id for row in LIBRARY if "DIET-NULL" in row.beside}


def test_an_association_supports_no_step() -> None:
    for kind in Kind:
        with pytest.raises(Invalid):
            cited("OBS-GBM", kind)


def test_a_row_speaks_only_for_its_kinds() -> None:
    assert "DIET-SMILES" == getattr(cited("DIET-SMILES", Kind.DIET), "id", None)
    assert cited(None, Kind.SLEEP) is None
    with pytest.raises(Invalid):
        cited("DIET-SMILES", Kind.PROBIOTIC)
    with pytest.raises(Invalid):
        cited("NO-SUCH-ROW", Kind.DIET)
