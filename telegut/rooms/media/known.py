"""
A source that a session has heard: which stream it is, and where the parts of its packets lie.

A stream's packets look alike, so that what was found in one is checked in the next by a comparison or two: the first
byte, the head of the extension block, and the id and length before each extension that is read.

Source: RFC 3550, section 5.1; RFC 8285, section 4.2.
"""

from __future__ import annotations

from typing import Final

from telegut.rooms.media import rtp
from telegut.rooms.media.inbound import Inbound
from telegut.rooms.media.track import Track

NOWHERE: Final = rtp.HEADER_BYTES
NOTHING: Final = -1
"""Equal to no byte: there is no such extension."""
ALIKE: Final = 0x90
"""First byte of a packet with extensions, no padding and no further sources, as browsers send them."""


class Known:
    """*repeated*: its packets are repeats (RTX) of those of *stream*. Offsets are bytes from the packet's begin."""

    __slots__ = (
        "extensions",
        "first",
        "is_sound",
        "level",
        "level_head",
        "padding",
        "payload",
        "repeated",
        "stream",
        "track",
        "wide",
        "wide_head",
    )

    def __init__(self, stream: Inbound, track: Track, *, repeated: bool) -> None:
        self.stream = stream
        self.track = track
        self.repeated = repeated
        self.is_sound = track.kind == "audio"
        self.first = self.extensions = NOTHING
        self.payload = self.wide = self.level = NOWHERE
        self.wide_head = self.level_head = NOTHING
        self.padding = 0

    def learn(self, view: memoryview, length: int, where: rtp.Span, wide: int, level: int) -> None:
        """How this packet is made; the next ones may be made so too. *wide* and *level*: ids of extensions, or 0."""
        alike = view[0] == ALIKE and where.profile == rtp.ONE_BYTE
        self.first = ALIKE if alike else NOTHING
        self.extensions = rtp.LONG.unpack_from(view, rtp.HEADER_BYTES)[0] if alike else NOTHING
        self.payload, self.padding = where.payload, length - where.end
        self.wide, self.wide_head = _place(view, where, wide)
        self.level, self.level_head = _place(view, where, level)

    def forget(self) -> None:
        """The next packet may be made otherwise: what extensions are called was agreed on anew."""
        self.first = NOTHING


def _place(view: memoryview, where: rtp.Span, wanted: int) -> tuple[int, int]:
    """Where an extension's value lies, and the byte before it."""
    found = rtp.extension(view, where, wanted) if wanted else None
    return (found[0], view[found[0] - 1]) if found is not None else (NOWHERE, NOTHING)
