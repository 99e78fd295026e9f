"""Who was in the room when, from what was seen to happen: the visit's own record of hand-overs and guests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from telegut.rooms.evidence import Fact, Interval, inside
from telegut.rooms.rules.visit import Seat


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person's *stays* in the room, in order; a short loss of the connection ends one and begins another."""

    seat: Seat
    stays: tuple[Interval, ...]


def attendance(facts: Sequence[Fact], seats: Sequence[Seat], until: datetime) -> list[Attendance]:
    """Everybody who was in the room, whoever came first first. until: an instant; stays that go on end there."""
    found = [Attendance(seat, inside(facts, seat.account, until)) for seat in seats]
    return sorted((one for one in found if one.stays), key=lambda one: one.stays[0].start)
