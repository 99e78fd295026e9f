"""
RTCP, read and written: reports, NACK, PLI, REMB, goodbye. Pure bytes.

Sources: RFC 3550, section 6 (SR, RR, SDES, BYE); RFC 4585, sections 6.2.1 and 6.3.1 (NACK, PLI); RFC 5104, section
4.3.1 (FIR); draft-alvestrand-rmcat-remb-03, section 2.2 (REMB).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

SR: Final = 200
RR: Final = 201
SDES: Final = 202
BYE: Final = 203
RTPFB: Final = 205
PSFB: Final = 206
NACK: Final = 1
TRANSPORT_FEEDBACK: Final = 15
PLI: Final = 1
FIR: Final = 4
AFB: Final = 15

_SENDER = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")
_PAIR = struct.Struct("!HH")


class SenderReport(NamedTuple):
    """What a sender says of one stream: *ntp* (RFC 3550, 64 bits) and *timestamp* are the same instant."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int


class Block(NamedTuple):
    """
    What a receiver says of one stream. fraction: lost, of 256, since the last; lost: in all; highest: extended
    sequence; jitter: in units of the stream's clock; last_sr, since_sr: middle 32 bits of its last
    SR's time, and 1/65536 s since.
    """

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_sr: int
    since_sr: int


class Nack(NamedTuple):
    """Somebody misses these packets of one stream."""

    ssrc: int
    missing: tuple[int, ...]


class KeyFrame(NamedTuple):
    """Somebody needs a key frame of one stream (PLI or FIR)."""

    ssrc: int


class Estimate(NamedTuple):
    """REMB: the whole of these streams should stay below *bitrate*, in bits a second."""

    bitrate: int
    ssrcs: tuple[int, ...]


class Bye(NamedTuple):
    """These streams have ended."""

    ssrcs: tuple[int, ...]


Said = SenderReport | Block | Nack | KeyFrame | Estimate | Bye


def read(packet: bytes) -> Iterator[Said]:
    """What a compound packet says, as far as a forwarder cares; the first broken part ends it without an error."""
    at = 0
    while at + 4 <= len(packet):
        first, kind, words = packet[at], packet[at + 1], int.from_bytes(packet[at + 2 : at + 4])
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(packet):
            return
        yield from _part(kind, first & 31, packet[at + 4 : end])
        at = end


def _part(kind: int, count: int, body: bytes) -> Iterator[Said]:
    if kind == SR and len(body) >= 24:
        yield SenderReport(*_SENDER.unpack_from(body))
        yield from _blocks(body[24:], count)
    elif kind == RR and len(body) >= 4:
        yield from _blocks(body[4:], count)
    elif kind == BYE and len(body) >= 4 * count:
        yield Bye(struct.unpack_from(f"!{count}I", body))
    elif kind == RTPFB and count == NACK and len(body) >= 12:
        yield Nack(int.from_bytes(body[4:8]), tuple(_missing(body[8:])))
    elif kind == PSFB and count == PLI and len(body) >= 8:
        yield KeyFrame(int.from_bytes(body[4:8]))
    elif kind == PSFB and count == FIR and len(body) >= 16:
        yield from (KeyFrame(int.from_bytes(body[at : at + 4])) for at in range(8, len(body) - 7, 8))
    elif kind == PSFB and count == AFB and body[8:12] == b"REMB" and len(body) >= 16:
        yield from _remb(body)


def _blocks(body: bytes, count: int) -> Iterator[Block]:
    for at in range(0, min(24 * count, len(body) - 23), 24):
        ssrc, loss, highest, jitter, last_sr, since_sr = _BLOCK.unpack_from(body, at)
        lost = loss & 0xFFFFFF
        yield Block(ssrc, loss >> 24, lost - 0x1000000 if lost & 0x800000 else lost, highest, jitter, last_sr, since_sr)


def _missing(body: bytes) -> Iterator[int]:
    for at in range(0, len(body) - 3, 4):
        first, rest = _PAIR.unpack_from(body, at)
        yield first
        yield from ((first + bit + 1) & 0xFFFF for bit in range(16) if rest >> bit & 1)


def _remb(body: bytes) -> Iterator[Estimate]:
    count, exponent = body[12], body[13] >> 2
    mantissa = (body[13] & 3) << 16 | body[14] << 8 | body[15]
    if len(body) >= 16 + 4 * count:
        yield Estimate(mantissa << exponent, struct.unpack_from(f"!{count}I", body, 16))


def _packet(count: int, kind: int, body: bytes) -> bytes:
    return bytes((0x80 | count, kind)) + (len(body) // 4).to_bytes(2) + body


def sender_report(report: SenderReport, name: bytes) -> bytes:
    """An SR and the SDES with the canonical name that a compound packet must have."""
    return _packet(0, SR, _SENDER.pack(*report)) + _source(report.ssrc, name)


def receiver_report(sender: int, blocks: Sequence[Block], name: bytes) -> bytes:
    """An RR over at most 31 streams, and the SDES."""
    body = sender.to_bytes(4) + b"".join(
        _BLOCK.pack(one.ssrc, one.fraction << 24 | one.lost & 0xFFFFFF, *one[3:]) for one in blocks[:31]
    )
    return _packet(min(len(blocks), 31), RR, body) + _source(sender, name)


def _source(ssrc: int, name: bytes) -> bytes:
    items = ssrc.to_bytes(4) + bytes((1, len(name))) + name
    return _packet(1, SDES, items + bytes(4 - len(items) % 4))


def key_frame(sender: int, ssrc: int) -> bytes:
    """A PLI."""
    return _packet(PLI, PSFB, sender.to_bytes(4) + ssrc.to_bytes(4))


def nack(sender: int, ssrc: int, missing: Iterable[int]) -> bytes:
    """A NACK for *missing* sequence numbers, in the order given, near ones together."""
    pairs: list[tuple[int, int]] = []
    for one in missing:
        behind = (one - pairs[-1][0]) & 0xFFFF if pairs else 0
        if 1 <= behind <= 16:
            pairs[-1] = pairs[-1][0], pairs[-1][1] | 1 << behind - 1
        else:
            pairs.append((one, 0))
    body = sender.to_bytes(4) + ssrc.to_bytes(4) + b"".join(_PAIR.pack(*pair) for pair in pairs)
    return _packet(NACK, RTPFB, body)


def estimate(sender: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """A REMB; *bitrate* in bits a second, rounded down to 18 significant bits."""
    exponent = max(0, bitrate.bit_length() - 18)
    mantissa = bitrate >> exponent
    head = bytes((len(ssrcs), exponent << 2 | mantissa >> 16, mantissa >> 8 & 0xFF, mantissa & 0xFF))
    return _packet(AFB, PSFB, sender.to_bytes(4) + bytes(4) + b"REMB" + head + struct.pack(f"!{len(ssrcs)}I", *ssrcs))
