"""The field of an error is named as it was sent: nothing of the library that checks it stands there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import Field

from telegut.errors import Invalid
from telegut.reports.bodies import MetadataBody
from telegut.web.parse import validated
from telegut.web.values import Body, Instant


class _Leg(Body):
    start: Instant | date = Field(alias="from")
    weights: dict[str, float] = {}


class _Journey(Body):
    legs: list[_Leg]
    end: Instant | date | None = None


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"legs": [{"from": "2026-13-40"}]}, ["legs.0.from"]),
        ({"legs": [{"from": "2026-01-01", "weights": {"a": "heavy"}}]}, ["legs.0.weights.a"]),
        ({"legs": [{"from": "2026-01-01"}, {}]}, ["legs.1.from"]),
        ({"legs": 3, "end": []}, ["legs", "end"]),
        ({"legs": [], "date": 1}, ["date"]),
        ([], [""]),
    ],
)
def test_a_field_is_named_as_it_was_sent(said: Any, fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        validated(_Journey, said)

    assert fields == [one.field for one in refused.value.errors]


def test_a_day_that_is_none_is_told_at_its_field() -> None:
    with pytest.raises(Invalid) as refused:
        validated(MetadataBody, {"collected_at": "2026-13-40"})

    assert ["collected_at"] == [one.field for one in refused.value.errors]
