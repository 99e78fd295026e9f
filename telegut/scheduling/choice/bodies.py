"""What clients send and get when they choose a visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from telegut.scheduling.bodies.fields import LanguageTag, Together
from telegut.scheduling.choice.first import First
from telegut.scheduling.choice.follow_ups import WEEKS_AT_MOST, FollowUp
from telegut.scheduling.choice.service import Wish
from telegut.scheduling.choice.tags import LANGUAGES_AT_MOST
from telegut.scheduling.choice.topics import Topic
from telegut.web.api import Answer, Body, Instant, Query

FIRST_AT_MOST = 50
"""First free times of one answer."""

TopicName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class LanguagesBody(Body):
    """The languages somebody speaks, the best one first."""

    languages: list[LanguageTag] = Field(max_length=LANGUAGES_AT_MOST)


class LanguagesAnswer(Answer):
    """The languages somebody speaks, the best one first."""

    languages: list[str]


class TopicBody(Body):
    """A new reason for coming, in neutral words, with its kinds of visit; lower places come first."""

    name: TopicName
    services: list[UUID] = Field(max_length=20)
    place: int = Field(0, ge=0, le=1_000)


class TopicChangeBody(Body):
    """A reason for coming as it should be; *version*: of the one this change is based on."""

    version: int
    name: TopicName
    services: list[UUID] = Field(max_length=20)
    place: int | None = Field(None, ge=0, le=1_000)


class TopicAnswer(Answer):
    """A reason for coming, and the kinds of visit for it."""

    id: UUID
    version: int
    name: str
    services: list[UUID]

    @classmethod
    def of(cls, one: Topic) -> TopicAnswer:
        """As an answer."""
        return cls(id=one.id, version=one.version, name=one.name, services=list(one.services))


class FirstQuery(Query):
    """Who is free first, for a kind of visit or a reason for coming."""

    service: UUID | None = None
    topic: UUID | None = None
    practitioner: Together = []
    language: LanguageTag | None = None
    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")
    patient: UUID | None = None

    def wish(self) -> Wish:
        """What is meant."""
        named = tuple(self.practitioner)
        language = self.language or ""
        return Wish(self.service, self.topic, named, self.patient, language, self.since, self.until)


class BookedAnswer(Answer):
    """How many visits somebody had booked in the last 14 days: the reason for their place."""

    practitioner: UUID
    count: int


class FirstAnswer(Answer):
    """
    The first free time with these people together.

    own_team: all of them see the patient already. night: it is night on the patient's wall then, and no time by day is
    free with them.
    """

    service: UUID
    start: Instant
    end: Instant
    practitioners: list[UUID]
    booked: list[BookedAnswer]
    own_team: bool
    night: bool

    @classmethod
    def of(cls, one: First) -> FirstAnswer:
        """As an answer."""
        counts = zip(one.practitioners, one.booked, strict=True)
        return cls(
            service=one.service,
            start=one.start,
            end=one.end,
            practitioners=list(one.practitioners),
            booked=[BookedAnswer(practitioner=person, count=count) for person, count in counts],
            own_team=one.own_team,
            night=one.night,
        )


class FirstsAnswer(Answer):
    """
    The first free time of all, and with each practitioner or team.

    Times by day of the patient's wall first, with the patient's own care team first; then earlier first; then who had
    fewer visits booked in the last 14 days, together; then by id. within: for a suggestion,
    whether they lie in the suggested time.
    """

    first: FirstAnswer | None
    items: list[FirstAnswer]
    within: bool = True

    @classmethod
    def of(cls, found: Sequence[First], *, within: bool = True) -> FirstsAnswer:
        """As an answer."""
        items = [FirstAnswer.of(one) for one in found[:FIRST_AT_MOST]]
        return cls(first=items[0] if items else None, items=items, within=within)


class FollowUpBody(Body):
    """See again in so many weeks, for this kind of visit."""

    service: UUID
    weeks: int = Field(ge=1, le=WEEKS_AT_MOST)


class FollowUpAnswer(Answer):
    """
    What was suggested after a visit. *from* and *to*: when it would suit. booked: the visit that came of it, or null.
    """

    id: UUID
    appointment: UUID
    service: UUID
    service_name: str
    practitioners: list[UUID]
    weeks: int
    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    open: bool
    booked: UUID | None

    @classmethod
    def of(cls, one: FollowUp) -> FollowUpAnswer:
        """As an answer."""
        return cls(
            id=one.id,
            appointment=one.appointment,
            service=one.service,
            service_name=one.service_name,
            practitioners=list(one.practitioners),
            weeks=one.weeks,
            since=one.since,
            until=one.until,
            open=one.booked is None,
            booked=one.booked,
        )
