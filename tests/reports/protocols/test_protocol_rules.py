"""What a protocol has to say, and what a sample inherits of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from telegut.clock import utc_now
from telegut.db.ids import new_id
from telegut.errors import Invalid
from telegut.reports.protocols.quality import QualityResult, beside_the_one_before
from telegut.reports.protocols.rules import NEEDED, Content, check, content, inherit

WHOLE = Content(name="Home kit", states=dict.fromkeys(NEEDED, "as the lab says"))


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (WHOLE, []),
        (replace(WHOLE, states={**WHOLE.states, "kit": "  "}), ["states.kit"]),
        (replace(WHOLE, states={**WHOLE.states, "score": "81"}), ["states.score"]),
        (replace(WHOLE, name=" "), ["name"]),
        (replace(WHOLE, retest_months=2), ["retest_months"]),
        (replace(WHOLE, states={}), [f"states.{name}" for name in NEEDED]),
    ],
)
def test_a_protocol_makes_samples_comparable_or_is_refused(said: Content, fields: list[str]) -> None:
    if not fields:
        check(said)
        assert content(said.name, said.kept()) == said
        return
    with pytest.raises(Invalid) as refused:
        check(said)
    assert [error.field for error in refused.value.errors] == fields


@pytest.mark.parametrize(
    ("said", "filling", "expected"),
    [
        ({}, {"kit": "A"}, {"kit": "A", "inherited": {"kit": "protocol"}}),
        ({"kit": "B"}, {"kit": "A"}, {"kit": "B"}),
        ({"kit": ""}, {"kit": "A", "storage": ""}, {"kit": "A", "inherited": {"kit": "protocol"}}),
        (
            {"age": 40, "inherited": {"age": "order"}},
            {"age": 41, "kit": "A"},
            {"age": 40, "kit": "A", "inherited": {"age": "order", "kit": "protocol"}},
        ),
    ],
)
def test_what_the_papers_say_goes_before_what_the_protocol_says(
    said: dict[str, Any], filling: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert inherit(said, filling, source="protocol") == expected


def result(material: str, lot: str, day: int, genera: dict[str, float]) -> QualityResult:
    return QualityResult(
        id=new_id(),
        version=1,
        material=material,
        lot=lot,
        measured_on=date(2026, 1, day),
        genera=genera,
        shannon=None,
        reads=None,
        made_at=utc_now(),
        made_by=new_id(),
    )


def test_a_result_stands_beside_the_one_before_on_the_same_material_and_lot() -> None:
    found = [
        result("RM 8048", "1", 1, {"A": 50.0, "B": 50.0}),
        result("RM 8048", "1", 2, {"A": 25.0, "B": 75.0}),
        result("RM 8048", "2", 3, {"A": 50.0, "B": 50.0}),
        result("Pool", "", 4, {"C": 1.0}),
    ]
    assert [one.differs for one in beside_the_one_before(found)] == [None, 0.25, None, None]
