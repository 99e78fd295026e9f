"""
How a path carried the pictures of the last second. Pure; bits and seconds, as measured, not as counted by a clock that
may be late.

A browser's estimate (REMB) is about pictures alone: libwebrtc leaves voices out of it (receive_side_congestion_-
controller.cc, "For audio, we only support send side BWE"), counts payloads without their headers, and says nothing more
once no picture comes. So it is compared with what pictures were sent and with nothing else, and forgotten when it is
old. It never goes far beyond what is being sent, so a small one says nothing as long as no more was sent. It is
believed when it falls below that: then the path is full.

An estimate is made from when packets arrive, and a browser whose machine is busy takes them late on the best of lines:
it then says a tenth of what comes without loss. So it may make a picture smaller, but takes none away altogether unless
something that people notice goes with it: loss, or a long way there and back. Loss that is there without a picture,
too, is not the pictures' (a radio line, say).

Source: draft-alvestrand-rmcat-remb-03, section 2.3; the loss bounds are those of libwebrtc's loss-based control
(draft-ietf-rmcat-gcc-02, section 6: below 2 % increase, above 10 % decrease).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from telegut.rooms.media.quality import UNNOTICED

BELIEVED: Final = 0.85
"""The part of what is sent below which the estimate says that the path is full."""
FLAT: Final = 1.02
"""An estimate that rises by more in a second is still on its way to the truth (libwebrtc's rises by 8 % a second)."""
TOO_MUCH_LOSS: Final = 0.10
SMOOTH: Final = 0.25
"""The weight of the last second's loss: a second has few packets, and 5 % of them may be none or many."""
FALLS: Final = 0.5
"""Its weight when it is less: what was lost of pictures that are smaller now must not take them away."""
FORGOTTEN: Final = 0.1
"""The part of the loss that is forgotten in a second of which nothing is told, lest it hold pictures back for ever."""
ALONE_S: Final = 3
"""Seconds without a picture after which what is lost is lost without one; the first reports are about before, too."""
TOO_SLOW_S: Final = 1.0
"""There and back: more than a line is called poor for (`quality.SLOW_S`), as a busy machine's answers are slow, too."""
PERSISTS_S: Final = 3
"""Seconds in a row that a path must be full before a picture goes altogether."""
ESTIMATE_GOOD_S: Final = 2.0
"""How long an estimate is good; while pictures come there is one a second at least (libwebrtc, GetFeedbackInterval)."""


@dataclass(frozen=True, slots=True)
class Carried:
    """
    How a path was in the last second: estimate and sent in bits of pictures a second; what part was lost, smoothed.

    before: the estimate a second earlier. seconds: for how many in a row it has been full. alone: for how many there
    was no picture; anyway: what was lost then. trip: there and back in seconds, None when it is not known.
    """

    estimate: int | None
    sent: int
    lost: float
    before: int | None = None
    seconds: int = PERSISTS_S
    alone: int = 0
    anyway: float = 0.0
    trip: float | None = None

    def then(self, estimate: int | None, sent: int, lost: float | None, trip: float | None = None) -> Carried:
        """A second later; *lost* is None when nothing was told, *estimate* when none is good."""
        alone = 0 if sent else self.alone + 1
        if alone:
            smooth = anyway = lost if lost is not None and alone >= ALONE_S else self.anyway
        else:
            smooth = self._smooth(lost)
            anyway = min(self.anyway, smooth)
        now = Carried(estimate, sent, smooth, self.estimate, alone=alone, anyway=anyway, trip=trip)
        return replace(now, seconds=self.seconds + 1 if now.full else 0)

    def _smooth(self, lost: float | None) -> float:
        if lost is None:
            return self.lost * (1 - FORGOTTEN)
        return self.lost + (SMOOTH if lost > self.lost else FALLS) * (lost - self.lost)

    @property
    def full(self) -> bool:
        """Whether less must be sent."""
        believed = self.estimate is not None and self.estimate < BELIEVED * self.sent and not self._rises
        return believed or self.lost > TOO_MUCH_LOSS + self.anyway

    @property
    def _rises(self) -> bool:
        return self.estimate is not None and self.before is not None and self.estimate > FLAT * self.before

    @property
    def strained(self) -> bool:
        """Whether people notice that it is full."""
        return self.lost > UNNOTICED + self.anyway or (self.trip or 0.0) > TOO_SLOW_S

    @property
    def hopeless(self) -> bool:
        """Whether pictures may go altogether."""
        return self.seconds >= PERSISTS_S and self.strained

    @property
    def room(self) -> int:
        """What to stay within when it is full, in bits a second."""
        most = int(BELIEVED * self.sent)
        return most if self.estimate is None else min(self.estimate, most)
