"""Benchmarks run small, on servers of their own, and print what the contract names."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest

from telegut.cli import bench_booking, bench_slots
from telegut.cli.bench_http import Connection, post
from telegut.cli.measurement import Measurement


def test_a_measurement_is_the_contracts_object() -> None:
    line = Measurement("booking", "booked_per_s", 700.0, "1/s", "pgbench", 7000.0).as_line()

    assert {
        "bench": "booking",
        "metric": "booked_per_s",
        "value": 700.0,
        "unit": "1/s",
        "peer": "pgbench",
        "peer_value": 7000.0,
        "ratio": 0.1,
    } == line


async def test_an_answer_that_comes_in_pieces_is_one_answer() -> None:
    line, sent = Connection(), bytearray()

    class Transport:
        """Keeps what is written."""

        write = sent.extend

    line._transport = Transport()  # type: ignore[assignment]
    asked = line.ask(post("/x", "token", {"a": 1}, "key"))
    waiting = asyncio.ensure_future(asked)
    await asyncio.sleep(0)
    for piece in (b"HTTP/1.1 201 Created\r\nContent-", b"Length: 4\r\n\r\nab", b"cd"):
        line.data_received(piece)

    assert (201, b"abcd") == await waiting
    assert sent.startswith(b"POST /x HTTP/1.1\r\n")
    assert sent.endswith(b'\r\n\r\n{"a": 1}')


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where benchmarks make their folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.long
async def test_booking_is_measured_beside_pgbench(temporary: Path) -> None:
    found = {one.metric: one for one in await bench_booking.measure(seconds=1.0, one_slot=20, staggered=16)}

    assert {"booked_per_s", "cpu_per_booking", "one_slot_20", "staggered_16"} == found.keys()
    assert all(one.value > 0 for one in found.values())
    assert ("1/s", "pgbench") == (found["booked_per_s"].unit, found["booked_per_s"].peer)
    assert found["booked_per_s"].ratio
    assert [] == list(temporary.iterdir())


@pytest.mark.long
async def test_free_times_are_measured_and_few_statements_are_enough(temporary: Path) -> None:
    measured = await bench_slots.measure(practitioners=3, days=10, visits=12, questions=2)
    found = {one.metric: one for one in measured}

    assert {"p95_3x10", "p95_1x31", "queries_3x10"} == found.keys()
    assert found["queries_3x10"].value <= 6
    assert [] == list(temporary.iterdir())
