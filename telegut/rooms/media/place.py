"""What a browser receives in: one source of ours, and the header that every packet of it has. Pure."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CHANGING: Final = struct.Struct("!BHI")
"""What changes from packet to packet, from the second byte on: marker and payload type, sequence number, timestamp."""
SEND_TIME_AT: Final = 17
"""Where the three bytes of abs-send-time lie: after 12 bytes of header, 4 of extension head, 1 of id and length."""
SEND_TIME_END: Final = SEND_TIME_AT + 3


@dataclass(frozen=True, slots=True)
class Place:
    """
    One m-line that a browser receives in.

    codecs: name to its payload types there, main and retransmission (None: sound is repeated as it was).
    mid_id, time_id: ids of the extensions mid and abs-send-time, 0 when the browser does not take them.
    """

    mid: str
    ssrc: int
    retransmission: int
    codecs: Mapping[str, tuple[int, int | None]]
    mid_id: int
    time_id: int

    @property
    def is_sound(self) -> bool:
        """Whether it is for a voice."""
        return "opus" in self.codecs

    def head(self, ssrc: int) -> bytes:
        """The header of packets of *ssrc* here, with zeros for what changes; RFC 8285, section 4.2."""
        extensions = bytearray()
        if self.time_id:
            extensions += bytes((self.time_id << 4 | 2, 0, 0, 0))
        if self.mid_id:
            extensions += bytes((self.mid_id << 4 | len(self.mid) - 1,)) + self.mid.encode()
        extensions += bytes(-len(extensions) % 4)
        words = (len(extensions) // 4).to_bytes(2)
        return b"\x90" + bytes(7) + ssrc.to_bytes(4) + b"\xbe\xde" + words + bytes(extensions)
