"""How much of something is taken in a second, so that a flood costs a bounded part of the process. Times in s."""

from __future__ import annotations

from collections.abc import Hashable

MOST_KEYS = 10_000
"""Who is counted apart; a flood from more sources than that shares what is left of the whole."""


class Allowance:
    """At most *each* a second for one source, *whole* for all together; counted anew each second."""

    __slots__ = ("_by_key", "_each", "_second", "_taken", "_whole")

    def __init__(self, each: int, whole: int) -> None:
        self._each = each
        self._whole = whole
        self._second = -1
        self._taken = 0
        self._by_key: dict[Hashable, int] = {}

    def take(self, key: Hashable, now: float) -> bool:
        """Spend one of *key*'s; False when there is none left in this second."""
        if (second := int(now)) != self._second:
            self._second, self._taken = second, 0
            self._by_key.clear()
        taken = self._by_key.get(key, 0)
        if taken >= self._each or self._taken >= self._whole:
            return False
        if taken or len(self._by_key) < MOST_KEYS:
            self._by_key[key] = taken + 1
        self._taken += 1
        return True
