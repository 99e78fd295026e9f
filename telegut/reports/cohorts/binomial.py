"""
How sure a share or a percentile is that comes from n people: exact binomial bounds, without scipy.

* Clopper and Pearson, Biometrika 1934;26:404: the interval of a share k of n that is never too narrow. Chosen over
  Wilson's because it keeps its promise for every n and share (Brown, Cai and DasGupta, Stat Sci 2001;16:101).
* Order statistics: which two people of n enclose a percentile (David and Nagaraja, Order Statistics, 3rd ed., 7.1),
  as CLSI EP28-A3c tabulates them for the limits of a reference interval, with 90 % confidence.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache

_STEPS = 60
"""Halvings of [0, 1]: finer than a double can tell."""


def incomplete_beta(a: float, b: float, x: float) -> float:
    """
    The regularised incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1].

    Continued fraction by Lentz's method: Abramowitz and Stegun 26.5.8; Press et al., Numerical Recipes, 6.4.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float, *, tiny: float = 1e-300, close: float = 1e-15) -> float:
    c, d = 1.0, 1 / max(1 - (a + b) * x / (a + 1), tiny)
    whole = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d or tiny)
            c = 1 + term / c or tiny
            whole *= c * d
        if abs(c * d - 1) < close:
            break
    return whole


def at_most(k: int, n: int, p: float) -> float:
    """The probability of *k* or fewer of *n*, each with probability *p*."""
    if k < 0 or k >= n:
        return 0.0 if k < 0 else 1.0
    return incomplete_beta(n - k, k + 1, 1 - p)


@lru_cache(maxsize=8192)
def share_interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The Clopper–Pearson interval, from 0 to 1, of the share of which *k* of *n* people were seen."""
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else _where(lambda p: 1 - at_most(k - 1, n, p) < tail)
    high = 1.0 if k == n else _where(lambda p: at_most(k, n, p) > tail)
    return low, high


def _where(still: Callable[[float], bool]) -> float:
    """The point of [0, 1] at which *still* turns from true to false."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if still(middle) else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=1024)
def ranks(n: int, level: float, confidence: float = 0.90) -> tuple[int | None, int | None]:
    """
    Which people of *n*, by rank from 1, enclose the true percentile at *level* (0 to 1), with *confidence*.

    The error is split evenly. ``None``: even the smallest (or largest) of them cannot bound it on that side.
    """
    tail = (1 - confidence) / 2
    places = range(1, n + 1)
    below = bisect_right(places, tail, key=lambda rank: at_most(rank - 1, n, level))
    above = bisect_left(places, 1 - tail, key=lambda rank: at_most(rank - 1, n, level))
    low = below if below else None
    high = above + 1 if above < n else None
    return low, high


def most_unseen(reads: int) -> float:
    """
    The most, in percent, that a group not met among *reads* may still make up, with 95 % confidence: the rule of three.

    Hanley and Lippman-Hand, JAMA 1983;249:1743.
    """
    return min(100.0, 300 / reads)
