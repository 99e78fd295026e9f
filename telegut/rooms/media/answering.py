"""
What a forwarder says to a browser's offer: which codecs, extensions and sources. Pure.

A browser offers what it sends (with simulcast, two layers) and empty places for what it will receive. Each place is
answered with a source of ours that stays the same whoever is shown there, so that nobody's coming and going needs a new
description.

Source: RFC 8829, section 5.3 (answers); RFC 8839, section 5.1 and 5.3 (candidates, ice-lite); RFC 5576 (ssrc, FID).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from telegut.rooms.media.ice_lite import Credentials
from telegut.rooms.media.sdp import Codec, Offer, Section

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_WIDE: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

SENDING: Final = {
    "audio": (MID, AUDIO_LEVEL, TRANSPORT_WIDE),
    "video": (MID, RID, REPAIRED_RID, TRANSPORT_WIDE),
}
"""Header extensions that browsers shall send to us."""
RECEIVING: Final = (MID, SEND_TIME)
"""Header extensions that we send."""
OPUS_CLOCK: Final = 48_000
"""Hz; RED for video has another one and is not taken."""
HOST_PRIORITY: Final = 2130706431
"""Of a host candidate, component 1: 2^24 x 126 + 2^8 x 65535 + 255 (RFC 8445, section 5.1.2.1)."""
PASSIVE_PRIORITY: Final = (90 << 24) + ((4 << 13) + 8191 << 8) + 255
"""Of a passive TCP host candidate: below every UDP one (RFC 6544, section 4.2; 90 is what browsers give TCP)."""


@dataclass(frozen=True, slots=True)
class Source:
    """What one place is sent under. stream: joins a person's voice and picture, so that they stay in time."""

    ssrc: int
    retransmission: int
    stream: str
    name: str


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side of the transport. addresses: host and port, the best first; tcp: there too; active: we begin DTLS."""

    credentials: Credentials
    fingerprint: str
    addresses: Sequence[tuple[str, int]]
    active: bool
    tcp: bool = False


def understood(section: Section) -> list[Codec]:
    """
    The codecs of *section* that are forwarded, in the browser's order of preference.

    Sound comes with each packet's predecessor in it where the browser can (RED, RFC 2198): a lost packet is then heard
    all the same, and nobody waits for a repeat. That is what we would rather have, so it is named first.
    """
    found = [codec for codec in section.codecs.values() if _forwarded(section.kind, codec)]
    return sorted(found, key=lambda codec: codec.name != "red")


def _forwarded(kind: str, codec: Codec) -> bool:
    if kind == "audio":
        return codec.name == "opus" or (codec.name == "red" and codec.clock == OPUS_CLOCK)
    if codec.name == "h264":
        # Constrained baseline in separate NAL units: what every browser can send and show (RFC 7742, section 5).
        parameters = codec.parameters.lower()
        return "packetization-mode=1" in parameters and "profile-level-id=42e0" in parameters
    return codec.name == "vp8"


def refused(section: Section) -> bool:
    """Whether *section* is not taken: data channels, unknown codecs, and what the browser itself has stopped."""
    return section.rejected or section.kind not in SENDING or not understood(section)


def answer(offer: Offer, ours: Ours, sources: Mapping[str, Source]) -> str:
    """
    The answer to *offer*.

    sources: by mid, of the places that the browser receives in.
    """
    taken = [section.mid for section in offer.sections if not refused(section)]
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(taken)}",
        "a=msid-semantic: WMS *",
        "a=extmap-allow-mixed",
    ]
    for section in offer.sections:
        lines += _rejected(section) if refused(section) else _taken(section, ours, sources.get(section.mid))
    return "\r\n".join(lines) + "\r\n"


def _rejected(section: Section) -> list[str]:
    media = f"m={section.kind} 0 {section.protocol} {section.formats}"
    return [media, "c=IN IP4 0.0.0.0", f"a=mid:{section.mid}", "a=inactive"]


def _taken(section: Section, ours: Ours, source: Source | None) -> list[str]:
    codecs = understood(section)
    numbers = [
        number for codec in codecs for number in (codec.payload_type, codec.retransmission) if number is not None
    ]
    receives = section.direction in ("recvonly", "sendrecv")
    sends = section.direction in ("sendonly", "sendrecv") and source is None
    direction = "sendonly" if receives and source is not None else "recvonly" if sends else "inactive"
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        *_transport(ours),
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a={direction}",
    ]
    lines += [line for codec in codecs for line in _codec(codec, receives=direction == "sendonly")]
    wanted = RECEIVING if direction == "sendonly" else SENDING[section.kind]
    lines += [f"a=extmap:{section.extensions[uri]} {uri}" for uri in wanted if uri in section.extensions]
    if direction == "sendonly" and source is not None:
        lines += _source(source, section.kind)
    if direction == "recvonly" and section.rids:
        lines += [f"a=rid:{rid} recv" for rid in section.rids]
        lines.append(f"a=simulcast:recv {';'.join(section.rids)}")
    return lines


def _transport(ours: Ours) -> list[str]:
    candidates = [
        f"a=candidate:{place} 1 udp {HOST_PRIORITY - 256 * place} {host} {port} typ host"
        for place, (host, port) in enumerate(ours.addresses)
    ]
    many = len(candidates)
    for place, (host, port) in enumerate(ours.addresses if ours.tcp else ()):
        priority = PASSIVE_PRIORITY - 256 * place
        candidates.append(f"a=candidate:{many + place} 1 tcp {priority} {host} {port} typ host tcptype passive")
    return [
        f"a=ice-ufrag:{ours.credentials.name}",
        f"a=ice-pwd:{ours.credentials.password}",
        f"a=fingerprint:{ours.fingerprint}",
        f"a=setup:{'active' if ours.active else 'passive'}",
        *candidates,
        "a=end-of-candidates",
    ]


def _codec(codec: Codec, *, receives: bool) -> list[str]:
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [f"a=rtpmap:{codec.payload_type} {_spelling(codec.name)}/{codec.clock}{channels}"]
    if codec.parameters:
        lines.append(f"a=fmtp:{codec.payload_type} {codec.parameters}")
    rate = "goog-remb" if receives else "transport-cc"
    wanted = {"nack", "nack pli", "ccm fir", rate}
    lines += [f"a=rtcp-fb:{codec.payload_type} {one}" for one in codec.feedback if one in wanted]
    if codec.retransmission is not None:
        lines.append(f"a=rtpmap:{codec.retransmission} rtx/{codec.clock}")
        lines.append(f"a=fmtp:{codec.retransmission} apt={codec.payload_type}")
    return lines


def _spelling(name: str) -> str:
    return name if name in ("opus", "red") else name.upper()


def _source(source: Source, kind: str) -> list[str]:
    track = f"{source.stream}-{kind}"
    lines = [f"a=msid:{source.stream} {track}"]
    ssrcs = [source.ssrc] if kind == "audio" else [source.ssrc, source.retransmission]
    if kind == "video":
        lines.append(f"a=ssrc-group:FID {source.ssrc} {source.retransmission}")
    for ssrc in ssrcs:
        lines += [f"a=ssrc:{ssrc} cname:{source.name}", f"a=ssrc:{ssrc} msid:{source.stream} {track}"]
    return lines
