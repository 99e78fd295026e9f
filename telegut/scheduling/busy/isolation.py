"""Reads calendar files of others in a child process, so that none can take the worker's memory or time."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegut.scheduling.busy.ranges import Times
from telegut.scheduling.busy.rules import Failure, Unreadable

_PACKAGES = str(Path(__file__).resolve().parents[3])


@dataclass(frozen=True, slots=True)
class Expander:
    """The bounds of one reading, and the host of our own invitations."""

    time_s: float
    memory_bytes: int
    events: int
    host: str

    async def times(self, files: Sequence[bytes], *, first: int, last: int, zone: str, own: Sequence[str]) -> Times:
        """
        When somebody is busy by *files* between two instants in seconds; see `expanding.busy`.

        Raises:
            Unreadable: no calendar, too large a one, or one that takes too long.
        """
        order = {"first": first, "last": last, "zone": zone, "own": [one.lower() for one in own]}
        answer = await self._asked(order, files)
        if "failure" in answer:
            raise Unreadable(Failure(answer["failure"]))
        return [(start, end) for start, end in answer["times"]]

    async def _asked(self, order: dict[str, Any], files: Sequence[bytes]) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "telegut.scheduling.busy.expanding",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": _PACKAGES, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(self._order(order, files)), self.time_s)
        except TimeoutError as exc:
            raise Unreadable(Failure.TOO_SLOW) from exc
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            # Killed by its own bounds: processor time, or memory beyond what Python can report.
            raise Unreadable(Failure.TOO_LARGE)
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _order(self, order: dict[str, Any], files: Sequence[bytes]) -> bytes:
        bounds = {
            "sizes": [len(one) for one in files],
            "memory_bytes": self.memory_bytes,
            "cpu_s": int(self.time_s) + 1,
            "events": self.events,
            "host": self.host,
        }
        return json.dumps({**order, **bounds}).encode() + b"\n" + b"".join(files)
