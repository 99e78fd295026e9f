"""What somebody shows or says: one track of theirs, in one layer or several, and how loud it is."""

from __future__ import annotations

from typing import Final, Literal

from telegut.rooms.media.inbound import Inbound

_LOUD: Final = tuple(max(0.0, (100 - level) / 100) for level in range(128))
"""By level in -dBov."""

Kind = Literal["audio", "camera", "screen"]
KINDS: Final[tuple[Kind, ...]] = ("audio", "camera", "screen")
ALIVE_S: Final = 2.0
"""A layer without a packet for so long is not being sent (the browser stops what its path cannot carry)."""
QUIET: Final = 127
"""The audio level of silence, in -dBov (RFC 6464, section 3)."""


class Track:
    """One m-line that somebody sends. layers: by rid, in the order of the offer; "" without simulcast."""

    def __init__(self, seat: str, kind: Kind, mid: str, rids: tuple[str, ...]) -> None:
        self.seat = seat
        self.kind = kind
        self.mid = mid
        self.rids = rids
        self.layers: dict[str, Inbound] = {}
        self.loudness = 0.0
        """0 silent to 1, smoothed over about a second."""

    def heard(self, level: int) -> None:
        """A packet of sound with *level* in -dBov came; 50 of them are a second."""
        loud = _LOUD[level]
        self.loudness += (loud - self.loudness) * (0.2 if loud > self.loudness else 0.02)

    def alive(self, now: float) -> list[Inbound]:
        """The layers that are being sent, the smallest first; of a screen, on which nothing may move for long, all."""
        still = self.kind == "screen"
        found = [layer for layer in self.layers.values() if still or now - layer.last_at < ALIVE_S]
        return sorted(found, key=lambda layer: self._order(layer.layer))

    def _order(self, rid: str) -> int:
        # Offers name the best layer first.
        return -self.rids.index(rid) if rid in self.rids else 0
