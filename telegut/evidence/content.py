"""A version as it is stored and compared: plain JSON, and what differs between two of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from telegut.evidence.rules import About, Certainty, Evidence, Kind

_KEPT_BESIDE: Final = frozenset({"id", "version", "reviewer"})
"""Fields that the table holds in columns of its own."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two versions say differently, as text. *before* is empty for a new row."""

    field: str
    before: str
    after: str


def stored(row: Evidence) -> dict[str, Any]:
    """*row* as JSON, without its name, number and reviewer."""
    return {one.name: _plain(getattr(row, one.name)) for one in fields(row) if one.name not in _KEPT_BESIDE}


def read(name: str, number: int, content: Mapping[str, Any], reviewer: str) -> Evidence:
    """The row again."""
    said: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    said |= {
        "about": About(content["about"]),
        "certainty": Certainty(content["certainty"]),
        "checked": date.fromisoformat(content["checked"]),
        "kinds": tuple(Kind(one) for one in content["kinds"]),
    }
    return Evidence(id=name, version=number, reviewer=reviewer, **said)


def differences(before: Evidence | None, after: Evidence) -> list[Difference]:
    """What *after* says differently, in the order of the fields; everything that it says, when it is new."""
    was = stored(before) if before else {}
    now = stored(after)
    return [
        Difference(name, as_text(was.get(name)), as_text(value))
        for name, value in now.items()
        if was.get(name) != value
    ]


def as_text(value: object) -> str:
    """A stored value for people: lists with commas, yes and no, nothing for nothing."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
