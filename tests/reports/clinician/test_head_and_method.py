"""The head and "what was measured": who ordered, how deep, how much was recognised, where each item is known from."""

from __future__ import annotations

from typing import Any

import pytest

from telegut.reports.clinician.header import header_of
from telegut.reports.described import EXPECTED, FIELDS
from telegut.reports.facts import method_facts, person_facts
from tests.reports import lab
from tests.reports.clinician.samples import panel, stored

IN_THE_FILE = ("amplification", "pipeline", "database")
EVERYTHING: dict[str, Any] = {name: "2026-01-02" if name.endswith("_at") else "stated" for name in FIELDS}


@pytest.mark.parametrize(("said", "handed_in_by", "from_family", "ordered"), [
    ({"ordered_by": "Dr. A"}, "Lena", True, "Dr. A"),
    ({"ordered_by": "Dr. A", "ordered_by_profession": "physician"}, "", False, "Dr. A, physician"),
    ({}, "Lena", True, "nobody named: brought by the patient"),
    ({}, "Amara", False, "nobody named; handed in by Amara"),
    ({"ordered_by_profession": "physician"}, "", False, "nobody named"),
])  # fmt: skip
def test_who_asked_for_the_test(said: dict[str, Any], handed_in_by: str, from_family: bool, ordered: str) -> None:
    made = panel(handed_in_by=handed_in_by, from_family=from_family, **said)
    assert ordered == header_of(made).ordered


@pytest.mark.parametrize(("data", "depth", "recognised"), [
    (lab.kraken(lab.gut()), "reads in all", "%"),
    (lab.metaphlan_3(), "not stated in the file", "not stated in the file"),
])  # fmt: skip
def test_depth_and_what_was_recognised_are_said_or_said_to_be_unknown(data: bytes, depth: str, recognised: str) -> None:
    made = header_of(panel(data))
    assert made.depth.endswith(depth)
    assert made.recognised.endswith(recognised)


@pytest.mark.parametrize(("said", "badge"), [
    (EVERYTHING, ""),
    ({**EVERYTHING, "kit": ""}, "Incomplete: one detail not stated"),
    ({**EVERYTHING, "kit": "not stated by the lab"}, "Incomplete: one detail not stated"),
    ({}, f"Incomplete: {len(EXPECTED) - len(IN_THE_FILE)} details not stated"),
])  # fmt: skip
def test_the_badge_counts_what_nobody_stated(said: dict[str, Any], badge: str) -> None:
    assert badge == header_of(panel(**said)).open


def test_an_item_that_nobody_stated_is_there_and_empty() -> None:
    facts = (*method_facts(stored()), *person_facts(stored()))
    region = {"Amplification and region", "Region of the gene, or shotgun"}
    assert len(FIELDS) + 1 == len(facts)  # and the number of reads
    assert {"Analysis", "Reference database", "Reads", *region} == {fact.label for fact in facts if fact.value}


@pytest.mark.parametrize(("said", "label", "value", "source"), [
    ({}, "Analysis", "MetaPhlAn 4", "from the file"),
    ({"pipeline": "ours"}, "Analysis", "MetaPhlAn 4", "from the file; people stated: ours"),
    ({"pipeline": "MetaPhlAn-4"}, "Analysis", "MetaPhlAn 4", "from the file"),
    ({"pipeline": "not stated by the lab"}, "Analysis", "MetaPhlAn 4", "from the file"),
    ({"kit": "Swab", "inherited": {"kit": "order"}}, "Kit and preservative", "Swab", "from the order"),
    (
        {"kit": "Swab", "inherited": {"kit": "protocol"}, "protocol": {"name": "Home kit"}},
        "Kit and preservative", "Swab", "from the protocol Home kit",
    ),
    ({}, "Kit and preservative", None, ""),
    ({"collected_at": "2026-11-02"}, "Collected", "2 Nov 2026", ""),
    ({"received_at": "2026-11-05T07:30:00+00:00"}, "Received by the lab", "5 Nov 2026, 07:30 UTC", ""),
])  # fmt: skip
def test_each_item_says_where_it_is_known_from(
    said: dict[str, Any], label: str, value: str | None, source: str
) -> None:
    found = {fact.label: fact for fact in method_facts(stored(**said))}
    assert (value, source) == (found[label].value, found[label].source)
