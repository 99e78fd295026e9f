"""
Who is in the rooms of a bench, what they send and whom they see. Pure.

``two``, ``four``: everybody sends picture and sound, and receives everybody else's. ``wide``: twelve who each send a
picture that the eleven others see. ``group``: twelve who all send sound, of whom one speaks and shows a picture; the
three loudest voices are forwarded. `echoed` is the floor beside them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from telegut.cli.calls.descriptions import Line, Medium
from telegut.cli.calls.ways import Person

BOTH: Final[tuple[Medium, ...]] = ("audio", "video")
PEOPLE: Final = {"two": 2, "four": 4, "wide": 12, "group": 12}
VOICES: Final = 3
"""Forwarded in a group."""
SPEAKS: Final = 10
"""-dBov of who speaks; the others are quieter one by one."""


def people(shape: str, rooms: int) -> list[list[Person]]:
    """The people of *rooms* rooms."""
    return [[_person(shape, f"room-{room}", one) for one in range(PEOPLE[shape])] for room in range(rooms)]


def _person(shape: str, room: str, number: int) -> Person:
    media = _sends(shape, number)
    lines = [Line(f"s{medium[0]}", medium, random.getrandbits(31) | 1) for medium in media]
    shown: Sequence[Medium] = ("video",) if shape == "wide" else BOTH
    level = SPEAKS + 4 * number if shape == "group" else SPEAKS
    return Person(room, f"seat-{number}", lines, PEOPLE[shape] - 1, shown, (), level)


def _sends(shape: str, number: int) -> tuple[Medium, ...]:
    if shape == "wide":
        return ("video",)
    return BOTH if shape != "group" or number == 0 else ("audio",)


def streams(shape: str, room: Sequence[Person]) -> int:
    """How many streams the people of *room* receive, all of them together."""
    if len(room) == 1:
        return len(room[0].lines)
    if shape != "group":
        return sum((len(room) - 1) * len(person.lines) for person in room)
    return len(room) - 1 + sum(min(VOICES, len(room) - 1) for _ in room)


def echoed(shape: str, rooms: int) -> list[list[Person]]:
    """People alone with the echo: as many packets come back to them as are forwarded in *rooms* rooms of *shape*."""
    alone = []
    for room in people(shape, rooms):
        for person in room:
            for copy in range(len(room) - 1):
                lines = [Line(line.mid, line.medium, random.getrandbits(31) | 1) for line in person.lines]
                alone.append([Person(f"{person.room}-{person.seat}-{copy}", "seat", lines, 0, ())])
    return alone
