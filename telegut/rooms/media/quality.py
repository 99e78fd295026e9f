"""
How well somebody's path carries, up and down: excellent, good, poor, lost. Pure; times in seconds.

============  ==============  ===============  ======================
word          lost packets    round trip       heard of the browser
============  ==============  ===============  ======================
excellent     up to 2 %       up to 0.3 s      within `LOST_S`
good          up to 10 %      up to 0.6 s      within `LOST_S`
poor          more            or more          within `LOST_S`, or no room for a picture that is looked at
lost          –               –                not within `LOST_S`
============  ==============  ===============  ======================

2 % is not noticed at all, 10 % is what libwebrtc's own rate control takes for congestion, and 0.3 s there and back is
where people begin to speak over each other (ITU-T G.114). A word that gets worse is said at once, one that gets better
after it has held for `STEADY_S`, so that nothing flickers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

Quality = Literal["excellent", "good", "poor", "lost"]
ORDER: Final[tuple[Quality, ...]] = ("excellent", "good", "poor", "lost")

LOST_S: Final = 2.7
"""A browser that has said nothing for so long is called lost. It checks its path every 2.5 s when it sends nothing else
(libwebrtc, STABLE_CONNECTION_PING_INTERVAL), and pages are told within 3 s of the silence's beginning."""
STEADY_S: Final = 3.0
"""How long a path must be better before that is said."""
UNNOTICED: Final = 0.02
CONGESTED: Final = 0.10
QUICK_S: Final = 0.3
SLOW_S: Final = 0.6


@dataclass(frozen=True, slots=True)
class Way:
    """
    One direction in the last second: the part that was *lost*, and the round trip, None when it is not known. short:
    there is no room for a picture.
    """

    lost: float = 0.0
    round_trip: float | None = None
    short: bool = False


def graded(way: Way) -> Quality:
    """The word for *way* while the browser is heard of."""
    trip = way.round_trip or 0.0
    if way.lost > CONGESTED or trip > SLOW_S or way.short:
        return "poor"
    if way.lost > UNNOTICED or trip > QUICK_S:
        return "good"
    return "excellent"


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of one direction; *better* is what it might be instead, *since* when."""

    said: Quality = "excellent"
    better: Quality | None = None
    since: float = 0.0

    def after(self, now_is: Quality, now: float) -> Word:
        """The word once it is *now_is*."""
        if now_is == self.said:
            return replace(self, better=None)
        if self.said == "lost" or ORDER.index(now_is) > ORDER.index(self.said):
            return Word(now_is)
        if self.better is None:
            return Word(self.said, now_is, now)
        least = max(self.better, now_is, key=ORDER.index)
        return Word(least) if now - self.since >= STEADY_S else Word(self.said, least, self.since)


@dataclass(frozen=True, slots=True)
class Words:
    """Both directions of one person's path; *up* is what they send."""

    up: Word = Word()
    down: Word = Word()

    def after(self, up: Way, down: Way, silent: float, now: float) -> Words:
        """What to say now that the browser has been *silent* for so long."""
        if silent > LOST_S:
            return Words(self.up.after("lost", now), self.down.after("lost", now))
        return Words(self.up.after(graded(up), now), self.down.after(graded(down), now))

    @property
    def said(self) -> tuple[Quality, Quality]:
        """The words, up and down."""
        return self.up.said, self.down.said
