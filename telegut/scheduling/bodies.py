"""What clients send about time and what we answer: the types that validate are the types of the description."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, NaiveDatetime, StringConstraints, model_validator

from telegut.scheduling.appointments import Appointment
from telegut.scheduling.booking import PRACTITIONERS_AT_MOST
from telegut.scheduling.cancelling import SAYS as CANCEL_SAYS
from telegut.scheduling.cancelling import CancelCode, Cancellation
from telegut.scheduling.choice.tags import canonical
from telegut.scheduling.documents import to_document
from telegut.scheduling.holding import Hold
from telegut.scheduling.offers import Slot
from telegut.scheduling.overrides.rules import Decision, Signed
from telegut.scheduling.refusals import SAYS, Reason
from telegut.scheduling.rules import (
    EXCEPTIONS_AT_MOST,
    LONGEST_NOTICE,
    RULES_AT_MOST,
    VISITS_A_DAY,
    Availability,
    Exceptional,
    Kind,
    VisitType,
    WeeklyRule,
)
from telegut.scheduling.service import Practitioner
from telegut.scheduling.zones import DAY
from telegut.web.api import YEARS, Answer, Body, Instant, Query


def _text(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("is a text")
    return value


def _each_once(people: list[UUID]) -> list[UUID]:
    if len(set(people)) != len(people):
        raise ValueError("Name each person once.")
    return people


def _is_none(value: Any) -> bool:
    return value is None


def _plausible(value: date) -> date:
    if value.year not in YEARS:
        raise ValueError(f"lies between the years {YEARS[0]} and {YEARS[-1]}")
    return value


MINUTE = timedelta(minutes=1)

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
DayText = Annotated[date, BeforeValidator(_text), AfterValidator(_plausible)]
WallTime = Annotated[NaiveDatetime, BeforeValidator(_text), AfterValidator(_plausible)]
LanguageTag = Annotated[str, Field(max_length=35, examples=["de"]), AfterValidator(canonical)]
Translated = Annotated[str, Field(min_length=2, max_length=36, examples=["ar"])]
"""A language to translate, or an interpreter's id."""
"""BCP 47; 35 characters are enough for every tag of this shape (RFC 5646, 4.4.1)."""

Words = Annotated[str, Field(max_length=2000)]

Together = Annotated[list[UUID], Field(max_length=PRACTITIONERS_AT_MOST), AfterValidator(_each_once)]
"""Who a visit is with, all of them at once; nobody is there twice."""


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
    max_a_day: int | None = Field(None, exclude_if=_is_none)
    minimum_notice_minutes: int | None = Field(None, exclude_if=_is_none)
    outside: list[UUID] | None = Field(None, exclude_if=_is_none)

    @classmethod
    def of(cls, hours: Availability, outside: Iterable[UUID] = ()) -> AvailabilityAnswer:
        """As an answer."""
        return cls(version=hours.version, outside=list(outside) or None, **to_document(hours))


