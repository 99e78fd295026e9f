"""
Which layer of each picture a path can carry. Pure.

A browser's estimate (REMB) never goes far beyond what it is being sent, so a small one says nothing as long as no more
was sent. It is believed when it falls below that: then the path is full, and everything is shared anew within it. While
it is not full, now and then one picture goes up a step, and stays there if the path bears it.

Voices come first, then a shared screen, then who speaks, then the others: everybody small before anybody large. Where
not one small picture fits there is sound alone, but only once that has held for some seconds: one bad second, or loss
that repeats make good, must not take a picture away.

Source: draft-alvestrand-rmcat-remb-03, section 2.3; the loss bounds are those of libwebrtc's loss-based control
(draft-ietf-rmcat-gcc-02, section 6: below 2 % increase, above 10 % decrease).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

VOICE_BITS: Final = 80_000
"""A second of one voice, with headers: Opus at 32 kbit/s, each packet twice (RED), in 50 with 40 bytes around each."""
BELIEVED: Final = 0.85
"""The part of what is sent below which the estimate says that the path is full."""
FLAT: Final = 1.02
"""An estimate that rises by more in a second is still on its way to the truth (libwebrtc's rises by 8 % a second)."""
TOO_MUCH_LOSS: Final = 0.10
SMOOTH: Final = 0.25
"""The weight of the last second's loss: a second has few packets, and 5 % of them may be none or many."""
PERSISTS_S: Final = 3
"""Seconds in a row that a path must be full before a picture goes altogether."""
SETTLES_S: Final = 2.0
"""After a step up the estimate is not yet about it."""
FIRST_PATIENCE_S: Final = 1.0
LONGEST_PATIENCE_S: Final = 60.0
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
class Carried:
    """
    How a path was in the last second: estimate and sent in bits a second, the part that was lost, smoothed.

    before: the estimate a second earlier. seconds: for how many in a row it has been full.
    """

    estimate: int | None
    sent: int
    lost: float
    before: int | None = None
    seconds: int = PERSISTS_S

    def then(self, estimate: int | None, sent: int, lost: float | None) -> Carried:
        """A second later; *lost* is None when nothing was told."""
        smooth = self.lost if lost is None else self.lost + SMOOTH * (lost - self.lost)
        now = Carried(estimate, sent, smooth, self.estimate)
        return replace(now, seconds=self.seconds + 1 if now.full else 0)

    @property
    def full(self) -> bool:
        """Whether less must be sent."""
        believed = self.estimate is not None and self.estimate < BELIEVED * self.sent and not self._rises
        return believed or self.lost > TOO_MUCH_LOSS

    @property
    def _rises(self) -> bool:
        return self.estimate is not None and self.before is not None and self.estimate > FLAT * self.before

    @property
    def room(self) -> int:
        """What to stay within when it is full, in bits a second."""
        most = int(BELIEVED * self.sent)
        return most if self.estimate is None else min(self.estimate, most)


@dataclass(frozen=True, slots=True)
class Patience:
    """When to try a step up: *wait_s* after *since*; tried: when the last step was taken, None when it proved right."""

    since: float
    wait_s: float = FIRST_PATIENCE_S
    tried: float | None = None

    def after(self, path: Carried, now: float) -> Patience:
        """A second later: a step that filled the path doubles the wait, one that did not is forgotten."""
        if path.full:
            wait = min(self.wait_s * 2, LONGEST_PATIENCE_S) if self.tried is not None else self.wait_s
            return Patience(now, wait)
        if self.tried is not None and now - self.tried >= PROVEN_S:
            return Patience(self.since, FIRST_PATIENCE_S)
        return self

    def believes(self, path: Carried, now: float) -> Carried:
        """*path* as far as it tells about what is sent since the last step."""
        young = self.tried is not None and now - self.tried < SETTLES_S
        return replace(path, estimate=None) if young else path

    def due(self, now: float) -> bool:
        """Whether a step may be tried."""
        return self.tried is None and now - self.since >= self.wait_s


def within(path: Carried, voices: int, wishes: Sequence[Wish], before: Mapping[str, int]) -> dict[str, int]:
    """The index of the layer for each wish; one that is absent gets nothing. Nothing goes up."""
    ordered = in_order(wishes)
    if not path.full:
        return {wish.key: min(before[wish.key], wish.most) for wish in ordered if wish.key in before}
    left = path.room - voices * VOICE_BITS
    given: dict[str, int] = {}
    for wish in ordered:
        if wish.key in before and (left >= wish.rates[0] or path.seconds < PERSISTS_S):
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


def step_up(wishes: Sequence[Wish], given: Mapping[str, int]) -> dict[str, int] | None:
    """*given* with one picture more, or one a layer larger; None when everybody has what they want."""
    ordered = in_order(wishes)
    for wish in ordered:
        if wish.key not in given:
            return {**given, wish.key: 0}
    for wish in ordered:
        if given[wish.key] < min(wish.most, len(wish.rates) - 1):
            return {**given, wish.key: given[wish.key] + 1}
    return None
