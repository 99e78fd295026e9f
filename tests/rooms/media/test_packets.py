"""Packets as bytes: headers, extensions, payload descriptors, RTCP, transport feedback."""

from __future__ import annotations

import struct

import pytest
from aiortc import rtp as reference
from hypothesis import given
from hypothesis import strategies as some

from telegut.rooms.media import arrivals, payloads, rtcp, rtp

ABS, MID = b"\x22\x01\x02\x03", b"\x31ab"


def packet(
    extensions: bytes = b"", *, profile: int = rtp.ONE_BYTE, payload: bytes = b"words", padding: int = 0
) -> bytes:
    """An RTP packet with these header extensions."""
    first = 0x80 | (0x10 if extensions else 0) | (0x20 if padding else 0)
    block = struct.pack("!HH", profile, len(extensions) // 4) + extensions if extensions else b""
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    return rtp.HEADER.pack(first, 0x80 | 96, 7, 9, 0xABCDEF01) + block + payload + tail


def test_a_packet_with_extensions_and_padding_is_found_through() -> None:
    raw = packet(ABS + MID + b"\x00", padding=4)
    where = rtp.span(raw, len(raw))

    assert where is not None
    assert b"words" == raw[where.payload : where.end]
    assert (17, 3) == rtp.extension(raw, where, 2)
    assert (21, 2) == rtp.extension(raw, where, 3)
    assert rtp.extension(raw, where, 4) is None


def test_two_byte_extensions_are_found() -> None:
    raw = packet(b"\x02\x03\x01\x02\x03\x00\x00\x00", profile=0x1000)
    where = rtp.span(raw, len(raw))

    assert where is not None
    assert (18, 3) == rtp.extension(raw, where, 2)


@given(some.binary(max_size=80))
def test_no_bytes_make_the_readers_fail(raw: bytes) -> None:
    where = rtp.span(raw, len(raw))
    if where is not None:
        assert where.payload <= where.end <= len(raw)
        for wanted in (1, 2, 15):
            rtp.extension(raw, where, wanted)
    payloads.vp8(raw)
    payloads.h264_key(raw)
    payloads.red_primary(raw)
    list(rtcp.read(raw))


@pytest.mark.parametrize(
    ("one", "other", "ahead"), [(1, 0, 1), (0, 1, -1), (0, 65535, 1), (65535, 0, -1), (5, 5, 0), (32768, 0, -32768)]
)
def test_sequence_numbers_wrap(one: int, other: int, ahead: int) -> None:
    assert ahead == rtp.ahead(one, other)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x10\x00", payloads.Vp8(True, -1, False, -1)),
        (b"\x10\x01", payloads.Vp8(False, -1, False, -1)),
        (b"\x90\x80\x05\x00", payloads.Vp8(True, 2, False, -1)),
        (b"\x90\xe0\x85\x05\x07\x20\x00", payloads.Vp8(True, 2, True, 4)),
        (b"\x80\xe0\x85\x05\x07\x20\x00", payloads.Vp8(False, 2, True, 4)),
        (b"\x11\x00", payloads.Vp8(False, -1, False, -1)),
        (b"\x90\x80", None),
        (b"\x10", None),
    ],
)
def test_vp8_descriptors(payload: bytes, expected: payloads.Vp8 | None) -> None:
    assert expected == payloads.vp8(payload)


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b"\x65\x88", True),  # IDR
        (b"\x67\x42", True),  # SPS
        (b"\x41\x9a", False),
        (b"\x78\x00\x04\x67\x42", True),  # STAP-A with an SPS first
        (b"\x7c\x85\x88", True),  # FU-A, start of an IDR
        (b"\x7c\x05\x88", False),  # FU-A, its middle
    ],
)
def test_h264_key_frames(payload: bytes, key: bool) -> None:
    assert key is payloads.h264_key(payload)


def test_red_gives_its_newest_block() -> None:
    older = bytes((0x80 | 111, 0x03, 0xC0, 3))
    assert (111, b"new") == payloads.red_primary(older + b"\x6f" + b"old" + b"new")
    assert payloads.red_primary(older) is None


def test_rtcp_agrees_with_aiortc() -> None:
    sent = rtcp.SenderReport(1, 2 << 32, 3, 4, 5)
    block = rtcp.Block(7, 25, -3, 70000, 9, 10, 11)
    raw = (
        rtcp.sender_report(sent, b"name")
        + rtcp.receiver_report(2, [block], b"name")
        + rtcp.nack(2, 7, [5, 6, 9, 40])
        + rtcp.key_frame(2, 7)
        + rtcp.estimate(2, 1_234_567, [7, 8])
    )

    assert [
        sent,
        block,
        rtcp.Nack(7, (5, 6, 9, 40)),
        rtcp.KeyFrame(7),
        rtcp.Estimate(1_234_567 >> 3 << 3, (7, 8)),
    ] == list(rtcp.read(raw))
    theirs = reference.RtcpPacket.parse(raw)
    assert [200, 202, 201, 202, 205, 206, 206] == [struct.unpack_from("!xB", bytes(one))[0] for one in theirs]
    assert b"".join(bytes(one) for one in theirs) == raw


def test_missing_numbers_wrap() -> None:
    assert [rtcp.Nack(7, (65535, 0, 3, 40))] == list(rtcp.read(rtcp.nack(2, 7, [65535, 0, 3, 40])))


def test_arrivals_are_told_in_order_with_gaps_and_wrap() -> None:
    seen = arrivals.Arrivals()
    for sequence, at in ((65534, 10.0), (65535, 10.001), (1, 10.2), (0, 10.1)):
        seen.seen[sequence] = at
    seen.seen[9] = 10.3
    raw = seen.feedback(1, 2)

    assert raw is not None
    assert (0, 205, 15) == (len(raw) % 4, raw[1], raw[0] & 31)
    base, count = struct.unpack_from("!HH", raw, 12)
    assert (65534, 12) == (base, count)
    reference_time = int.from_bytes(raw[16:19]) * arrivals.REFERENCE_S
    assert reference_time <= 10.0 < reference_time + arrivals.REFERENCE_S
    assert [False] * 4 + [True] * 7 + [False] == [status == 0 for status in _statuses(raw[20:], 12)]
    assert seen.feedback(1, 2) is None


def test_arrivals_that_came_in_order_are_told_like_any_others() -> None:
    came = {sequence: 10.0 + sequence // 4 / 30 for sequence in range(40)}
    orderly, mixed = arrivals.Arrivals(), arrivals.Arrivals()
    orderly.seen, mixed.seen = dict(came), dict(reversed(came.items()))
    raw = orderly.feedback(1, 2)

    assert raw is not None
    assert raw == mixed.feedback(1, 2)
    assert struct.pack("!H", 1 << 13 | 40) == raw[20:22], "one run of small deltas"


def _statuses(body: bytes, count: int) -> list[int]:
    found: list[int] = []
    at = 0
    while len(found) < count:
        chunk = int.from_bytes(body[at : at + 2])
        at += 2
        if chunk & 0x8000:
            found += [chunk >> 12 - 2 * place & 3 for place in range(7)]
        else:
            found += [chunk >> 13 & 3] * (chunk & 0x1FFF)
    return found[:count]
