"""
Two samples as wholes: how far apart they are, and how Shannon's index changed, beside what happens by itself.

Both are of species, as the published figures are; the distance is Bray and Curtis's (Ecol Monogr 1957;27:325) of shares
that add up to one, where it is one minus what both have in common. House rule: indices are not written by hand; this
one is a line, and the tests hold it to closed forms. Neither number says whether anything is good.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from telegut.reports.change.reasons import CANNOT, MORE, WITHIN, Code, Words
from telegut.reports.change.sample import Measured
from telegut.reports.change.untreated import (
    DIFFERENT_PEOPLE,
    SAME_PERSON,
    SAME_STOOL_TWICE,
    SHANNON_SAME_STOOL,
    SHANNON_SD,
    SHANNON_USUAL,
    Spread,
)
from telegut.reports.diversity import shannon

ROUNDING = 1e-9
"""A sum of shares may miss one by this much; a distance on the line is on the usual side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """
    Bray-Curtis distance, 0 (the same) to 1 (nothing in common), of *rank*; ``None``: a sample names nothing there.

    The three spreads are those of untreated people, and ``None`` when they are not known for this method.
    """

    value: float | None
    rank: Literal["species", "genus"]
    words: Words
    reason: Code | None
    same_person: Spread | None
    different_people: Spread | None
    same_stool_twice: Spread | None
    measure: Literal["Bray-Curtis"] = "Bray-Curtis"

    def as_answer(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShannonChange:
    """Shannon's index (natural logarithm) of *rank* in both samples. sd, usual, same_stool: of untreated people."""

    earlier: float | None
    later: float | None
    change: float | None
    rank: Literal["species", "genus"]
    words: Words
    reason: Code | None
    sd: float | None
    usual: float | None
    same_stool: float | None
    log_base: Literal["e"] = "e"

    def as_answer(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def bray_curtis(one: dict[str, float], other: dict[str, float]) -> float | None:
    """The distance of two samples, each by its shares of its own sum; ``None`` when one is empty."""
    whole, of_other = math.fsum(one.values()), math.fsum(other.values())
    if whole <= 0 or of_other <= 0:
        return None
    common = math.fsum(min(one[name] / whole, other[name] / of_other) for name in one.keys() & other.keys())
    return min(max(1 - common, 0.0), 1.0)


def distance(later: Measured, earlier: Measured, *, known: bool) -> Distance:
    """How far apart they are. known: whether the figures hold for this method."""
    rank = rank_for(later, earlier, known=known)
    value = bray_curtis(later.shares(rank), earlier.shares(rank))
    words, reason = _judged(value, SAME_PERSON.p95, known=known)
    return Distance(
        value=value,
        rank=rank,
        words=words,
        reason=reason,
        same_person=SAME_PERSON if known else None,
        different_people=DIFFERENT_PEOPLE if known else None,
        same_stool_twice=SAME_STOOL_TWICE if known else None,
    )


def shannon_change(later: Measured, earlier: Measured, *, known: bool) -> ShannonChange:
    """How Shannon's index changed. known: whether the figures hold for this method."""
    rank = rank_for(later, earlier, known=known)
    now, before = (shannon(list(one.shares(rank).values())) for one in (later, earlier))
    change = None if now is None or before is None else now - before
    words, reason = _judged(None if change is None else abs(change), SHANNON_USUAL, known=known)
    return ShannonChange(
        earlier=before,
        later=now,
        change=change,
        rank=rank,
        words=words,
        reason=reason,
        sd=SHANNON_SD if known else None,
        usual=SHANNON_USUAL if known else None,
        same_stool=SHANNON_SAME_STOOL if known else None,
    )


def rank_for(later: Measured, earlier: Measured, *, known: bool) -> Literal["species", "genus"]:
    """Species where the method names them surely (shotgun); genera for short reads of one gene."""
    shotgun = all(one.answer["method"].get("region") == "shotgun" for one in (later, earlier))
    return "species" if known or shotgun else "genus"


def _judged(size: float | None, usual: float, *, known: bool) -> tuple[Words, Code | None]:
    if not known:
        return CANNOT, "not_known_for_this_method"
    if size is None:
        return CANNOT, "too_shallow"
    return (WITHIN if size <= usual + ROUNDING else MORE), None
