"""The words of every notice. Nothing here can say what an appointment is for. Pure: no clock, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from telegut.notices.rules import Kind


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's words."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Said:
    """
    What varies in the words.

    clinic: the neutral name the clinic chose. url: absolute. when: as `spoken` gives it; needed for everything but
    messages. until: as `when`, of an offer. ready: of a reminder, whether camera and sound were checked; None: not
    asked.
    """

    clinic: str
    url: str
    when: str = ""
    until: str = ""
    ready: bool | None = None


_SUBJECTS: Final = {
    Kind.URGENT: "Something needs you now",
    Kind.PLAN: "Something new for you",
    Kind.REPORT: "Something new for you",
    Kind.APPOINTMENT_BOOKED: "Your appointment",
    Kind.APPOINTMENT_MOVED: "Your appointment has a new time",
    Kind.APPOINTMENT_CANCELLED: "Your appointment does not take place",
    Kind.APPOINTMENT_REMINDER: "Your appointment",
    Kind.APPOINTMENT_FORM: "Before your appointment",
    Kind.APPOINTMENT_LOOK: "Please look at the time of your appointment",
    Kind.WAITLIST_OFFER: "A time is free for you",
}
_LEADS: Final = {
    Kind.URGENT: "Sign in here:",
    Kind.MESSAGE: "Sign in to read it:",
    Kind.PLAN: "Sign in to see it:",
    Kind.REPORT: "Sign in to see it:",
    Kind.APPOINTMENT_BOOKED: "Everything you need for it is here:",
    Kind.APPOINTMENT_MOVED: "Everything you need for it is here:",
    Kind.APPOINTMENT_CANCELLED: "Choose another time here:",
    Kind.APPOINTMENT_FORM: "It is here:",
    Kind.APPOINTMENT_LOOK: "Sign in to see it:",
    Kind.WAITLIST_OFFER: "Take it or pass it on here:",
}
_SEVERAL = "Sign in to see them:"
_NOT_READY = "Say that you will be there, and check camera and sound before:"
_READY = "Your camera and sound were checked. Say that you will be there:"


def words(kind: Kind, said: Said, *, several: bool = False) -> Text:
    """The whole mail for *kind*. several: it stands for more than one notice, of which this is the first."""
    subject = _SUBJECTS.get(kind, f"You have a message in {said.clinic}")
    lead = _lead(kind, said.ready)
    if several:
        subject, lead = sentence(kind, said, several=True).removesuffix("."), _SEVERAL
    body = f"{sentence(kind, said, several=several)}\n\n{lead}\n{said.url}\n\n"
    return Text(subject, f"{body}This mail was sent by {said.clinic}. Nobody reads answers to it.\n")


def short(kind: Kind, said: Said, *, several: bool = False) -> str:
    """The whole text message for *kind*: one sentence and the link."""
    return f"{sentence(kind, said, several=several)} {said.url}"


def sentence(kind: Kind, said: Said, *, several: bool = False) -> str:
    """What happened, in one or two sentences; of several things only that there are some."""
    when = said.when
    if several:
        what = "new messages" if kind is Kind.MESSAGE else "several new things"
        return f"You have {what} in {said.clinic}."
    sentences = {
        Kind.MESSAGE: f"You have a message in {said.clinic}.",
        Kind.PLAN: f"There is something new for you in {said.clinic}.",
        Kind.REPORT: f"There is something new for you in {said.clinic}.",
        Kind.URGENT: f"Something in {said.clinic} needs you now.",
        Kind.APPOINTMENT_BOOKED: f"Your appointment is on {when}.",
        Kind.APPOINTMENT_MOVED: f"Your appointment has a new time. It is on {when}.",
        Kind.APPOINTMENT_CANCELLED: f"Your appointment on {when} does not take place.",
        Kind.APPOINTMENT_REMINDER: f"Your appointment is on {when}.",
        Kind.APPOINTMENT_FORM: f"There is a form to fill in before your appointment on {when}.",
        Kind.APPOINTMENT_LOOK: (
            f"Please look at the time of your appointment. It is on {when}. The clocks of a place changed their rules,"
            " so it may not be at the hour that you agreed. Nothing was moved; somebody looks at it with you."
        ),
        Kind.WAITLIST_OFFER: f"A time is free on {when}. It is kept for you until {said.until}.",
    }
    return sentences[kind]


def _lead(kind: Kind, ready: bool | None) -> str:
    if kind is Kind.APPOINTMENT_REMINDER:
        return _READY if ready else _NOT_READY
    return _LEADS[kind]


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def spoken(start: datetime, zone: str, beside: str | None = None) -> str:
    """
    *start* as people say it in *zone*: ``Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1)``.

    With the year, since visits are booked years ahead; with the offset, since an hour comes twice when clocks go back.

    beside: the zone of the other side. Where its clocks show something else, that is said too, with its day where the
    day differs: ``…, which is 09:30 (New York, UTC-5)``.
    """
    local = start.astimezone(ZoneInfo(zone))
    told = f"{_day(local)} at {local:%H:%M} ({_place(zone, local)})"
    if beside is None:
        return told
    there = start.astimezone(ZoneInfo(beside))
    if there.replace(tzinfo=None) == local.replace(tzinfo=None):
        return told
    day = "" if there.date() == local.date() else f"{_day(there)} at "
    return f"{told}, which is {day}{there:%H:%M} ({_place(beside, there)})"


def _day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"


def _place(zone: str, local: datetime) -> str:
    name, offset = zone.rsplit("/", 1)[-1].replace("_", " "), _offset(local.utcoffset() or timedelta())
    return name if name == offset else f"{name}, {offset}"


def _offset(east: timedelta) -> str:
    """``UTC+1``, ``UTC-3:30``, ``UTC``."""
    hours, minutes = divmod(abs(int(east.total_seconds())) // 60, 60)
    if not hours and not minutes:
        return "UTC"
    return f"UTC{'-' if east < timedelta() else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
