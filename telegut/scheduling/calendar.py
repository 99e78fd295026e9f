"""
One appointment as an iCalendar file. Pure: no clock, no database.

RFC 5545 (the format), RFC 5546 (METHOD, and SEQUENCE that rises with each change), RFC 7986 (CONFERENCE is the page of
the visit, never a ticket into it); looked up 22 Nov 2026. Times are in UTC, so that no calendar's own zone data moves
them.
Calendars are read by others: the title says nothing about anybody's health and names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

# Zone data must be pinned before the library looks at it.
from telegut.scheduling import zones  # isort: skip
from icalendar import Calendar, Event, vCalAddress, vText, vUri

from telegut.scheduling.appointments import Appointment
from telegut.scheduling.rules import Status

REQUEST = "REQUEST"
CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who invites: the clinic by its neutral name, and the address of its pages such as ``https://clinic.example``."""

    clinic: str
    origin: str

    @property
    def host(self) -> str:
        """The name by which UIDs stay ours."""
        return self.origin.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]


def method(one: Appointment) -> str:
    """What the file asks a calendar to do; stands in the body and in the MIME type alike."""
    return CANCEL if one.status is Status.CANCELLED else REQUEST


def content_type(one: Appointment) -> str:
    """The MIME type with its method: without it, some calendars call the file unsupported."""
    return f"text/calendar; charset=utf-8; method={method(one)}"


def invitation(one: Appointment, sender: Sender, attendee_mail: str | None) -> bytes:
    """
    The file for one participant.

    attendee_mail: the reader's own address; nobody else's stands in it.
    """
    event = Event()
    event.add("uid", f"{one.id}@{sender.host}")
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.changed_at.replace(microsecond=0))
    event.add("last-modified", one.changed_at.replace(microsecond=0))
    event.add("dtstart", zones.instant(zones.seconds(one.start)))
    event.add("dtend", zones.instant(zones.seconds(one.end)))
    event.add("summary", f"Appointment ({sender.clinic})")
    event.add("status", "CANCELLED" if one.status is Status.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if one.status is Status.CANCELLED else "OPAQUE")
    event.add("url", vUri(f"{sender.origin}/visits"))
    event.add("conference", _conference(sender), encode=False)
    event.add("organizer", _organizer(sender), encode=False)
    if attendee_mail:
        event.add("attendee", _attendee(attendee_mail), encode=False)
    file = Calendar()
    file.add("prodid", "-//telegut//telegut//EN")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", method(one))
    file.add_component(event)
    return bytes(file.to_ical())


def _conference(sender: Sender) -> vUri:
    page = vUri(f"{sender.origin}/visits")
    page.params["VALUE"] = "URI"
    page.params["FEATURE"] = ["VIDEO", "AUDIO"]
    page.params["LABEL"] = vText("Your appointment")
    return page


def _organizer(sender: Sender) -> vCalAddress:
    organizer = vCalAddress(f"mailto:appointments@{sender.host}")
    organizer.params["CN"] = vText(sender.clinic)
    return organizer


def _attendee(mail: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{mail}")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    return attendee
