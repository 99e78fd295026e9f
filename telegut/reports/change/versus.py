"""
A later sample beside an earlier one of the same person: what may be said, in three words, and why not more.

`versus` is the whole rule. What was measured in two ways, or across something that changes a gut, is not compared: no
ladder, no distance, "cannot tell" with the reason. What changes by itself is known for one method; for any other the
two values stand side by side, and "cannot tell: not known for this method".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegut.reports.change import circumstances
from telegut.reports.change import method as methods
from telegut.reports.change.ladder import Rung, ladder, outside_by_chance
from telegut.reports.change.reasons import CANNOT, Reason, Words
from telegut.reports.change.sample import Measured
from telegut.reports.change.untreated import FAMILY, PEOPLE, REGION, SOURCE, usual
from telegut.reports.change.whole import Distance, ShannonChange, distance, shannon_change
from telegut.reports.cohorts.match import Method
from telegut.web.words import gettext as _

__all__ = ["Measured", "Versus", "versus"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """
    What may be said of two samples. comparable: measured the same way, with nothing in between that changes a gut.

    words: of the two samples as wholes, by their distance. unstated: what is not known and would matter.
    """

    comparable: bool
    words: Words
    reasons: tuple[Reason, ...]
    known: bool
    ladder: tuple[Rung, ...]
    distance: Distance | None
    shannon: ShannonChange | None
    unstated: tuple[str, ...]

    @property
    def why(self) -> str:
        """In sentences, why it cannot be told; or what the words are measured by."""
        if self.reasons:
            return " ".join(reason.text for reason in self.reasons)
        return _(
            "Measured against %(n)s adults to whom nothing was done, months apart, by the same method (%(source)s)."
        ) % {"n": PEOPLE, "source": SOURCE}

    @property
    def counted(self) -> tuple[int, int, float]:
        """Genera that could be judged, those beyond their band, and how many would be by chance."""
        return outside_by_chance(self.ladder)

    def as_answer(self) -> dict[str, Any]:
        """As the contract has it."""
        judged, beyond, by_chance = self.counted
        return {
            "comparable": self.comparable,
            "words": self.words,
            "why": self.why,
            "reasons": [{"code": reason.code, "text": reason.text} for reason in self.reasons],
            "ladder": [rung.as_answer() for rung in self.ladder],
            "judged": judged,
            "beyond": beyond,
            "beyond_by_chance": by_chance,
            "distance": self.distance.as_answer() if self.distance else None,
            "shannon": self.shannon.as_answer() if self.shannon else None,
            "unstated": list(self.unstated),
            "source": SOURCE if self.known else None,
        }


def versus(later: Measured, earlier: Measured) -> Versus:
    """*later* beside *earlier*, two samples of one person."""
    against = (*methods.reasons(later, earlier), *circumstances.reasons(later, earlier))
    unstated = tuple(circumstances.unstated(later, earlier))
    if against:
        return _not_comparable(against, unstated)
    known = holds_for(methods.method_of_sample(later))
    beyond = tuple(circumstances.beyond_the_bands(later, earlier)) if known else ()
    return _compared(later, earlier, (*beyond, *unstated), known=known)


def not_read() -> Versus:
    """What is said when there is no reading of one of two reports."""
    return _not_comparable((Reason("not_read", _("One of the two files has not been read as a report.")),), ())


def holds_for(method: Method) -> bool:
    """Whether the figures of untreated people were measured by *method*."""
    return (method.region, method.pipeline) == (REGION, FAMILY)


def _not_comparable(against: tuple[Reason, ...], unstated: tuple[str, ...]) -> Versus:
    return Versus(
        comparable=False,
        words=CANNOT,
        reasons=against,
        known=False,
        ladder=(),
        distance=None,
        shannon=None,
        unstated=unstated,
    )


def _compared(later: Measured, earlier: Measured, unstated: tuple[str, ...], *, known: bool) -> Versus:
    apart = distance(later, earlier, known=known)
    return Versus(
        comparable=True,
        words=apart.words,
        reasons=() if known else (Reason("not_known_for_this_method", _not_known()),),
        known=known,
        ladder=ladder(later, earlier, usual() if known else None),
        distance=apart,
        shannon=shannon_change(later, earlier, known=known),
        unstated=unstated,
    )


def _not_known() -> str:
    return _("How much changes by itself is not known for this method, so only the two values are shown.")
