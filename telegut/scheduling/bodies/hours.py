"""Somebody's hours, as they are sent and answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from telegut.scheduling.bodies.fields import MINUTE, ClockTime, DayText, WallTime, Weekday, is_none
from telegut.scheduling.documents import to_document
from telegut.scheduling.rules import (
    EXCEPTIONS_AT_MOST,
    LONGEST_NOTICE,
    RULES_AT_MOST,
    VISITS_A_DAY,
    Availability,
    Exceptional,
    Kind,
    WeeklyRule,
)
from telegut.web.api import Answer, Body


class RuleBody(Body):
    """Hours on some weekdays; an *end* before *start* is on the next day."""

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    start: ClockTime
    end: ClockTime
    from_day: DayText | None = Field(None, alias="from")
    until: DayText | None = None
    services: list[UUID] | None = None
    zone: str | None = None

    def rule(self) -> WeeklyRule:
        """The rule that is meant."""
        return WeeklyRule(
            tuple(self.weekdays),
            time.fromisoformat(self.start),
            time.fromisoformat(self.end),
            self.from_day,
            self.until,
            frozenset(self.services or ()),
            self.zone,
        )


class ExceptionBody(Body):
    """A stretch of wall time that is off, or extra."""

    start: WallTime
    end: WallTime
    kind: Literal["off", "extra"]
    note: str | None = None

    def exception(self) -> Exceptional:
        """The exception that is meant; seconds do not count."""
        start, end = (one.replace(second=0, microsecond=0) for one in (self.start, self.end))
        return Exceptional(start, end, Kind(self.kind), (self.note or "").strip())


class AvailabilityBody(Body):
    """
    Somebody's hours, whole. *version*: of the hours this change is based on.

    outside: as the answer before said it; it may be sent back, and is not looked at.
    """

    version: int | None = None
    zone: str
    rules: list[RuleBody] = Field(max_length=RULES_AT_MOST)
    exceptions: list[ExceptionBody] = Field(default=[], max_length=EXCEPTIONS_AT_MOST)
    max_a_day: int | None = Field(None, ge=VISITS_A_DAY[0], le=VISITS_A_DAY[-1])
    minimum_notice_minutes: int | None = Field(None, ge=0, le=LONGEST_NOTICE // MINUTE)
    outside: list[UUID] | None = None

    def availability(self) -> Availability:
        """The hours that are meant; not checked."""
        rules = tuple(one.rule() for one in self.rules)
        minutes = self.minimum_notice_minutes
        return Availability(
            self.zone,
            rules,
            tuple(one.exception() for one in self.exceptions),
            max_a_day=self.max_a_day,
            minimum_notice=None if minutes is None else minutes * MINUTE,
        )


class AvailabilityAnswer(Answer):
    """
    Somebody's hours, on the wall of *zone*.

    max_a_day, minimum_notice_minutes: where they set any of their own. outside: for themselves, after a change, the
    booked visits that no longer lie in their hours. What is not set is left out.
    """

    version: int
    zone: str
    rules: list[dict[str, Any]]
    exceptions: list[dict[str, Any]]
    max_a_day: int | None = Field(None, exclude_if=is_none)
    minimum_notice_minutes: int | None = Field(None, exclude_if=is_none)
    outside: list[UUID] | None = Field(None, exclude_if=is_none)

    @classmethod
    def of(cls, hours: Availability, outside: Iterable[UUID] = ()) -> AvailabilityAnswer:
        """As an answer."""
        return cls(version=hours.version, outside=list(outside) or None, **to_document(hours))
