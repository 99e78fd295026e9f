"""
The ladder: how many times more or less of each genus, on the band of what changes by itself.

No arrow says that something went up or down: a rung has a place on a scale of factors, and a word. A genus that is in
one sample alone has no factor. What is known of it is a bound: among N reads, whatever makes up more than 3/N of the
sample would have been seen (95 %, "rule of three", Hanley and Lippman-Hand, JAMA 1983;249:1743), so the factor is at
least the share that is there over 3/N. Nothing is added to a zero.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from telegut.reports.change.reasons import CANNOT, MORE, WITHIN, Code, Words
from telegut.reports.change.sample import Measured
from telegut.reports.change.untreated import OUTSIDE_BY_ITSELF, Usual
from telegut.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """
    One genus in both samples.

    earlier_percent, later_percent: of everything classified; ``None``: not detected. fold: later over earlier; of a
    genus in one sample alone the bound, and *bound* says so; ``None``: nothing can be said of it. log_fold: its natural
    logarithm. band: the largest factor, up or down, in 95 of 100 untreated people who have it; ``None``: not known.
    """

    name: str
    earlier_percent: float | None
    later_percent: float | None
    fold: float | None
    bound: bool
    band: float | None
    words: Words
    reason: Code | None
    why: str

    @property
    def log_fold(self) -> float | None:
        """Its place on the ladder."""
        return None if self.fold is None else math.log(self.fold)

    @property
    def largest(self) -> float:
        """The larger of the two shares, for the order of rungs."""
        return max(self.earlier_percent or 0.0, self.later_percent or 0.0)

    def as_answer(self) -> dict[str, Any]:
        """As JSON."""
        band = None if self.band is None else {"low": 1 / self.band, "high": self.band}
        return {**asdict(self), "log_fold": self.log_fold, "band": band}


def ladder(later: Measured, earlier: Measured, usual: dict[str, Usual] | None) -> tuple[Rung, ...]:
    """
    A rung for every genus in either sample, the largest first.

    usual: what changes by itself with this method; ``None``: that is not known.
    """
    now, before = later.shares("genus"), earlier.shares("genus")
    rungs = [
        _rung(name, now.get(name), before.get(name), _limit(earlier if name in now else later), usual)
        for name in sorted(now.keys() | before.keys())
    ]
    return tuple(sorted(rungs, key=lambda rung: (-rung.largest, rung.name)))


def outside_by_chance(rungs: tuple[Rung, ...]) -> tuple[int, int, float]:
    """Rungs that could be judged, those beyond their band, and how many would be in people to whom nothing was done."""
    judged = [rung for rung in rungs if rung.words != CANNOT]
    return len(judged), sum(rung.words == MORE for rung in judged), len(judged) * OUTSIDE_BY_ITSELF


def _limit(of: Measured) -> float | None:
    """The share above which a genus would have been seen in *of*; ``None`` when its depth is not known."""
    return 3 / of.reads if of.reads else None


def _rung(
    name: str, now: float | None, before: float | None, unseen: float | None, usual: dict[str, Usual] | None
) -> Rung:
    fold, bound = _fold(now, before, unseen)
    known = usual.get(name) if usual is not None else None
    words, reason, why = _words(fold, bound, known, method_known=usual is not None)
    if words == CANNOT:  # a factor that nothing can be held against would be read as a change
        fold, bound = None, False
    return Rung(
        name=name,
        earlier_percent=None if before is None else before * 100,
        later_percent=None if now is None else now * 100,
        fold=fold,
        bound=bound,
        band=known.p95 if known else None,
        words=words,
        reason=reason,
        why=why,
    )


def _fold(now: float | None, before: float | None, unseen: float | None) -> tuple[float | None, bool]:
    if now is not None and before is not None:
        return now / before, False
    if unseen is None:
        return None, True
    if now is not None:
        return max(now / unseen, 1.0), True
    assert before is not None
    return min(unseen / before, 1.0), True


def _words(
    fold: float | None, bound: bool, known: Usual | None, *, method_known: bool
) -> tuple[Words, Code | None, str]:
    if not method_known:
        return CANNOT, "not_known_for_this_method", _("What changes by itself is not known for this method.")
    if known is None:
        return CANNOT, "not_known_for_this_group", _("What changes by itself is not known for this group.")
    if fold is None:
        why = _("It is in one sample alone, and how much the other could have missed is not stated.")
        return CANNOT, "depth_not_stated", why
    if max(fold, 1 / fold) > known.p95:
        return MORE, None, ""
    if bound:
        return WITHIN, None, _("It is in one sample alone; the other may have missed it.")
    return WITHIN, None, ""