class ServiceAnswer(Answer):
    """
    A kind of visit. Its own notice, horizon and grid; null: the clinic's. *seats*: more than one in a group session.
    """

    id: UUID
    name: str
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    needs: list[str]
    minimum_notice_minutes: int | None = None
    horizon_days: int | None = None
    grid_minutes: int | None = None
    seats: int = 1

    @classmethod
    def of(cls, visit: VisitType) -> ServiceAnswer:
        """As an answer."""
        lengths = (visit.duration, visit.buffer_before, visit.buffer_after)
        duration, before, after = (int(one.total_seconds()) // 60 for one in lengths)
        return cls(
            id=visit.id,
            name=visit.name,
            duration_minutes=duration,
            buffer_before_minutes=before,
            buffer_after_minutes=after,
            needs=list(visit.needs),
            seats=visit.seats,
            minimum_notice_minutes=None if visit.minimum_notice is None else visit.minimum_notice // MINUTE,
            horizon_days=visit.horizon.days if visit.horizon else None,
            grid_minutes=visit.grid // MINUTE if visit.grid else None,
        )


class PractitionerAnswer(Answer):
    """Somebody who takes visits; *zone* is where their hours are written. *languages*: BCP 47, the best one first."""

    id: UUID
    name: str
    role: str
    zone: str
    services: list[UUID]
    languages: list[str] = []

    @classmethod
    def of(cls, one: Practitioner) -> PractitionerAnswer:
        """As an answer."""
        provider = one.provider
        return cls(
            id=provider.id,
            name=one.name,
            role=provider.role,
            zone=provider.zone,
            services=list(provider.services),
            languages=list(one.languages),
        )


class SlotsQuery(Query):
    """
    Which free times: a repeated *practitioner* asks for a joint visit, none for anybody.

    moving: one's own appointment that would give its time up, so that times beside it are free as well. topic: a reason
    for coming, which may say the kind of visit. language: BCP 47; only with people who speak it. interpreter: a
    language to translate (BCP 47), or an interpreter's id; only when one is free as well.
    """

    service: UUID | None = None
    practitioner: Together = []
    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")
    patient: UUID | None = None
    moving: UUID | None = None
    topic: UUID | None = None
    language: LanguageTag | None = None
    interpreter: Translated | None = None


class SlotAnswer(Answer):
    """A time that may be booked with these people together."""

    start: Instant
    end: Instant
    practitioners: list[UUID]


class ExplainQuery(Query):
    """Which time to explain."""

    service: UUID
    practitioner: Together = []
    start: Instant
    patient: UUID | None = None
    moving: UUID | None = None
    interpreter: Translated | None = None


class ExplainAnswer(Answer):
    """Whether a time is offered, and what speaks against it: codes, and the same in words."""

    offered: bool
    reasons: list[str]
    texts: list[str]

    @classmethod
    def of(cls, reasons: Iterable[Reason]) -> ExplainAnswer:
        """As an answer."""
        found = list(reasons)
        return cls(offered=not found, reasons=[one.value for one in found], texts=[SAYS[one] for one in found])


class HoldBody(Body):
    """
    A time to keep for some minutes. *patient*: for those who book for others. *interpreter*: a language, or an id.
    """

    service: UUID
    practitioners: list[UUID] = Field(min_length=1, max_length=5)
    start: Instant
    patient: UUID | None = None
    interpreter: Translated | None = None


class HoldAnswer(Answer):
    """A time that is kept until *expires_at*."""

    id: UUID
    service: UUID
    practitioners: list[UUID]
    patient: UUID | None
    start: Instant
    end: Instant
    expires_at: Instant

    @classmethod
    def of(cls, hold: Hold) -> HoldAnswer:
        """As an answer."""
        return cls(
            id=hold.id,
            service=hold.service,
            practitioners=list(hold.practitioners),
            patient=hold.patient,
            start=hold.start,
            end=hold.end,
            expires_at=hold.expires_at,
        )


class OverrideBody(Body):
    """
    What staff decides against: exactly the *reasons* that ``slots/explain`` gives now, and why.

    Time that is taken or held, and a patient who is somewhere else, cannot be decided away.
    """

    reasons: list[Reason] = Field(min_length=1, max_length=20)
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

    def decision(self) -> Decision:
        """The decision that is meant."""
        return Decision(frozenset(self.reasons), self.why)


class OverrideAnswer(Answer):
    """A decision against the rules, signed. *why*: for the care team and whoever wrote it."""

    by: UUID
    at: Instant
    reasons: list[str]
    why: str | None = None

    @classmethod
    def of(cls, signed: Signed) -> OverrideAnswer:
        """As an answer."""
        return cls(by=signed.by, at=signed.at, reasons=list(signed.reasons), why=signed.why)


class BookBody(Body):
    """
    A visit to book: a *hold* of one's own, or a service with practitioners and a start.

    *interpreter*: a language to translate (whoever is free and translated least lately), or an interpreter's id.
    *override*: for staff.
    """

    hold: UUID | None = None
    service: UUID | None = None
    practitioners: list[UUID] | None = Field(None, min_length=1, max_length=5)
    start: Instant | None = None
    patient: UUID | None = None
    reason: Words | None = None
    override: OverrideBody | None = None
    interpreter: Translated | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        named = (self.service, self.practitioners, self.start, self.override, self.interpreter)
        if self.override is not None and self.interpreter is not None:
            raise ValueError("takes an interpreter within everybody's rules only: leave the override out")
        if self.hold is not None and any(one is not None for one in named):
            raise ValueError("takes either a hold, or a service with practitioners and a start")
        if self.hold is None and any(one is None for one in named[:3]):
            raise ValueError("needs a hold, or a service with practitioners and a start")
        return self


class RescheduleBody(Body):
    """A new time, for the appointment at this version. *override*: for staff."""

    start: Instant
    version: int
    override: OverrideBody | None = None


class CancelBody(Body):
    """Why, by a *code* and in one's own words if one likes, for the appointment at this version."""

    reason: Words | None = None
    code: CancelCode | None = None
    version: int


class CancelCodeAnswer(Answer):
    """One reason to cancel, as a code and in words."""

    code: str
    text: str


class CancellationAnswer(Answer):
    """
    What cancelling would mean now. *late*: it would be noted as late, which it is from *late_from* on.

    text: the same for a person.
    """

    late: bool
    late_from: Instant
    text: str
    codes: list[CancelCodeAnswer]

    @classmethod
    def of(cls, one: Cancellation) -> CancellationAnswer:
        """As an answer."""
        codes = [CancelCodeAnswer(code=code.value, text=CANCEL_SAYS[code]) for code in one.codes]
        return cls(late=one.late, late_from=one.late_from, text=one.text, codes=codes)


class AppointmentAnswer(Answer):
    """One agreed visit. *reason*: only for those who may read clinical text."""

    id: UUID
    version: int
    status: str
    service: UUID
    service_name: str
    patient: UUID
    practitioners: list[UUID]
    start: Instant
    end: Instant
    zone: str
    sequence: int
    outcome: str | None
    visit: UUID
    cancelled_late: bool = False
    cancelled_by: UUID | None = None
    cancelled_at: Instant | None = None
    cancel_code: str | None = None
    override: OverrideAnswer | None = None
    confirmed_at: Instant | None = None
    interpreter: UUID | None = None
    series: UUID | None = None
    group_session: UUID | None = None
    reason: str | None = None
    cancel_reason: str | None = None

    @classmethod
    def of(cls, one: Appointment, *, reason: str = "", cancel_reason: str = "") -> AppointmentAnswer:
        """As an answer."""
        return cls(
            id=one.id,
            version=one.version,
            status=one.status.value,
            service=one.service,
            service_name=one.service_name,
            patient=one.patient,
            practitioners=list(one.practitioners),
            start=one.start,
            end=one.end,
            zone=one.zone,
            sequence=one.sequence,
            outcome=one.outcome.value if one.outcome else None,
            visit=one.visit,
            cancelled_late=one.cancelled_late,
            cancelled_by=one.cancelled_by,
            cancelled_at=one.cancelled_at,
            cancel_code=one.cancel_code,
            override=OverrideAnswer.of(one.override) if one.override else None,
            confirmed_at=one.confirmed_at,
            interpreter=one.interpreter,
            series=one.series,
            group_session=one.group_session,
            reason=reason or None,
            cancel_reason=cancel_reason or None,
        )


class AppointmentsQuery(Query):
    """Which appointments: those that touch the time between two instants, of a patient, with a practitioner."""

    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")
    patient: UUID | None = None
    practitioner: UUID | None = None
    cursor: str | None = None


_EPOCH = date(1970, 1, 1).toordinal()


def slots_json(slots: Iterable[Slot]) -> bytes:
    """
    The list of free times as JSON.

    Written by hand, because there may be tens of thousands: the same text as `SlotAnswer` would give, in a tenth of
    the time. A test compares the two.
    """
    return b'{"items":[' + ",".join(_slot_texts(slots)).encode() + b'],"next":null}'


def _slot_texts(slots: Iterable[Slot]) -> list[str]:
    # The same instants and groups come again and again: each is written once.
    instants = _Instants()
    groups: dict[tuple[UUID, ...], str] = {}
    texts = []
    for start, end, practitioners in slots:
        group = groups.get(practitioners)
        if group is None:
            group = groups[practitioners] = ",".join(f'"{one}"' for one in practitioners)
        texts.append(f'{{"start":"{instants[start]}","end":"{instants[end]}","practitioners":[{group}]}}')
    return texts


class _Instants(dict[int, str]):
    """Instants in seconds, as RFC 3339 in UTC."""

    def __missing__(self, instant: int) -> str:
        day, second = divmod(instant, DAY)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        text = self[instant] = f"{date.fromordinal(_EPOCH + day).isoformat()}T{clock}Z"
        return text
