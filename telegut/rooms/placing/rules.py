"""Which media process takes a room. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

A_ROOM: Final = 0.02
"""What a room that was placed since the last report is counted with, in parts of a core: about a room of four."""
ALIKE: Final = 0.05
"""Loads that differ by less are alike: then the number of rooms decides."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A media process that might take a room, as it reported last.

    load: part of a core, 0 to 1. rooms: how many it has. takes: whether it takes new ones at all (it drains, or is
    above a limit). promised: rooms placed there since that report.
    """

    process: str
    instance: str
    load: float
    rooms: int
    takes: bool = True
    promised: int = 0


def least_loaded(candidates: Iterable[Candidate], without: Iterable[str] = ()) -> Candidate | None:
    """The one to take a room, None when nobody can. without: instances that are out of the question."""
    out = set(without)
    able = [one for one in candidates if one.takes and one.instance not in out]
    return min(able, key=_weight, default=None)


def _weight(one: Candidate) -> tuple[int, int, str]:
    return int((one.load + one.promised * A_ROOM) / ALIKE), one.rooms + one.promised, one.process
