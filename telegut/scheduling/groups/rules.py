"""What a group session may be called, how many seats it has, and who sees whom. Pure."""

from __future__ import annotations

from typing import Final

from telegut.errors import Conflict, FieldError, Invalid

TITLES: Final = {
    "group_session": "Group session",
    "getting_started": "Getting started together",
    "questions": "Questions and answers",
    "practice": "Practising together",
    "exchange": "Sharing experience",
    "follow_up": "How it has been",
}
"""What a session may be called: words that say nothing of anybody's health, since they stand in lists and notices."""


class NoSeats(Conflict):
    """Every seat is taken. Nothing is booked."""


class SeatedAlready(Conflict):
    """There is a seat in this session already."""


class SessionClosed(Conflict):
    """This session does not take place, or has begun."""


class SessionChanged(Conflict):
    """This session was changed a moment ago. Please look at it again."""


class SeatsInTheWay(Conflict):
    """Somebody with a seat has another visit at that time. Nothing is moved."""


class NotAGroup(Invalid):
    """This kind of visit has no seats."""


class SeatOfASession(Invalid):
    """A seat has the time of its session. Give it back and take one in another session."""


def check_seats(wanted: int | None, of_kind: int) -> int:
    """
    How many seats a session gets: the number of its kind, or fewer.

    Raises:
        NotAGroup: the kind of visit has one seat. Invalid: fewer than two, or more than the kind has.
    """
    if of_kind < 2:
        raise NotAGroup(errors=[FieldError("service", "Choose a kind of visit that has seats.")])
    if wanted is not None and not 2 <= wanted <= of_kind:
        raise Invalid(errors=[FieldError("seats", f"A session of this kind has 2 to {of_kind} seats.")])
    return wanted or of_kind


def check_title(title: str) -> str:
    """
    A title of the list.

    Raises:
        Invalid: another.
    """
    if title not in TITLES:
        raise Invalid(errors=[FieldError("title", f"Choose one of these: {', '.join(TITLES)}.")])
    return title


def first_name(name: str) -> str:
    """What the others in a group are told: the first word of a name."""
    return name.split()[0] if name.split() else ""
