"""The benches of calls: their callers' packets and descriptions, the order of a search, and a short run on our own."""

from __future__ import annotations

import contextlib
import os
import random
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from telegut.cli import bench, bench_forwarding, bench_rooms
from telegut.cli.calls import clip, descriptions, echo, servers, shapes
from telegut.cli.calls.descriptions import Line
from telegut.cli.calls.running import Window
from telegut.cli.exits import CommandFailed
from telegut.rooms.media import payloads, sdp
from telegut.rooms.media.aiortc_private import Buffer
from telegut.rooms.media.egress import Egress, runs
from telegut.rooms.media.ice_lite import Credentials

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)


def test_a_frame_is_cut_into_payloads_of_which_the_first_begins_a_key_frame() -> None:
    frame = b"\x10" + bytes(2 * clip.PART_BYTES)  # the lowest bit of a key frame's first byte is 0
    cut = clip.parts(frame)

    assert [clip.PART_BYTES + 4, clip.PART_BYTES + 4, 5] == [len(part) for part in cut]
    found = [payloads.vp8(part) for part in cut]
    assert [True, False, False] == [one is not None and one.key for one in found]
    assert all(one is not None and one.wide and one.picture == clip.PICTURE_AT for one in found)


def test_a_callers_offer_is_one_that_the_forwarder_reads() -> None:
    lines = [Line("a", "audio", 7), Line("v", "video", 9), Line("r", "video")]
    described = sdp.read(descriptions.offer(lines, Credentials.fresh(), FINGERPRINT))

    assert [("a", "sendonly", [7]), ("v", "sendonly", [9]), ("r", "recvonly", [])] == [
        (section.mid, section.direction, section.ssrcs) for section in described.sections
    ]
    assert descriptions.RTX == described.sections[1].codecs[descriptions.VP8].retransmission
    back = descriptions.sections_of(descriptions.answer(described.sections, Credentials.fresh(), FINGERPRINT))
    assert ["a", "v", "r"] == [section.mid for section in back]


def test_the_best_address_of_a_description_is_called() -> None:
    host = "a=candidate:{} 1 udp {} {} {} typ host"
    text = "\r\n".join([host.format(1, 5, "10.0.0.1", 4), host.format(2, 9, "10.0.0.2", 5)])

    assert ("10.0.0.2", 5) == descriptions.candidate(text)
    with pytest.raises(ValueError, match="no address"):
        descriptions.candidate("v=0")


def test_as_much_is_echoed_as_is_forwarded() -> None:
    for shape, streams in {"two": 4, "four": 24, "wide": 132}.items():
        (room,) = shapes.people(shape, 1)
        alone = shapes.echoed(shape, 1)
        assert streams == shapes.streams(shape, room) == sum(shapes.streams(shape, one) for one in alone)


def test_in_a_group_one_is_seen_and_three_are_heard() -> None:
    (room,) = shapes.people("group", 1)

    assert [2] + 11 * [1] == [len(person.lines) for person in room]
    assert 11 + 12 * 3 == shapes.streams("group", room)


def test_a_stream_that_stands_still_is_loss() -> None:
    fine = Window(1.0, 100, 999, 1, 0, 0, 0.1, 0.01)

    assert (0.001, 10.0) == (fine.loss, round(fine.per_packet_us, 1))
    assert 1.0 == Window(1.0, 100, 999, 0, 1, 0, 0.1, 0.01).loss
    assert 1.0 == Window(1.0, 100, 999, 0, 0, 1, 0.1, 0.01).loss


async def test_the_number_held_is_the_last_that_holds_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[int, float]] = []

    async def holds(_: object, serving: object, rooms: int, seconds: float) -> bool:
        tried.append((rooms, seconds))
        return rooms <= (70 if seconds < 60 else 58)

    monkeypatch.setattr(bench_rooms._Search, "_holds", holds)
    search = bench_rooms._Search("two", Path(), 60.0, 50, upward=True)

    assert 55 == await search.held(servers.own)
    assert [(50, 6.0), (62, 6.0), (77, 6.0), (62, 60.0), (55, 60.0)] == tried


def test_a_bench_that_knows_no_time_says_so() -> None:
    from telegut.cli import bench_start, parser_of

    with pytest.raises(CommandFailed, match="--seconds"):
        bench._options(bench_start, parser_of("bench").parse_args(["start", "--seconds", "1"]))
    asked = parser_of("bench").parse_args(["rooms", "--seconds", "2", "--alone"])
    assert {"seconds": 2.0, "peer": False} == bench._options(bench_rooms, asked)


def test_what_is_echoed_can_be_opened_again() -> None:
    ours, theirs = echo.keys(), echo.keys()
    buffer = Buffer()
    packet = bytes((0x80, 96)) + bytes(10) + random.randbytes(100)
    buffer.view[: len(packet)] = packet
    length = ours.protect(buffer, len(packet))

    assert len(packet) == theirs.unprotect(buffer, length)
    assert packet == bytes(buffer.view[: len(packet)])


def test_packets_of_one_size_go_together_and_a_shorter_one_ends_them() -> None:
    packets = [memoryview(bytes(size)) for size in (5, 5, 3, 5, 7, 7)]

    assert [[5, 5, 3], [5], [7, 7]] == [[len(one) for one in run] for run in runs(packets)]
    many = [memoryview(bytes(1200)) for _ in range(100)]
    assert [54, 46] == [len(run) for run in runs(many)], "no more than a datagram of IP holds"


@pytest.mark.parametrize("segments", [True, False])
def test_what_waits_leaves_with_the_batch_in_order(segments: bool) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as out, socket.socket(type=socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        there.settimeout(10)
        there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        out.bind(("127.0.0.1", 0))
        egress = Egress(out, segments=segments)
        for number in range(300):  # more than there are slots
            (buffer,) = egress.slots(1)
            buffer.view[:4] = number.to_bytes(4)
            egress.post([buffer.view[: 4 + number % 2]], there.getsockname())
            if number % 50 == 0:
                egress.flush()
        egress.flush()

        assert list(range(300)) == [int.from_bytes(there.recv(100)[:4]) for _ in range(300)]
        assert (300, 0) == (egress.sent, egress.dropped)


@pytest.mark.long
async def test_forwarding_and_rooms_are_measured_on_our_own() -> None:
    cases = {"1x1to1": ("two", 1)}
    found = await bench_forwarding.measure(seconds=0.5, peer=False, cases=cases)
    held = await bench_rooms.measure(seconds=0.5, peer=False, first={"1to1": ("two", 1)}, upward=False)

    assert {"cpu_per_packet_1x1to1", "lost_1x1to1"} == {one.metric for one in found}
    assert all(one.value > 0 for one in found if one.unit == "µs")
    assert [("1to1", "count")] == [(one.metric, one.unit) for one in held]


@pytest.mark.long
def test_a_bench_that_is_killed_leaves_no_process() -> None:
    program = (
        "import asyncio\nfrom telegut.cli.calls import servers\n"
        "async def main():\n"
        "    async with servers.own() as server:\n"
        "        print(server.pid, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        media = int(running.stdout.readline())
        with open_process(media) as handle:
            running.kill()
            assert select.select([handle], [], [], 30)[0], "the media process lives on"


@contextlib.contextmanager
def open_process(pid: int) -> Iterator[int]:
    """A handle of *pid* that is readable once it has ended."""
    handle = os.pidfd_open(pid)
    try:
        yield handle
    finally:
        os.close(handle)
