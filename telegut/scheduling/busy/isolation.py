"""Reads calendar files of others in a child process, so that none can take the worker's memory or time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegut import bounded
from telegut.bounds import bounds
from telegut.scheduling.busy.ranges import Times
from telegut.scheduling.busy.rules import Failure, Unreadable


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
        try:
            said = await bounded.asked(
                "telegut.scheduling.busy.expanding", self._order(order, files), time_s=self.time_s
            )
        except bounded.TookTooLong as exc:
            raise Unreadable(Failure.TOO_SLOW) from exc
        except bounded.Broke as exc:
            # Killed by its own bounds: processor time, or memory beyond what Python can report.
            raise Unreadable(Failure.TOO_LARGE) from exc
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _order(self, order: dict[str, Any], files: Sequence[bytes]) -> bytes:
        known = {"sizes": [len(one) for one in files], "events": self.events, "host": self.host}
        bound_by = bounds(time_s=self.time_s, memory_bytes=self.memory_bytes)
        return json.dumps({**order, **known, **bound_by}).encode() + b"\n" + b"".join(files)
