"""Nothing that nobody sees stands in a name, whatever the file was; and it hides no score."""

from __future__ import annotations

import json

import pytest

from telegut.reports.cohorts.loading import load
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.summaries import is_summary
from telegut.reports.reader import outcome
from telegut.reports.seen_before import Seen, remarks
from telegut.reports.typed.rules import Line, problems
from tests.reports import lab, tables
from tests.reports.cohorts.people import table

HIDDEN = "\u202e\u2066\u200f\x07\x9f"


@pytest.mark.parametrize(
    "data",
    [
        lab.kraken(lab.gut()).replace(b"Roseburia", f"Rose{HIDDEN}buria".encode()),
        tables.biom_of_lineages().replace(b"Roseburia", b"Rose" + json.dumps(HIDDEN).strip('"').encode() + b"buria"),
    ],
    ids=["text", "escaped in JSON"],
)
def test_names_are_what_is_seen(data: bytes) -> None:
    said = outcome([data], None, Limits())

    assert "ready" == said["state"], said
    assert "Roseburia" in {row["name"] for row in said["answer"]["taxa"]}
    text = json.dumps(said["answer"], ensure_ascii=False)
    assert not set(HIDDEN) & set(text)


def test_a_score_stays_one_with_hidden_characters_in_it() -> None:
    assert is_summary("Dysbio\u202esis sc\u200fore")


def test_people_who_type_are_asked_and_headings_are_what_is_seen() -> None:
    [wrong] = problems([Line("Rose\u202eburia", "genus", 5)])
    assert "rows.0.name" == wrong.field
    assert "Roseburia" in load(table(20).replace(b"Roseburia", "Rose\u202eburia".encode()), "percent").genera


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [
        ({"pipeline": "MetaPhlAn 3"}, {"pipeline": "MetaPhlAn 4"}, "reprocessed"),
        ({"region": "V4"}, {"region": "shotgun"}, "reprocessed"),
        ({}, {}, "same_sample"),
        ({"region": None}, {"region": "amplicon"}, "same_sample"),
        ({"pipeline": "Kraken"}, {}, "same_sample"),
    ],
)
def test_another_method_is_claimed_where_both_are_known(
    before: dict[str, str | None], now: dict[str, str | None], code: str
) -> None:
    [said] = remarks({"sample": "S1", "method": now}, None, [Seen("S1", before, None)])

    assert code == said["code"]
    assert "not stated" not in said["text"]
