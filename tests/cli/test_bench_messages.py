"""The rules of the benchmarks of messages and sockets: what they speak, what they check, and the lines they print."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from telegut.cli import bench_hot_thread, bench_messages, bench_sockets, bench_synapse, bench_talk
from telegut.cli.bench_frames import PING, Line, frame
from telegut.cli.bench_messages import Talked
from telegut.cli.bench_pgbench import Rate
from telegut.cli.bench_talk import Told
from telegut.cli.exits import CommandFailed
from telegut.web.sockets import _frame


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written = bytearray()

    def write(self, data: bytes) -> None:
        """Keep *data*."""
        self.written += data


async def test_frames_are_understood_in_whatever_pieces_they_come() -> None:
    texts = ["a", "b" * 125, "c" * 126, "d" * 65_535, "e" * 65_536]
    heard: list[bytes] = []
    line, transport = Line("/events", "token", heard.append, first=b"hello"), Transport()
    line.connection_made(transport)  # type: ignore[arg-type]
    stream = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    stream += b"".join(_frame(text.encode()) for text in texts) + bytes((0x80 | PING, 2)) + b"ok"

    for at in range(0, len(stream), 999):
        line.data_received(stream[at : at + 999])

    assert 101 == await line.opened
    assert [text.encode() for text in texts] == heard
    assert transport.written.endswith(frame(b"hello") + b"\x8a\x82\0\0\0\0ok")


async def test_who_is_not_let_in_hears_when_to_come_again() -> None:
    line, transport = Line("/events", "token", lambda text: None, first=b"hello"), Transport()
    line.connection_made(transport)  # type: ignore[arg-type]
    line.data_received(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")

    assert (503, 7.0) == (await line.opened, line.retry_after)
    assert frame(b"hello") not in transport.written


def _told(*delivered: bytes) -> Told:
    told = Told(run=b"r")
    told.sent_at = {b"r-0-%d" % n: 0.0 for n in range(3)}
    for name in delivered:
        bench_talk._delivered(told, b'{"client_id": "%s"}' % name)
    return told


@pytest.mark.parametrize(
    "delivered",
    [
        (b"r-0-0", b"r-0-1"),
        (b"r-0-0", b"r-0-1", b"r-0-2", b"r-0-2"),
        (b"r-0-0", b"r-0-2", b"r-0-1"),
    ],
    ids=["lost", "twice", "out of order"],
)
def test_what_was_not_delivered_once_and_in_order_is_no_result(delivered: tuple[bytes, ...]) -> None:
    with pytest.raises(RuntimeError):
        bench_talk._check(_told(*delivered))


def test_messages_of_another_run_are_not_ours() -> None:
    bench_talk._check(_told(b"r-0-0", b"older-0-0", b"r-0-1", b"r-0-2"))


def test_every_peer_has_a_line_of_its_own() -> None:
    own = {8: Talked(4000, 20, 0.2), 32: Talked(6000, 30, 0.15)}
    floor = {"pgbench": {8: Rate(12_000, 0.1), 32: Rate(16_000, 0.1)}}
    theirs = {8: Talked(60, 200, 17), 32: Talked(64, 600, 16)}

    lines = [(one.metric, one.unit, one.peer, one.ratio) for one in bench_messages._measurements(own, floor, theirs)]

    assert [
        ("sent_per_s_8", "1/s", "pgbench", 4000 / 12_000),
        ("sent_per_s_8", "1/s", "synapse", 4000 / 60),
        ("sent_per_s_32", "1/s", "pgbench", 6000 / 16_000),
        ("sent_per_s_32", "1/s", "synapse", 6000 / 64),
        ("delivery_p99_8", "ms", "synapse", 20 / 200),
        ("delivery_p99_32", "ms", "synapse", 30 / 600),
        ("cpu_per_message", "ms", "pgbench", 0.15 / 0.1),
        ("cpu_per_message", "ms", "synapse", 0.15 / 16),
    ] == lines


def test_too_few_open_files_are_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda which: (1024, 4096))

    with pytest.raises(CommandFailed, match="may open 4096 files"):
        bench_sockets._check_files(10_000)


async def test_a_peer_that_cannot_be_installed_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no space")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("venv.create", fail)

    with pytest.raises(CommandFailed, match="the peer Synapse is missing"):
        await bench_synapse._installed()


def test_the_peer_is_pinned_by_version_and_hash() -> None:
    lines = bench_synapse.LOCK.read_text().splitlines()
    named = [line for line in lines if "==" in line]

    assert any(line.startswith("matrix-synapse==") for line in named)
    assert len(named) <= sum("--hash=sha256:" in line for line in lines)
    assert not any("http" in line for line in lines)


@pytest.mark.long
async def test_messages_are_measured_beside_pgbench() -> None:
    found = await bench_messages.measure(seconds=1.0, peer=False)

    metrics = ["sent_per_s_8", "sent_per_s_32", "delivery_p99_8", "delivery_p99_32", "cpu_per_message"]
    assert metrics == list(dict.fromkeys(one.metric for one in found))
    assert all(one.value > 0 for one in found)


@pytest.mark.long
async def test_one_conversation_is_measured_beside_one_contended_row() -> None:
    (found,) = await bench_hot_thread.measure(seconds=1.0)

    assert ("sent_per_s", "pgbench") == (found.metric, found.peer)
    assert found.ratio


@pytest.mark.long
async def test_sockets_are_measured_and_everybody_comes_back() -> None:
    found = {one.metric: one for one in await bench_sockets.measure(sockets=200, cut=100)}
    await asyncio.sleep(0)

    assert {"memory_per_socket", "reconnect_100", "other_get_p99"} == found.keys()
    assert found["reconnect_100"].value > 0
