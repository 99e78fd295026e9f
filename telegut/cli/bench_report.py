"""
How long it takes from a laboratory's bytes to the panel: in a reader process of its own, as the worker does it.

Measured is everything between the bytes in the worker's memory and what the template shows: starting the bounded child,
handing it the file, reading, interpreting, hashing, the answer back, the panel for a clinician. Beside it, with a child
of its own too, the format read alone into memory by the library of that format and nothing done with it: Python's csv
for Kraken's report, h5py for HDF5. In turns, medians.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.lab_made import biom_table, kraken_report
from telegut.cli.measurement import Measurement
from telegut.reports.isolation import Reader
from telegut.reports.panel import panel_of
from telegut.reports.shelf import Stored
from telegut.settings import Settings

ROWS: Final = 10_000
FEATURES: Final = 4_000
SAMPLES: Final = 100
"""Columns of the table: a sequencing run's; one of them is read."""
TURNS: Final = 9
NOBODY: Final = UUID(int=0)

_CSV: Final = "import csv, io, sys; list(csv.reader(io.TextIOWrapper(sys.stdin.buffer), delimiter=chr(9)))"
_H5PY: Final = """
import h5py, io, sys
with h5py.File(io.BytesIO(sys.stdin.buffer.read()), "r") as file:
    found = []
    file.visititems(lambda name, one: found.append(one[()]) if isinstance(one, h5py.Dataset) else None)
"""


async def measure(*, turns: int = TURNS) -> list[Measurement]:
    """
    Read each file *turns* times.

    Raises:
        CommandFailed: a file of our own making was not read, or the peer could not read it.
    """
    settings = Settings()
    reader = Reader(time_s=settings.report_reader_s, memory_bytes=settings.report_reader_memory_bytes)
    kraken = await _beside(reader, kraken_report(ROWS), None, _CSV, turns)
    biom = await _beside(reader, biom_table(FEATURES, SAMPLES), "S7", _H5PY, turns)
    return [
        Measurement("report", "kraken_10000_rows", kraken[0], "s", "csv", kraken[1]),
        Measurement("report", "biom_4000_features", biom[0], "s", "h5py", biom[1]),
    ]


async def _beside(reader: Reader, data: bytes, sample: str | None, peer: str, turns: int) -> tuple[float, float]:
    """Median seconds of ours and of the peer's."""
    own_s: list[float] = []
    peer_s: list[float] = []
    for turn in range(turns + 1):
        own, theirs = await _to_panel(reader, data, sample), await _alone(peer, data)
        if turn:  # the first one finds nothing in the system's memory
            own_s.append(own)
            peer_s.append(theirs)
    return statistics.median(own_s), statistics.median(peer_s)


async def _to_panel(reader: Reader, data: bytes, sample: str | None) -> float:
    began = time.perf_counter()
    said = await reader.outcome([data], sample)
    if said["state"] != "ready":
        raise CommandFailed(Exit.FAILED, f"the file was not read: {said['problem']['code']}.")
    now = datetime.now(UTC)
    stored = Stored(
        id=NOBODY,
        patient=NOBODY,
        version=2,
        state="ready",
        metadata={},
        wanted=sample,
        findings=said,
        parser_version=said["answer"]["parser_version"],
        uploaded_at=now,
        uploaded_by=None,
        read_at=now,
        files=(),
    )
    if not panel_of(stored, for_clinician=True, now=now).bars:
        raise CommandFailed(Exit.FAILED, "the panel of the file is empty.")
    return time.perf_counter() - began


async def _alone(program: str, data: bytes) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    await process.communicate(data)
    if process.returncode != 0:
        raise CommandFailed(Exit.FAILED, "the peer could not read the file.")
    return time.perf_counter() - began
