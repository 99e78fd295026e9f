"""
How many may come through a door at once: after a cut everybody comes back in the same second, and each costs work.

Whoever is not let in is told when to come again, each a different time, so that they do not meet again.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from telegut.errors import Unavailable

AGAIN_AFTER_S = (1, 8)
"""The shortest and the longest time that somebody is asked to wait, in whole seconds."""


class Busy(Unavailable):
    """Many are coming at this moment. Please try again in a few seconds."""


class Admission:
    """A bucket of *burst* that fills again by *per_s* each second; *clock* in seconds, steady."""

    def __init__(self, *, per_s: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._clock = clock
        self._left = self._burst
        self._at = clock()

    def admit(self) -> None:
        """
        Let one more in.

        Raises:
            Busy: too many came; ``retry_after`` differs from one to the next.
        """
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            raise Busy(retry_after=random.randint(*AGAIN_AFTER_S))
        self._left -= 1
