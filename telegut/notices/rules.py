"""
What telegut says outside of itself: neutral, and made of types that have no place for clinical text.

A notice is one of a few kinds. Its words are in `telegut.notices.words`; what varies is an instant, a zone and a link.
There is no field for a name, a subject or a body, so nobody can put one in. Pure: no clock, no database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from telegut.errors import Invalid


class Kind(StrEnum):
    """What a notice is about."""

    MESSAGE = "message"
    URGENT = "urgent"  # an urgent message stays unread; to whoever is on call
    PLAN = "plan"  # a plan was signed
    REPORT = "report"  # a report can be read
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_MOVED = "appointment.moved"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_REMINDER = "appointment.reminder"
    APPOINTMENT_FORM = "appointment.form"  # there is a form to fill in before it
    APPOINTMENT_LOOK = "appointment.look"  # zone data changed: somebody should look at its time
    WAITLIST_OFFER = "waitlist.offer"  # a time became free and is kept for a while


ABOUT_APPOINTMENTS = frozenset(kind for kind in Kind if kind.value.startswith("appointment."))
NEWS = frozenset({Kind.PLAN, Kind.REPORT})
TOGETHER = NEWS | {Kind.MESSAGE}
"""Kinds of which several leave as one."""


class Channel(StrEnum):
    """How a notice reaches somebody."""

    MAIL = "mail"
    SMS = "sms"
    PUSH = "push"


class State(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    SETTLED = "settled"  # no longer needed, or no longer so: seen in telegut, moved, cancelled, over
    NOT_CONFIGURED = "not_configured"  # there is no server to give it to
    REFUSED = "refused"  # the server will never take it


_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PAGES = r"sign-in|messages|appointments|visits|waitlist|today|day|book"
_LINK = re.compile(
    rf"/(?:j/[A-Za-z0-9_-]{{16,128}}|book\?offer={_ID}|(?:waitlist|intake|forms|visits|messages)/{_ID}|{_PAGES})?"
)


@dataclass(frozen=True, slots=True)
class Link:
    """
    Where the button of a notice leads: a path of telegut's own, with nothing that a person could have typed.

    Raises:
        Invalid: any other path.
    """

    path: str

    def __post_init__(self) -> None:
        if not _LINK.fullmatch(self.path):
            raise Invalid("A notice can only lead to a personal link or one of telegut's own pages.")


@dataclass(frozen=True, slots=True)
class MessageNotice:
    """There is something to read. Of *conversation* only its id leaves telegut, in the link to it."""

    to: UUID
    patient: UUID
    conversation: UUID


@dataclass(frozen=True, slots=True)
class NewsNotice:
    """
    There is something new to look at: a signed plan, a report. Said once for each *version*; *about* stays inside.

    Raises:
        Invalid: a kind that is no such news.
    """

    to: UUID
    patient: UUID
    kind: Kind
    about: UUID
    version: int

    def __post_init__(self) -> None:
        if self.kind not in NEWS:
            raise Invalid("News is about a plan or a report.")


@dataclass(frozen=True, slots=True)
class AppointmentNotice:
    """
    Something about an appointment: it was made, moved or cancelled, it is near, or it wants a form or a look.

    version: which of the appointment's times this is about, see `revision`; said once for each. start: aware. zone:
    the recipient's IANA zone, in which the time is told. minutes_before: of a reminder, so that several may be sent.
    ready: of a reminder, whether camera and sound were checked; None: not asked.

    Raises:
        Invalid: a kind that is not about appointments, a start without a zone, or an unknown zone.
    """

    to: UUID
    patient: UUID
    kind: Kind
    appointment: UUID
    version: int
    start: datetime
    zone: str
    link: Link
    channel: Channel = Channel.MAIL
    minutes_before: int = 0
    ready: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in ABOUT_APPOINTMENTS:
            raise Invalid("An appointment's notice is about an appointment.")
        check_when(self.start, self.zone)


@dataclass(frozen=True, slots=True)
class OfferNotice:
    """
    A time that somebody waits for became free and is kept for them until *expires_at*; said once for each *offer*.

    start, expires_at: aware. Not sent after *expires_at*. zone: the recipient's IANA zone.

    Raises:
        Invalid: a start without a zone, or an unknown zone.
    """

    to: UUID
    patient: UUID
    offer: UUID
    start: datetime
    expires_at: datetime
    zone: str
    link: Link
    channel: Channel = Channel.MAIL

    def __post_init__(self) -> None:
        check_when(self.start, self.zone)
        check_when(self.expires_at, self.zone)


@dataclass(frozen=True, slots=True)
class UrgentNotice:
    """Somebody is needed now. Said once for each *step* and channel. *message* never leaves telegut."""

    to: UUID
    patient: UUID
    message: UUID
    step: int
    channel: Channel = Channel.MAIL


Notice = MessageNotice | NewsNotice | AppointmentNotice | OfferNotice | UrgentNotice


def revision(sequence: int) -> int:
    """
    Which of its times an appointment has, counted from 1.

    sequence: as calendars see it (RFC 5545, 3.8.7.4): it rises with each move and with the cancellation, and with
    nothing else, while the appointment's version rises with every change.
    """
    return sequence + 1


def check_when(start: datetime, zone: str) -> None:
    """
    Refuse a time that cannot be told.

    Raises:
        Invalid: *start* has no zone, or *zone* is no IANA name.
    """
    if start.tzinfo is None:
        raise Invalid("The start of an appointment needs a zone.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise Invalid("This time zone is not known.") from exc
