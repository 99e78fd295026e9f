"""
Diversity of one sample: Shannon's index and how many genera were seen.

Written here instead of taken from scikit-bio. The house rule is that such indices are not handwritten; these two are
the exception, for a reason: they are three lines each, ``telegut report`` and the isolated reader start in a tenth of a
second and stay under 40 MB without scikit-bio's 529 MB environment and 150 MB of memory, and the tests hold them to
closed forms and to values that scikit-bio 0.7.4 gives. Whatever is longer than three lines (rarefaction, distances,
estimators) comes from scikit-bio when it comes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def shannon(amounts: Sequence[float]) -> float | None:
    """
    Shannon's index H = -Σ p·ln(p), natural logarithm (nats), of the shares *amounts* make of their own sum.

    Zeros are ignored; the unit of *amounts* (reads or percent) does not matter. ``None`` for an empty sample.

    Source: Shannon 1948, A Mathematical Theory of Communication, section 6.
    """
    whole = math.fsum(amounts)
    if whole <= 0:
        return None
    shares = [part / whole for part in amounts]
    return abs(-math.fsum(share * math.log(share) for share in shares if share > 0))


def observed(amounts: Sequence[float]) -> int:
    """How many of *amounts* are more than nothing."""
    return sum(1 for part in amounts if part > 0)
