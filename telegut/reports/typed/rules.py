"""
What may be typed: names with a rank and a percentage that fit into one whole. Pure.

A name that the house does not know is taken when whoever types it says that it is a group of organisms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from telegut.errors import FieldError
from telegut.reports.formats.invisible import plain
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.profile import is_blank
from telegut.reports.formats.summaries import is_summary
from telegut.reports.taxonomy.known import asked_of

TypedRank = Literal["genus", "species"]

MOST_LINES = 400
"""Lines of one document; the longest printed reports list about 150 groups."""
MOST_CHARACTERS = 200
_OVER_PERCENT = 101.5
"""A point and a half over the whole: printed percentages are rounded one by one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the document. confirmed: whoever typed it says that its name, unknown here, is a group's."""

    name: str
    rank: TypedRank
    percent: float
    confirmed: bool = False


def unanswered(lines: Sequence[Line]) -> list[int]:
    """Places of *lines* whose names are not known, and of which nobody said that they are groups of organisms."""
    return [at for at, line in enumerate(lines) if not line.confirmed and asked_of(line.name)]


def kept(lines: Sequence[Line]) -> list[Line]:
    """*lines* as they are kept: a name that is known needs nobody's word."""
    return [replace(line, confirmed=line.confirmed and bool(asked_of(line.name))) for line in lines]


def problems(lines: Sequence[Line]) -> list[FieldError]:
    """What is wrong with *lines*, by field; empty when all is well."""
    found: list[FieldError] = []
    if not lines:
        found.append(FieldError("rows", "Type at least one line of the document."))
    if len(lines) > MOST_LINES:
        found.append(FieldError("rows", f"There may be {MOST_LINES} lines at most."))
    seen: set[tuple[str, str]] = set()
    for at, line in enumerate(lines):
        key = line.rank, line.name.casefold()
        if not line.name:
            found.append(FieldError(f"rows.{at}.name", "Which group is it?"))
        elif plain(line.name) != line.name:
            found.append(FieldError(f"rows.{at}.name", "There are characters in it that nobody sees. Type it again."))
        elif is_summary(line.name):
            found.append(FieldError(f"rows.{at}.name", "Ratios, scores and indices are not kept. Leave this line out."))
        elif is_blank(line.name) or is_no_group(line.name):
            found.append(FieldError(f"rows.{at}.name", "This is no name of a group. Leave this line out."))
        elif key in seen:
            found.append(FieldError(f"rows.{at}.name", "This group was typed before."))
        seen.add(key)
    for rank in ("genus", "species"):
        total = sum(line.percent for line in lines if line.rank == rank)
        if total > _OVER_PERCENT:
            found.append(FieldError("rows", f"Together they are {total:.1f} %, more than the whole ({rank})."))
    if lines and not any(line.percent > 0 for line in lines):
        found.append(FieldError("rows", "At least one percentage is more than zero."))
    return found
