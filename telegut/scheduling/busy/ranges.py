"""Times without words. Pure: whole seconds, ``[start, end)``."""

from __future__ import annotations

from collections.abc import Iterable

Times = list[tuple[int, int]]


def merged(found: Iterable[tuple[int, int]]) -> Times:
    """The same time in ranges that do not touch each other, in order; empty ones are gone."""
    joined: Times = []
    for start, end in sorted(one for one in found if one[0] < one[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def cut(found: Iterable[tuple[int, int]], first: int, last: int) -> Times:
    """What of it lies within ``[first, last)``."""
    return [(max(start, first), min(end, last)) for start, end in found if start < last and end > first]
