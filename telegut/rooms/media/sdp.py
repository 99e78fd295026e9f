"""
A browser's offer, read as far as a forwarder needs it. Pure; `answer` writes what we say to it.

Only what browsers send is understood: one BUNDLE group, RTCP multiplexed, DTLS. Everything else is refused by name.

Source: RFC 8866 (SDP), RFC 8829 (JSEP), RFC 8843 (BUNDLE), RFC 8851 and 8853 (rid, simulcast), RFC 4588 (rtx).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LONGEST: Final = 200_000
"""Bytes of an offer; one for a group of twelve has about 40,000."""
MOST_SECTIONS: Final = 64
DIRECTIONS: Final = ("sendrecv", "sendonly", "recvonly", "inactive")


class NotUnderstood(ValueError):
    """An offer that a forwarder cannot answer; the text says why."""


@dataclass(slots=True)
class Codec:
    """One payload type of a section. name: lower case. retransmission: the payload type of its RTX, if offered."""

    payload_type: int
    name: str
    clock: int
    channels: int = 1
    parameters: str = ""
    feedback: list[str] = field(default_factory=list)
    retransmission: int | None = None


@dataclass(slots=True)
class Section:
    """
    One m-line. kind: audio, video or anything else, which is rejected. extensions: URI to id. rids: of a sender with
    simulcast, in its order. ssrcs: main and retransmission, in that order, where the offer names them.
    """

    kind: str
    mid: str
    rejected: bool
    protocol: str = "UDP/TLS/RTP/SAVPF"
    formats: str = "0"
    direction: str = "sendrecv"
    codecs: dict[int, Codec] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    rids: list[str] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Offer:
    """What a browser offers. fingerprint: algorithm and value; setup: its DTLS role; sections: as in the offer."""

    name: str
    password: str
    fingerprint: str
    setup: str
    sections: list[Section]


@dataclass(slots=True)
class _Found:
    name: str = ""
    password: str = ""
    fingerprint: str = ""
    setup: str = "actpass"


def read(text: str) -> Offer:
    """
    The offer in *text*.

    Raises:
        NotUnderstood: it is no offer of a browser.
    """
    if len(text) > LONGEST:
        raise NotUnderstood("This description is too long.")
    found, sections = _Found(), list[Section]()
    for kind, value in _lines(text):
        if kind == "m":
            sections.append(_section(value))
        elif kind == "a":
            _attribute(found, sections[-1] if sections else None, value)
    _check(found, sections)
    for section in sections:
        _pair_retransmissions(section)
    return Offer(found.name, found.password, found.fingerprint, found.setup, sections)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        kind, equals, value = line.partition("=")
        if line and (not equals or len(kind) != 1):
            raise NotUnderstood("This is no session description.")
        yield kind, value


def _section(value: str) -> Section:
    parts = value.split()
    if len(parts) < 4 or not parts[1].isdigit():
        raise NotUnderstood("A media line is broken.")
    kind, port, protocol, *formats = parts
    return Section(kind, "", rejected=port == "0", protocol=protocol, formats=" ".join(formats))


def _attribute(found: _Found, section: Section | None, value: str) -> None:
    name, _, rest = value.partition(":")
    match name:
        case "ice-ufrag":
            found.name = found.name or rest
        case "ice-pwd":
            found.password = found.password or rest
        case "fingerprint":
            found.fingerprint = found.fingerprint or rest
        case "setup":
            found.setup = rest
        case _ if section is not None:
            _media_attribute(section, name, rest)


def _media_attribute(section: Section, name: str, rest: str) -> None:
    match name:
        case "mid":
            section.mid = rest
        case "rtpmap" if matched := re.fullmatch(r"(\d{1,3}) ([\w.-]+)/(\d{1,9})(?:/(\d{1,2}))?", rest):
            number, codec, clock, channels = matched.groups()
            section.codecs[int(number)] = Codec(int(number), codec.lower(), int(clock), int(channels or 1))
        case "fmtp" if (codec_of := _codec(section, rest)) is not None:
            codec_of.parameters = rest.partition(" ")[2]
        case "rtcp-fb" if (codec_of := _codec(section, rest)) is not None:
            codec_of.feedback.append(rest.partition(" ")[2])
        case "extmap" if matched := re.match(r"(\d{1,3})(?:/\w+)? (\S+)", rest):
            section.extensions[matched[2]] = int(matched[1])
        case "rid" if matched := re.match(r"([\w-]{1,16}) send\b", rest):
            section.rids.append(matched[1])
        case "ssrc-group" if matched := re.fullmatch(r"FID (\d{1,10}) (\d{1,10})", rest):
            section.ssrcs = [int(matched[1]), int(matched[2])]
        case "ssrc" if not section.ssrcs and (matched := re.match(r"(\d{1,10}) ", rest)):
            section.ssrcs = [int(matched[1])]
        case _ if name in DIRECTIONS:
            section.direction = name


def _codec(section: Section, rest: str) -> Codec | None:
    number = rest.partition(" ")[0]
    return section.codecs.get(int(number)) if number.isdigit() else None


def _check(found: _Found, sections: list[Section]) -> None:
    if not sections or len(sections) > MOST_SECTIONS:
        raise NotUnderstood("A description has between 1 and 64 media lines.")
    if len(found.name) < 4 or len(found.password) < 22:
        raise NotUnderstood("The description has no ICE credentials.")
    if not re.fullmatch(r"sha-(256|384|512) [0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+", found.fingerprint):
        raise NotUnderstood("The description has no fingerprint that we know.")
    mids = [section.mid for section in sections]
    if len(set(mids)) != len(mids) or not all(re.fullmatch(r"[\w-]{1,15}", mid) for mid in mids):
        raise NotUnderstood("Every media line needs a mid of its own.")


def _pair_retransmissions(section: Section) -> None:
    for codec in section.codecs.values():
        if codec.name == "rtx" and (of := re.search(r"\bapt=(\d{1,3})", codec.parameters)):
            main = section.codecs.get(int(of[1]))
            if main is not None and main.retransmission is None:
                main.retransmission = codec.payload_type
