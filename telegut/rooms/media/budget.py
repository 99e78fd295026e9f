"""
Which layer of each picture a path can carry. Pure.

When the path is full (`carried`), everything is shared anew within what it bears. While it is not, now and then there
is a step up, which stays if the path bears it: pictures that are missing first, one and then as many again as there
are, later one a layer larger.

A shared screen comes first, then who speaks, then the others: everybody small before anybody large. Where not one small
picture fits there is sound alone, but only once that has held for some seconds: one bad second, or loss that repeats
make good, must not take a picture away. Not to see each other is the worst, and a small picture is little to try: it is
tried again soon, while a larger one that failed waits up to a minute; what was only tried goes as soon as it harms.
(LiveKit's allocator waits 5 s to 30 s between its probes, and by default never pauses the smallest layer.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from telegut.rooms.media.carried import ALONE_S, PERSISTS_S, Carried

SETTLES_S: Final = 2.0
"""After a step up the estimate is not yet about it."""
CLEAR_S: Final = 1.0
"""How long a path must not have been full before anything is tried."""
FIRST_PATIENCE_S: Final = 1.0
LONGEST_PATIENCE_S: Final = 60.0
MISSING_PATIENCE_S: Final = 15.0
"""The longest wait for a picture that is not shown at all, after some that failed: on a line that cannot bear it the
voices suffer for two seconds of each try."""
PROVEN_S: Final = 4.0
"""A step up after which the path was not full for so long was right."""

Importance = Literal["screen", "speaker", "other"]
_ORDER: Final[tuple[Importance, ...]] = ("screen", "speaker", "other")


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture to send. rates: bits a second of its layers, the smallest first; most: index of the largest wanted."""

    key: str
    importance: Importance
    rates: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Patience:
    """
    When to try a step up: *wait_s* after the last one.

    full_at: when the path was full last; stepped_at: when the last step was taken, or down; tried: when it was
    taken, None when that is decided; showed: whether it was to show somebody, and not to make a picture larger.
    """

    full_at: float
    wait_s: float = FIRST_PATIENCE_S
    tried: float | None = None
    stepped_at: float = -math.inf
    showed: bool = False

    def after(self, path: Carried, now: float) -> Patience:
        """A moment later: a step that filled the path doubles the wait, one that did not is forgotten."""
        if path.full:
            if self.tried is None:
                return replace(self, full_at=now)
            wait = min(self.wait_s * 2, LONGEST_PATIENCE_S)
            return replace(self, full_at=now, wait_s=wait, tried=None, stepped_at=now)
        if self.tried is not None and now - self.tried >= PROVEN_S:
            return replace(self, wait_s=FIRST_PATIENCE_S, tried=None)
        return self

    def believes(self, path: Carried, now: float) -> Carried:
        """*path* as far as it tells about what is sent since the last step."""
        if self.tried is not None and now - self.tried < SETTLES_S:
            path = replace(path, estimate=None)
        if self.showed and self.tried is not None and path.strained:
            return replace(path, seconds=PERSISTS_S)  # who is tried may go at once
        if not self.showed and now - self.stepped_at < PERSISTS_S:
            return replace(path, seconds=0)  # what was made too large becomes small again before anybody goes
        return path

    def due(self, now: float, *, missing: bool = False, alone: bool = False) -> bool:
        """
        Whether a step may be tried. missing: it would show somebody who is not seen; alone: nobody is, and one learns
        first what is lost without a picture.
        """
        if self.tried is not None:
            return False
        if missing:
            clear = now - self.full_at >= (ALONE_S + CLEAR_S if alone else CLEAR_S)
            return clear and now - self.stepped_at >= min(self.wait_s, MISSING_PATIENCE_S)
        return now - max(self.full_at, self.stepped_at) >= self.wait_s

    def lowered(self, now: float) -> Patience:
        """A picture became smaller: what is told now is about the time before."""
        return replace(self, stepped_at=now, showed=False)

    def steps(self, now: float, *, missing: bool = False) -> Patience:
        """A step is taken."""
        return replace(self, tried=now, stepped_at=now, showed=missing)


def within(path: Carried, wishes: Sequence[Wish], before: Mapping[str, int]) -> dict[str, int]:
    """The index of the layer for each wish; one that is absent gets nothing. Nothing goes up."""
    ordered = in_order(wishes)
    if not path.full:
        return {wish.key: min(before[wish.key], wish.most) for wish in ordered if wish.key in before}
    left = path.room
    given: dict[str, int] = {}
    for wish in ordered:
        if wish.key in before and (left >= wish.rates[0] or not path.hopeless):
            given[wish.key] = 0
            left -= wish.rates[0]
    for wish in ordered:
        while wish.key in given and given[wish.key] < min(before[wish.key], wish.most):
            more = wish.rates[given[wish.key] + 1] - wish.rates[given[wish.key]]
            if left < more:
                break
            given[wish.key] += 1
            left -= more
    return given


def in_order(wishes: Sequence[Wish]) -> list[Wish]:
    """Those that can be sent, the most important first."""
    return sorted((wish for wish in wishes if wish.rates), key=lambda wish: _ORDER.index(wish.importance))


def missing(wishes: Sequence[Wish], given: Mapping[str, int]) -> list[Wish]:
    """Those that could be sent and are not, the most important first."""
    return [wish for wish in in_order(wishes) if wish.key not in given]


def step_up(wishes: Sequence[Wish], given: Mapping[str, int]) -> dict[str, int] | None:
    """
    *given* with a picture more, or several that are no more than those that are shown, or one a layer larger; None when
    everybody has what they want.
    """
    ordered = in_order(wishes)
    if absent := missing(wishes, given):
        left = sum(wish.rates[given[wish.key]] for wish in ordered if wish.key in given)
        more = dict(given)
        for number, wish in enumerate(absent):
            left -= wish.rates[0]
            if number and left < 0:
                break
            more[wish.key] = 0
        return more
    for wish in ordered:
        if given[wish.key] < min(wish.most, len(wish.rates) - 1):
            return {**given, wish.key: given[wish.key] + 1}
    return None
