"""
What telegut says outside of itself, by mail: neutral, and made of types that have no place for clinical text.

A notice is one of a few kinds. Its words are written here; what varies is an instant, a zone and a link. There is no
field for a name, a subject or a body, so nobody can put one in. Pure: no clock, no database.
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
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_MOVED = "appointment.moved"
    APPOINTMENT_CANCELLED = "appointment.cancelled"


class State(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    SETTLED = "settled"  # no longer needed: what it was about was seen in telegut
    NOT_CONFIGURED = "not_configured"  # there is no mail server to give it to
    REFUSED = "refused"  # the mail server will never take it


_LINK = re.compile(r"/(?:j/[A-Za-z0-9_-]{16,128}|sign-in|messages|appointments|today|book)?")


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
    """There is something to read. *conversation* is only ever used to say it once; it never leaves telegut."""

    to: UUID
    patient: UUID
    conversation: UUID


@dataclass(frozen=True, slots=True)
class AppointmentNotice:
    """
    An appointment was made, moved or cancelled.

    start: aware. zone: the recipient's IANA zone, in which the time is told.

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

    def __post_init__(self) -> None:
        if self.kind is Kind.MESSAGE:
            raise Invalid("An appointment's notice is about an appointment.")
        if self.start.tzinfo is None:
            raise Invalid("The start of an appointment needs a zone.")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise Invalid("This time zone is not known.") from exc


Notice = MessageNotice | AppointmentNotice


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's words."""

    subject: str
    body: str


def words(kind: Kind, *, clinic: str, url: str, when: str | None = None) -> Text:
    """
    The whole mail for *kind*.

    clinic: the neutral name the clinic chose. url: absolute. when: as `spoken` gives it; needed for appointments.
    """
    sentences = {
        Kind.MESSAGE: f"You have a message in {clinic}.",
        Kind.APPOINTMENT_BOOKED: f"Your appointment is on {when}.",
        Kind.APPOINTMENT_MOVED: f"Your appointment has a new time. It is on {when}.",
        Kind.APPOINTMENT_CANCELLED: f"Your appointment on {when} does not take place.",
    }
    subjects = {
        Kind.MESSAGE: f"You have a message in {clinic}",
        Kind.APPOINTMENT_BOOKED: "Your appointment",
        Kind.APPOINTMENT_MOVED: "Your appointment has a new time",
        Kind.APPOINTMENT_CANCELLED: "Your appointment does not take place",
    }
    leads = {
        Kind.MESSAGE: "Sign in to read it:",
        Kind.APPOINTMENT_BOOKED: "Everything you need for it is here:",
        Kind.APPOINTMENT_MOVED: "Everything you need for it is here:",
        Kind.APPOINTMENT_CANCELLED: "Choose another time here:",
    }
    body = f"{sentences[kind]}\n\n{leads[kind]}\n{url}\n\nThis mail was sent by {clinic}. Nobody reads answers to it.\n"
    return Text(subjects[kind], body)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def spoken(start: datetime, zone: str) -> str:
    """*start* as people say it in *zone*: ``Tuesday 24 November at 15:30 (Berlin)``."""
    local = start.astimezone(ZoneInfo(zone))
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} at {local:%H:%M} ({place})"
