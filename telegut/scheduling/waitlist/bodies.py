"""What clients send and get about the waitlist and about holds."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from telegut.scheduling.bodies.booking import HoldAnswer
from telegut.scheduling.bodies.fields import ClockTime, DayText, Weekday, Words
from telegut.scheduling.holding import CHOICE, Hold
from telegut.scheduling.waitlist.rules import WINDOWS_AT_MOST, Urgency, WallWindow, Wish
from telegut.scheduling.waitlist.store import Entry, Offered
from telegut.web.api import Answer, Body, Instant, Query

UrgencyText = Literal["urgent", "soon", "ordinary"]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)]


class WallWindowBody(Body):
    """Hours that suit, on the wall of the patient's zone; an *end* before *start* is on the next day."""

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    start: ClockTime
    end: ClockTime

    def window(self) -> WallWindow:
        """The window that is meant."""
        return WallWindow(tuple(self.weekdays), time.fromisoformat(self.start), time.fromisoformat(self.end))


class JoinBody(Body):
    """
    What somebody waits for. Everything but the service may be left out: anybody, at any hour, as soon as it is free.

    practitioners: all of them together. from, until: days where the patient is, both included. urgency: for staff.
    """

    service: UUID
    practitioners: list[UUID] = Field(default=[], max_length=5)
    language: Language | None = None
    windows: list[WallWindowBody] = Field(default=[], max_length=WINDOWS_AT_MOST)
    from_day: DayText | None = Field(None, alias="from")
    until: DayText | None = None
    notice_minutes: int = Field(0, ge=0, le=20_160)
    urgency: UrgencyText = "ordinary"
    patient: UUID | None = None

    def wish(self) -> Wish:
        """The wish that is meant, in a zone that is still to be said."""
        return Wish(
            self.service,
            "",
            tuple(self.practitioners),
            self.language,
            tuple(one.window() for one in self.windows),
            self.from_day,
            self.until,
            timedelta(minutes=self.notice_minutes),
        )


class UrgencyBody(Body):
    """How soon somebody needs to be seen, for the entry at this version."""

    urgency: UrgencyText
    version: int


class AcceptBody(Body):
    """Why one comes, in one's own words if one likes."""

    reason: Words | None = None


class WaitlistQuery(Query):
    """Whose entries; everybody's whom the caller may arrange visits for when nobody is named."""

    patient: UUID | None = None


class OfferAnswer(Answer):
    """A time that is kept until *expires_at*. *hold*: what keeps it; it may be booked like every hold."""

    id: UUID
    entry: UUID
    patient: UUID
    hold: UUID
    service: UUID
    service_name: str
    practitioners: list[UUID]
    start: Instant
    end: Instant
    expires_at: Instant

    @classmethod
    def of(cls, one: Offered) -> OfferAnswer:
        """As an answer."""
        return cls(
            id=one.id,
            entry=one.entry,
            patient=one.patient,
            hold=one.hold,
            service=one.service,
            service_name=one.service_name,
            practitioners=list(one.practitioners),
            start=one.start,
            end=one.end,
            expires_at=one.expires_at,
        )


class WallWindowAnswer(Answer):
    """Hours that suit."""

    weekdays: list[str]
    start: str
    end: str


class EntryAnswer(Answer):
    """
    Somebody who waits. *position*: their place among those who wait for the same kind of visit, from 1.

    before: how many are before them. offer: what is kept for them at this moment.
    """

    id: UUID
    version: int
    patient: UUID
    service: UUID
    service_name: str
    practitioners: list[UUID]
    language: str | None
    windows: list[WallWindowAnswer]
    zone: str
    from_day: date | None = Field(serialization_alias="from")
    until: date | None
    notice_minutes: int
    urgency: str
    added_at: Instant
    state: str
    position: int
    before: int
    offer: OfferAnswer | None

    @classmethod
    def of(cls, one: Entry) -> EntryAnswer:
        """As an answer."""
        wish = one.wish
        windows = [
            WallWindowAnswer(weekdays=list(each.weekdays), start=f"{each.start:%H:%M}", end=f"{each.end:%H:%M}")
            for each in wish.windows
        ]
        return cls(
            id=one.id,
            version=one.version,
            patient=one.patient,
            service=wish.service,
            service_name=one.service_name,
            practitioners=list(wish.practitioners),
            language=wish.language,
            windows=windows,
            zone=wish.zone,
            from_day=wish.from_day,
            until=wish.until_day,
            notice_minutes=wish.notice // timedelta(minutes=1),
            urgency=one.urgency.value,
            added_at=one.added_at,
            state="offered" if one.offer else "waiting",
            position=one.before + 1,
            before=one.before,
            offer=OfferAnswer.of(one.offer) if one.offer else None,
        )


class HeldAnswer(HoldAnswer):
    """A hold as its owner sees it. *renewable*: it may be kept for longer once."""

    kind: str
    renewed: bool
    renewable: bool

    @classmethod
    def of(cls, hold: Hold) -> HeldAnswer:
        """As an answer."""
        facts = HoldAnswer.of(hold).model_dump()
        renewable = hold.kind == CHOICE and not hold.renewed
        return cls(**facts, kind=hold.kind, renewed=hold.renewed, renewable=renewable)


__all__ = [
    "AcceptBody",
    "EntryAnswer",
    "HeldAnswer",
    "JoinBody",
    "OfferAnswer",
    "Urgency",
    "UrgencyBody",
    "WaitlistQuery",
]
