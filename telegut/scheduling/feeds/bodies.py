"""What the API of calendar feeds takes and gives."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from telegut.scheduling.feeds.keys import Key
from telegut.scheduling.feeds.rules import NAME_LONGEST, Opens, Shows
from telegut.web.api import Answer, Body, Instant


class FeedBody(Body):
    """A new feed (an address with a secret in it), or an app password for CalDAV."""

    name: str = Field(min_length=1, max_length=NAME_LONGEST)
    opens: Opens = Opens.FEED
    shows: Shows = Shows.NOTHING


class FeedAnswer(Answer):
    """A feed or app password; its secret is never told again."""

    id: UUID
    opens: Literal["feed", "caldav"]
    name: str
    shows: Literal["nothing", "initials"]
    made_at: Instant
    used_at: Instant | None

    @classmethod
    def of(cls, key: Key) -> FeedAnswer:
        """*key* as the API shows it."""
        return cls(
            id=key.id,
            opens=key.opens.value,
            name=key.name,
            shows=key.shows.value,
            made_at=key.made_at,
            used_at=key.used_at,
        )


class NewFeedAnswer(FeedAnswer):
    """
    What was just made, with what opens it: told this once.

    url: of the feed, or where CalDAV begins. user, password: for CalDAV.
    """

    url: str
    user: str | None = None
    password: str | None = None
