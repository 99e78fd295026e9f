"""
Captions: what somebody says as text, for who asks for it. Off until then, and refused where there is no source.

A source hears a visit's voices and calls `Captions.spoken` with each line. telegut has none of its own: until one is
given in `telegut.rooms.making`, every page says that this clinic has no captions, and nobody can switch them on.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from telegut.errors import Invalid, Refused
from telegut.rooms.signalling import Member, Switchboard

LONGEST_LINE: Final = 500
"""Characters of one caption; a longer line is for two."""


class NoCaptions(Refused):
    """This clinic has no captions."""


@dataclass(frozen=True, slots=True)
class Line:
    """
    What somebody says. seat: whose words; number: of the line, so that a better reading takes its place.

    language: BCP 47; final: it will not change any more.
    """

    seat: UUID
    number: int
    text: str
    language: str
    final: bool


class Source(Protocol):
    """Makes captions of a visit's voices."""

    async def begin(self, visit: UUID) -> None:
        """Somebody in *visit* wants captions; asked again for each who does."""

    async def end(self, visit: UUID) -> None:
        """Nobody in *visit* wants them any more."""


class Captions:
    """Who wants captions in this process, and the way of each line to them."""

    def __init__(self, board: Switchboard, source: Source | None) -> None:
        self.board = board
        self._source = source
        self._wanted: defaultdict[UUID, set[UUID]] = defaultdict(set)

    @property
    def available(self) -> bool:
        """Whether there is a source."""
        return self._source is not None

    async def say(self, member: Member, message: dict[str, Any]) -> None:
        """
        Switch them on or off for *member*.

        Raises:
            NotInside: they are not in the room. NoCaptions: there is no source. Invalid: it makes no sense.
        """
        self.board.check_inside(member)
        on = message.get("on")
        if not isinstance(on, bool):
            raise Invalid("on is true or false.")
        if self._source is None:
            raise NoCaptions
        visit, wanted = member.connection.visit, self._wanted[member.connection.visit]
        if on:
            wanted.add(member.account)
            await self._source.begin(visit)
            return
        wanted.discard(member.account)
        if not wanted:
            del self._wanted[visit]
            await self._source.end(visit)

    def spoken(self, visit: UUID, line: Line) -> None:
        """Show *line* to whoever in *visit* wants captions and is inside."""
        told = {
            "type": "caption",
            "seat": str(line.seat),
            "number": line.number,
            "text": line.text[:LONGEST_LINE],
            "language": line.language,
            "final": line.final,
        }
        for account in self._wanted.get(visit, ()):
            member = self.board.member(visit, account)
            if member is not None:
                member.send(told)
