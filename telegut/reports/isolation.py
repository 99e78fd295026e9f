"""
Reads lab files in a child process, so that a hostile file can take neither the worker's memory nor its time.

The child (`telegut.reports.reader`) bounds its own memory and processor time; the clock on the wall is kept here.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from telegut.errors import Unavailable
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import ReportTooLarge
from telegut.reports.reader import problem

_PACKAGES = str(Path(__file__).resolve().parents[2])
_FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1"}
"""numpy, which h5py brings, would start a thread for each core, with memory for each; nothing here needs them."""


class ReaderBroke(Unavailable):
    """The reading was interrupted; it is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The bounds of one reading."""

    time_s: float
    memory_bytes: int
    limits: Limits = field(default_factory=Limits)

    async def outcome(
        self, files: Sequence[bytes], sample: str | None, told: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """
        What `telegut.reports.reader.outcome` says of *files* and of what a person *told*.

        Running out of time is a refusal too.

        Raises:
            ReaderBroke: the child ended without an answer.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "telegut.reports.reader",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": _PACKAGES, "PYTHONDONTWRITEBYTECODE": "1", **_FEW_THREADS},
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(self._order(files, sample, told)), self.time_s)
        except TimeoutError:
            return {"state": "refused", **problem(ReportTooLarge("Reading this file takes longer than any report."))}
        finally:
            await _end(process)
        if process.returncode != 0:
            raise ReaderBroke
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _order(self, files: Sequence[bytes], sample: str | None, told: Mapping[str, Any] | None) -> bytes:
        bounds = {name: getattr(self.limits, name) for name in self.limits.__dataclass_fields__}
        order = {
            "sizes": [len(data) for data in files],
            "sample": sample,
            "memory_bytes": self.memory_bytes,
            "cpu_s": int(self.time_s) + 1,
            "limits": bounds,
            "told": dict(told) if told else None,
        }
        return json.dumps(order).encode() + b"\n" + b"".join(files)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
