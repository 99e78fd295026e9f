"""What the API of calendars elsewhere takes and gives. An address is taken and never given back."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from telegut.scheduling.busy.rules import ADDRESS_LONGEST, SAYS, Kind
from telegut.scheduling.busy.service import Conflict
from telegut.scheduling.busy.sources import Source
from telegut.scheduling.feeds.rules import NAME_LONGEST
from telegut.web.api import Answer, Body, Instant


class BusyBody(Body):
    """A calendar elsewhere: the address of a file (``ics``) or of a CalDAV collection, and how to sign in there."""

    kind: Kind = Kind.ICS
    name: str = Field(min_length=1, max_length=NAME_LONGEST)
    url: str = Field(min_length=1, max_length=ADDRESS_LONGEST)
    user: str = Field(default="", max_length=200)
    password: str = Field(default="", max_length=500)


class BusyAnswer(Answer):
    """
    A calendar elsewhere, and how reading it went.

    times: how many busy times are known. failure: since *failing_since* it could not be read; *says* in words.
    """

    id: UUID
    kind: Literal["ics", "caldav"]
    name: str
    host: str
    made_at: Instant
    read_at: Instant | None
    times: int
    failing_since: Instant | None
    failure: str | None
    says: str | None

    @classmethod
    def of(cls, one: Source, times: int) -> BusyAnswer:
        """*one* as the API shows it."""
        return cls(
            id=one.id,
            kind=one.kind.value,
            name=one.name,
            host=one.host,
            made_at=one.made_at,
            read_at=one.read_at,
            times=times,
            failing_since=one.failing_since,
            failure=one.failure.value if one.failure else None,
            says=SAYS[one.failure] if one.failure else None,
        )


class ConflictAnswer(Answer):
    """A booked visit in time that is busy elsewhere by now."""

    appointment: UUID
    start: Instant
    end: Instant

    @classmethod
    def of(cls, one: Conflict) -> ConflictAnswer:
        """*one* as the API shows it."""
        return cls(appointment=one.appointment, start=one.start, end=one.end)
