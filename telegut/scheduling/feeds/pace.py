"""How often one key, or one address with a wrong one, may come in an hour; counted in this process."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from telegut.errors import TooMany

HOUR_S: Final = 3600.0
_REMEMBERED: Final = 10_000
"""Callers that are remembered at most; beyond it the one who was quiet longest is forgotten."""


class TooOften(TooMany):
    """This calendar is asked for too often. Once a quarter of an hour is enough."""


class Pace:
    """A bucket for each caller that fills evenly over the hour. *per_hour* None: nobody is counted."""

    def __init__(self, per_hour: int | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_hour = per_hour
        self._clock = clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, who: Hashable) -> None:
        """
        Count one request of *who*.

        Raises:
            TooOften: there were too many; ``retry_after`` says for how many seconds to wait.
        """
        if self._per_hour is None:
            return
        left, now = self._filled(who, self._per_hour)
        if left < 1:
            self._keep(who, left, now)
            raise TooOften(retry_after=math.ceil((1 - left) * HOUR_S / self._per_hour))
        self._keep(who, left - 1, now)

    def _filled(self, who: Hashable, per_hour: int) -> tuple[float, float]:
        now = self._clock()
        left, at = self._left.get(who, (float(per_hour), now))
        return min(per_hour, left + (now - at) * per_hour / HOUR_S), now

    def _keep(self, who: Hashable, left: float, now: float) -> None:
        self._left[who] = (left, now)
        self._left.move_to_end(who)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
