"""The inbox as the team sees it: groups by promise, filters, one line each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from telegut.messaging.inbox import Conversation
from telegut.messaging.ledger import order
from telegut.messaging.ledger.order import Group
from telegut.messaging.ledger.rules import State
from telegut.messaging.ledger.whose_turn import Turn
from telegut.messaging.rules import Audience, Kind

SHOWN = 30
"""Lines of a group that are listed until somebody asks for all of them."""


class Whose(StrEnum):
    """Who answers."""

    ALL = "all"
    MINE = "mine"
    TEAM = "team"


class Part(StrEnum):
    """Where a line stands, in the order of the page: the ledger's groups, then the team's side threads."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    WAITING = "waiting"
    SETTLED = "settled"
    TEAM = "team"


OWED = (Part.OVERDUE, Part.TODAY, Part.WEEK, Part.LATER)
"""The groups in which an answer is owed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is listed. *kind* None: every kind. *whole*: the group of which everything is listed."""

    whose: Whose = Whose.ALL
    kind: Kind | None = None
    unread: bool = False
    whole: Part | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return self.whose is not Whose.ALL or self.kind is not None or self.unread

    def query(self, whole: Part | None = None) -> str:
        """For an address: ``?whose=mine`` or nothing. *whole*: of this group, everything."""
        said = {
            "whose": self.whose.value if self.whose is not Whose.ALL else "",
            "kind": self.kind.value if self.kind else "",
            "unread": "yes" if self.unread else "",
            "whole": (whole or self.whole or ""),
        }
        told = {name: str(value) for name, value in said.items() if value}
        return f"?{urlencode(told)}" if told else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One conversation. *turn* is None in the team's side threads, where nobody owes an answer."""

    conversation: Conversation
    part: Part
    turn: Turn | None

    @property
    def is_owed(self) -> bool:
        """Whether the patient's side waits for an answer."""
        return self.part in OWED

    @property
    def is_taken(self) -> bool:
        """Whether somebody in particular answers."""
        return self.turn is not None and self.turn.owner is not None

    @property
    def is_urgent(self) -> bool:
        """Whether one of the unanswered messages is urgent."""
        return self.turn is not None and self.turn.standing.urgent

    def is_of(self, account: UUID | None) -> bool:
        """Whether *account* answers it, be it as a cover."""
        turn = self.turn
        return turn is not None and any(one is not None and one.id == account for one in (turn.owner, turn.answers))


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its lines; *count* is of all of them, *lines* may be fewer."""

    part: Part
    lines: Sequence[Line]
    count: int

    @property
    def left_out(self) -> int:
        """How many are not listed."""
        return self.count - len(self.lines)


@dataclass(frozen=True, slots=True)
class Desk:
    """The inbox: sections that hold something, in order; *everything* counts what there is without the filter."""

    sections: Sequence[Section]
    wanted: Wanted
    everything: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is listed."""
        return not self.sections

    @property
    def owed(self) -> int:
        """How many listed conversations wait for an answer."""
        return sum(one.count for one in self.sections if one.part in OWED)


def desk(
    conversations: Sequence[Conversation],
    turns: Mapping[UUID, Turn],
    wanted: Wanted,
    *,
    me: UUID | None,
    now: datetime,
    zone: str,
) -> Desk:
    """The inbox of *me* at *now*, its days on the wall of *zone*."""
    lines = [_line(one, turns.get(one.id), now, zone) for one in conversations]
    listed = sorted((one for one in lines if _is_wanted(one, wanted, me)), key=_place)
    sections = [_section(part, [one for one in listed if one.part is part], wanted) for part in Part]
    return Desk([one for one in sections if one.count], wanted, len(lines))


def _line(one: Conversation, turn: Turn | None, now: datetime, zone: str) -> Line:
    if one.audience is Audience.TEAM:
        return Line(one, Part.TEAM, None)
    if turn is None:
        return Line(one, Part.SETTLED, None)
    return Line(one, Part(order.group_of(turn.standing.state, turn.due, now, zone).value), turn)


def _is_wanted(line: Line, wanted: Wanted, me: UUID | None) -> bool:
    one = line.conversation
    whose = {
        Whose.ALL: True,
        Whose.MINE: line.is_of(me),
        Whose.TEAM: line.turn is not None and not line.is_taken,
    }[wanted.whose]
    return whose and wanted.kind in (None, one.kind) and (not wanted.unread or one.unread > 0)


def _place(line: Line) -> tuple[int, bool, float, float, str]:
    """As the ledger's inbox; of two that are promised for the same moment, who has waited longer comes first."""
    one, turn = line.conversation, line.turn
    spoken = one.created_at if one.last is None else one.last.sent_at
    if turn is None or turn.standing.state is not State.OWED:
        here = order.place(Group.SETTLED, False, None, spoken, one.id)
        return here.rank, here.calm, here.moment, 0.0, here.id
    here = order.place(Group(line.part.value), turn.standing.urgent, turn.due, spoken, one.id)
    return here.rank, here.calm, here.moment, (turn.standing.since or spoken).timestamp(), here.id


def _section(part: Part, lines: Iterable[Line], wanted: Wanted) -> Section:
    found = list(lines)
    return Section(part, found if wanted.whole is part else found[:SHOWN], len(found))
