"""
Order on one socket when sends are put off.

Sends are pipelined. When one is answered with 503, later ones of the same sender may be under way already, in our
queue or on the wire, and would be stored before it. So they are put off as well until the older one has come again;
whoever gives it up loses nothing but a few seconds.
"""

from __future__ import annotations

from telegut.errors import Unavailable
from telegut.messaging.rules import Key

REPEAT_S = 10.0
"""How long later sends wait for one that was put off to be repeated."""


class OutOfTurn(Unavailable):
    """Something that was sent before this could not be stored yet. Please send that again first, then this."""


class Turns:
    """What is to be repeated on one socket; *most*: how many of them are remembered."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._arrived = 0
        self._put_off: dict[Key, tuple[int, float]] = {}

    def arrive(self, key: Key, now: float) -> int:
        """
        The place of a send in the order in which this socket's sends first came.

        Raises:
            OutOfTurn: an older one of the same conversation has to come first.
        """
        if not self._put_off:
            self._arrived += 1
            return self._arrived
        turn = self._turn(key)
        if self._is_behind(turn, key, now):
            self.put_off(key, turn, now)
            raise OutOfTurn(retry_after=1)
        self._put_off.pop(key, None)
        return turn

    def put_off(self, key: Key, turn: int, now: float) -> None:
        """It was told to come again; *now* in seconds of any steady clock."""
        if len(self._put_off) < self._most:
            self._put_off[key] = turn, now

    def _turn(self, key: Key) -> int:
        known = self._put_off.get(key)
        if known is not None:
            return known[0]
        self._arrived += 1
        return self._arrived

    def _is_behind(self, turn: int, key: Key, now: float) -> bool:
        behind = False
        for other, (place, at) in list(self._put_off.items()):
            if now - at > REPEAT_S:
                del self._put_off[other]
            elif place < turn and other.conversation == key.conversation:
                behind = True
        return behind
