"""
What the callers of a bench show: ten seconds of VP8, 640x480 at 30 frames a second and 1 Mb/s, made once by libvpx.

Only the packets' payloads are kept, each with a payload descriptor whose picture id the caller fills in.

Source: RFC 7741, section 4.2 (descriptor with a picture id of 15 bits).
"""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 480
FRAMES_A_SECOND: Final = 30
BITRATE: Final = 1_000_000
SECONDS: Final = 10
PART_BYTES: Final = 1100
"""Of a frame in one packet, as libwebrtc cuts it, more or less."""
DESCRIPTOR_BYTES: Final = 4
PICTURE_AT: Final = 2
"""Where the two bytes of the picture id lie in a payload."""

Clip = list[list[bytes]]
"""The payloads of each frame; the first frame is a key frame."""


def make(path: Path, seconds: int = SECONDS) -> None:
    """Encode a moving picture and write its payloads to *path*."""
    import av

    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.bit_rate, encoder.framerate, encoder.time_base = BITRATE, Fraction(FRAMES_A_SECOND), Fraction(1, 30)
    rate = str(BITRATE)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "g": "3000", "minrate": rate, "maxrate": rate}
    frames: list[bytes] = []
    for number in range(seconds * FRAMES_A_SECOND):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        frame.pts = number
        for plane, picture in zip(frame.planes, _picture(number), strict=True):
            plane.update(picture)
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    frames += [bytes(packet) for packet in encoder.encode(None)]
    path.write_text(json.dumps([[part.hex() for part in parts(frame)] for frame in frames]))


def load(path: Path) -> Clip:
    """What `make` wrote."""
    return [[bytes.fromhex(part) for part in frame] for frame in json.loads(path.read_text())]


def parts(frame: bytes) -> list[bytes]:
    """*frame* as payloads: X, I and a picture id of 15 bits in each, S in the first."""
    cut = [frame[at : at + PART_BYTES] for at in range(0, len(frame), PART_BYTES)]
    return [bytes((0x90 if place == 0 else 0x80, 0x80, 0x80, 0)) + part for place, part in enumerate(cut)]


_TEXTURE: Final = random.Random(1).randbytes(WIDTH * 64)


def _picture(number: int) -> tuple[bytes, bytes, bytes]:
    """A pattern that scrolls, with some noise, so that every frame has something new in it."""
    rows = []
    for row in range(HEIGHT):
        at = (row * 37 + number * 3) % (WIDTH * 60)
        soft = bytes((row + number) & 0xFF for _ in range(4)) * (WIDTH // 8)
        rows.append(soft + _TEXTURE[at : at + WIDTH // 2] if (row // 16 + number // 8) % 5 == 0 else soft + soft)
    grey = bytes(WIDTH * HEIGHT // 4)
    return b"".join(rows), grey.replace(b"\0", b"\x80"), grey.replace(b"\0", b"\x70")
