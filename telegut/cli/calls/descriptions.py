"""
The descriptions a caller writes: an offer as a browser would make it, and the answer to one. Pure.

Sources: RFC 8829 (JSEP); RFC 8843 (BUNDLE); RFC 8839 (candidates are not named: callers are reached by their checks).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from telegut.rooms.media import sdp
from telegut.rooms.media.answering import AUDIO_LEVEL, MID, SEND_TIME, TRANSPORT_WIDE
from telegut.rooms.media.ice_lite import Address, Credentials
from telegut.rooms.media.sdp import Section

Medium = Literal["audio", "video"]
OPUS: Final = 111
VP8: Final = 96
RTX: Final = 97
EXTENSIONS: Final = {AUDIO_LEVEL: 1, SEND_TIME: 2, TRANSPORT_WIDE: 3, MID: 4}
_FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
_CANDIDATE: Final = re.compile(r"a=candidate:\S+ 1 udp (\d+) (\d[\d.]+) (\d+) typ host", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One m-line. ssrc: what is sent there, 0 where something is received."""

    mid: str
    medium: Medium
    ssrc: int = 0


def offer(lines: Sequence[Line], ours: Credentials, fingerprint: str) -> str:
    """An offer of *lines*, the DTLS role left to the other side."""
    return _whole([part for line in lines for part in _line(line)], [line.mid for line in lines], ours, fingerprint)


def _line(line: Line) -> list[str]:
    video = line.medium == "video"
    numbers = f"{VP8} {RTX}" if video else str(OPUS)
    said = [f"m={line.medium} 9 UDP/TLS/RTP/SAVPF {numbers}", "c=IN IP4 0.0.0.0", f"a=mid:{line.mid}", "a=rtcp-mux"]
    said += ["a=setup:actpass", "a=sendonly" if line.ssrc else "a=recvonly"]
    if video:
        said += [f"a=rtpmap:{VP8} VP8/90000", f"a=rtpmap:{RTX} rtx/90000", f"a=fmtp:{RTX} apt={VP8}"]
        said += [f"a=rtcp-fb:{VP8} {one}" for one in _FEEDBACK]
    else:
        said += [f"a=rtpmap:{OPUS} opus/48000/2", f"a=rtcp-fb:{OPUS} transport-cc"]
    said += [f"a=extmap:{number} {uri}" for uri, number in EXTENSIONS.items() if not video or uri != AUDIO_LEVEL]
    if line.ssrc:
        said += [f"a=msid:stream track-{line.mid}", f"a=ssrc:{line.ssrc} cname:caller"]
    return said


def answer(sections: Sequence[Section], ours: Credentials, fingerprint: str) -> str:
    """The answer of somebody who takes everything that *sections* offer and begins DTLS."""
    said: list[str] = []
    for section in sections:
        numbers = " ".join(map(str, section.codecs))
        said += [f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {numbers}", "c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
        said += ["a=rtcp-mux", "a=setup:active", "a=recvonly"]
        for codec in section.codecs.values():
            channels = f"/{codec.channels}" if codec.channels > 1 else ""
            said.append(f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock}{channels}")
            said += [f"a=fmtp:{codec.payload_type} {codec.parameters}"] if codec.parameters else []
            said += [f"a=rtcp-fb:{codec.payload_type} {one}" for one in codec.feedback]
        said += [f"a=extmap:{number} {uri}" for uri, number in section.extensions.items()]
    return _whole(said, [section.mid for section in sections], ours, fingerprint)


def _whole(said: list[str], mids: list[str], ours: Credentials, fingerprint: str) -> str:
    head = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
    head += ["a=msid-semantic: WMS *", f"a=ice-ufrag:{ours.name}", f"a=ice-pwd:{ours.password}"]
    return "\r\n".join([*head, f"a=fingerprint:{fingerprint}", *said]) + "\r\n"


def candidate(text: str) -> Address:
    """
    Where a description's best IPv4 host candidate is.

    Raises:
        ValueError: it names none.
    """
    found = max(_CANDIDATE.findall(text), key=lambda one: int(one[0]), default=None)
    if found is None:
        raise ValueError("The description names no address.")
    return found[1], int(found[2])


def sections_of(text: str) -> list[Section]:
    """The m-lines of a description."""
    return sdp.read(text).sections
