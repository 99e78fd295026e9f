"""
A patient's report on paper: printed by a process of its own, so that laying out pages holds up nobody's message.

The child (`telegut.reports.patient.printer`) gets the sheet as JSON and answers with a PDF.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Final

from telegut import bounded
from telegut.errors import Unavailable
from telegut.reports.patient.sheet import Sheet

TIME_S: Final = 60.0
"""Longest printing: a report takes about a second; a busy machine may take a while to begin."""
AT_ONCE: Final = 2
"""Printings at the same time in one web process: more would only share the same cores."""


class PressBroke(Unavailable):
    """The PDF could not be made just now. Nothing is lost: please try again."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands around a sheet: its title, the line below, what the foot of each page says, the language."""

    title: str
    line: str
    foot: str
    page: str
    language: str
    made: str


@dataclass(frozen=True, slots=True)
class Press:
    """Prints sheets."""

    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def pdf(self, sheet: Sheet, paper: Paper) -> bytes:
        """
        The PDF of *sheet*.

        Raises:
            PressBroke: the child ended without one, or took too long.
        """
        async with self.turns:
            return await _printed(json.dumps(order(sheet, paper)).encode())


def order(sheet: Sheet, paper: Paper) -> dict[str, Any]:
    """The JSON that the child reads."""
    return {"paper": dataclasses.asdict(paper), "sections": [dataclasses.asdict(one) for one in sheet.sections]}


async def _printed(said: bytes) -> bytes:
    try:
        made = await bounded.asked("telegut.reports.patient.printer", said, time_s=TIME_S)
    except (bounded.TookTooLong, bounded.Broke) as exc:
        raise PressBroke from exc
    if not made.startswith(b"%PDF-"):
        raise PressBroke
    return made
