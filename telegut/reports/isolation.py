"""
Reads lab files in a child process, so that a hostile file can take neither the worker's memory nor its time.

The child (`telegut.reports.reader`) bounds its own memory and processor time; the clock on the wall is kept here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telegut import bounded
from telegut.bounds import bounds
from telegut.errors import Unavailable
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import ReportTooLarge
from telegut.reports.reader import problem

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
        order = self._order(files, sample, told)
        try:
            said = await bounded.asked("telegut.reports.reader", order, time_s=self.time_s, environment=_FEW_THREADS)
        except bounded.TookTooLong:
            return {
                "state": "refused",
                **problem(
                    ReportTooLarge(
                        "Reading this file takes longer than any report does. It is too large, or it is damaged."
                    )
                ),
            }
        except bounded.Broke as exc:
            raise ReaderBroke from exc
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _order(self, files: Sequence[bytes], sample: str | None, told: Mapping[str, Any] | None) -> bytes:
        order = {
            "sizes": [len(data) for data in files],
            "sample": sample,
            "limits": {name: getattr(self.limits, name) for name in self.limits.__dataclass_fields__},
            "told": dict(told) if told else None,
            **bounds(time_s=self.time_s, memory_bytes=self.memory_bytes),
        }
        return json.dumps(order).encode() + b"\n" + b"".join(files)
