"""
Datagrams in a stream: two bytes of length before each. Pure; the memory of a stream is fixed, whatever comes.

Source: RFC 4571, section 2 (framing); RFC 6544, section 3 (ICE, DTLS and SRTP in it).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from telegut.rooms.media.aiortc_private import LONGEST_PACKET

HEAD_BYTES: Final = 2
HELD_BYTES: Final = 8192
"""Of one connection: a few frames; whoever sends more at once is read several times, between others."""


class Broken(ValueError):
    """What came is no frame that anybody sends us: longer than a datagram of media or DTLS can be."""


class Frames:
    """Cuts what arrives into frames."""

    __slots__ = ("_filled", "_view")

    def __init__(self) -> None:
        self._view = memoryview(bytearray(HELD_BYTES))
        self._filled = 0

    def room(self) -> memoryview:
        """Where the next bytes go; never empty after `take`."""
        return self._view[self._filled :]

    def take(self, count: int) -> Iterator[memoryview]:
        """
        *count* bytes came: the frames that are whole now, each good until the next one is asked for.

        Raises:
            Broken: a length that nobody means.
        """
        view, at = self._view, 0
        filled = self._filled = self._filled + count
        while filled - at >= HEAD_BYTES:
            length = view[at] << 8 | view[at + 1]
            if length > LONGEST_PACKET:
                raise Broken
            end = at + HEAD_BYTES + length
            if end > filled:
                break
            if length:
                yield view[at + HEAD_BYTES : end]
            at = end
        rest = bytes(view[at:filled])
        view[: len(rest)] = rest
        self._filled = len(rest)


def framed(datagrams: list[memoryview]) -> bytes:
    """*datagrams* as they go over a stream."""
    return b"".join(part for one in datagrams for part in (len(one).to_bytes(HEAD_BYTES), one))
