"""What clients send and get about the clinic's numbers, its holidays, and visits that no longer fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from telegut.scheduling.bodies.fields import ClockTime, DayText
from telegut.scheduling.clinic.holidays import HOLIDAYS_AT_MOST, Holiday
from telegut.scheduling.clinic.service import Holidays, Numbers, OwnNumbers
from telegut.scheduling.clinic.unfit import Unfit
from telegut.scheduling.documents import policy_document
from telegut.scheduling.refusals import SAYS
from telegut.scheduling.rules import REMINDED_BEFORE, REMINDERS_AT_MOST, VISITS_A_DAY, Policy
from telegut.web.api import Answer, Body, Instant

MINUTE: Final = timedelta(minutes=1)
A_YEAR: Final = 525_600

Grid = Literal[5, 10, 15, 20, 30, 60]
Notice = Annotated[int, Field(ge=0, le=A_YEAR)]
Days = Annotated[int, Field(ge=1, le=1_830)]
Buffer = Annotated[int, Field(ge=0, le=240)]


def _each_once(minutes: list[int]) -> list[int]:
    if len(set(minutes)) != len(minutes):
        raise ValueError("Name each time once.")
    return minutes


Before = Annotated[int, Field(ge=REMINDED_BEFORE[0], le=REMINDED_BEFORE[-1])]
Reminders = Annotated[list[Before], Field(max_length=REMINDERS_AT_MOST), AfterValidator(_each_once)]


class NumbersBody(Body):
    """
    The clinic's numbers; what is not named stays. *max_visits_a_day* null: as many as fit.

    reminder_minutes: how long before a visit its reminders go out; empty: nobody is reminded.
    """

    version: int
    minimum_notice_minutes: Notice | None = None
    horizon_days: Days | None = None
    grid_minutes: Grid | None = None
    max_future_visits: int | None = Field(None, ge=1, le=1_000)
    cancel_notice_minutes: Notice | None = None
    hold_minutes: int | None = Field(None, ge=1, le=10)
    holds_per_patient: int | None = Field(None, ge=1, le=10)
    any_practitioner: bool | None = None
    max_visits_a_day: int | None = Field(None, ge=VISITS_A_DAY[0], le=VISITS_A_DAY[-1])
    offer_minutes: int | None = Field(None, ge=5, le=55)
    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    series_at_most: int | None = Field(None, ge=2, le=104)
    reminder_minutes: Reminders | None = None

    def changed(self, before: Policy) -> Policy:
        """*before* with what was named."""
        given = {name: value for name, value in self.model_dump(exclude={"version"}).items() if value is not None}
        if "max_visits_a_day" in self.model_fields_set:
            given["max_visits_a_day"] = self.max_visits_a_day
        return replace(before, **dict(_field(name, value) for name, value in given.items()))


_LENGTHS: Final = {
    "minimum_notice_minutes": ("minimum_notice", MINUTE),
    "cancel_notice_minutes": ("cancel_notice", MINUTE),
    "grid_minutes": ("grid", MINUTE),
    "hold_minutes": ("hold_for", MINUTE),
    "offer_minutes": ("offer_for", MINUTE),
    "horizon_days": ("horizon", timedelta(days=1)),
}
"""Numbers that are lengths of time: their name among the rules, and their unit."""


def _field(name: str, value: Any) -> tuple[str, Any]:
    if name in _LENGTHS:
        field, unit = _LENGTHS[name]
        return field, value * unit
    if name == "reminder_minutes":
        return name, tuple(sorted(value, reverse=True))
    return name, time.fromisoformat(value) if name.startswith("quiet_") else value


class NumbersAnswer(Answer):
    """The clinic's numbers."""

    version: int
    minimum_notice_minutes: int
    horizon_days: int
    grid_minutes: int
    max_future_visits: int
    cancel_notice_minutes: int
    hold_minutes: int
    holds_per_patient: int
    any_practitioner: bool
    max_visits_a_day: int | None
    offer_minutes: int
    quiet_from: str
    quiet_until: str
    series_at_most: int
    reminder_minutes: list[int]

    @classmethod
    def of(cls, one: Numbers) -> NumbersAnswer:
        """As an answer."""
        return cls(version=one.version, **policy_document(one.policy))


class OwnNumbersBody(Body):
    """
    Numbers of one kind of visit; null or left out: the clinic's.

    buffer_before_minutes, buffer_after_minutes: kept free around visits that are booked from now on; null or left out:
    as it is.
    """

    minimum_notice_minutes: Notice | None = None
    horizon_days: Days | None = None
    grid_minutes: Grid | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None

    def numbers(self) -> OwnNumbers:
        """What is meant."""
        return OwnNumbers(
            None if self.minimum_notice_minutes is None else self.minimum_notice_minutes * MINUTE,
            None if self.horizon_days is None else timedelta(days=self.horizon_days),
            None if self.grid_minutes is None else self.grid_minutes * MINUTE,
            None if self.buffer_before_minutes is None else self.buffer_before_minutes * MINUTE,
            None if self.buffer_after_minutes is None else self.buffer_after_minutes * MINUTE,
        )


class HolidayBody(Body):
    """A whole day off; *name* is for staff."""

    day: DayText
    name: str = Field("", max_length=80)


class HolidaysBody(Body):
    """All of the clinic's holidays. *version*: of the list this change is based on."""

    version: int
    holidays: list[HolidayBody] = Field(max_length=HOLIDAYS_AT_MOST)

    def days(self) -> list[Holiday]:
        """What is meant."""
        return [Holiday(one.day, one.name.strip()) for one in self.holidays]


class HolidayAnswer(Answer):
    """A whole day off. *visits*: how many stay booked on it, for staff."""

    day: str
    name: str
    visits: int | None


class HolidaysAnswer(Answer):
    """All of the clinic's holidays, by day."""

    version: int
    holidays: list[HolidayAnswer]

    @classmethod
    def of(cls, all_of_them: Holidays) -> HolidaysAnswer:
        """As an answer."""
        days = [HolidayAnswer(day=one.day.isoformat(), name=one.name, visits=one.visits) for one in all_of_them.days]
        return cls(version=all_of_them.version, holidays=days)


class UnfitAnswer(Answer):
    """A booked visit that no longer lies in the hours: codes, and in words. *patient* null: a group session."""

    appointment: UUID | None
    group_session: UUID | None
    patient: UUID | None
    patient_name: str
    service: UUID
    start: Instant
    end: Instant
    reasons: list[str]
    texts: list[str]

    @classmethod
    def of(cls, one: Unfit) -> UnfitAnswer:
        """As an answer."""
        return cls(
            appointment=one.booked.appointment,
            group_session=one.booked.group_session,
            patient=one.booked.patient,
            patient_name=one.patient_name,
            service=one.booked.service,
            start=one.booked.start,
            end=one.booked.end,
            reasons=[reason.value for reason in one.reasons],
            texts=[SAYS[reason] for reason in one.reasons],
        )
