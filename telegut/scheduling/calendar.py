"""
Appointments as iCalendar files: an invitation, a feed, one event. Pure: no clock, no database.

RFC 5545 (the format), RFC 5546 (METHOD, and SEQUENCE that rises with each change), RFC 7986 (CONFERENCE is the page of
the visit, never a ticket into it); looked up 22 Nov 2026. Times stand on the wall of the zone that the visit was agreed
in, with that zone's VTIMEZONE from our own zone data.
Calendars are read by others: the title says nothing about anybody's health and names nobody unless the reader chose
initials for their own feed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from telegut.scheduling import ical
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.rules import Status

REQUEST = "REQUEST"
CANCEL = "CANCEL"
PUBLISH = "PUBLISH"

_HEAD = ("VERSION:2.0", "PRODID:-//telegut//telegut//EN", "CALSCALE:GREGORIAN")


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


def invitation(one: Appointment, sender: Sender, attendee_mail: str | None, *, now: datetime | None = None) -> bytes:
    """
    The file for one participant.

    attendee_mail: the reader's own address; nobody else's stands in it. now: when the file is made, which calendars
    compare as DTSTAMP; without it the last change of the visit.
    """
    people = [_organizer(sender)]
    if attendee_mail:
        people.append(f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:{_address(attendee_mail)}")
    events = _event(one, sender, stamped=now or one.changed_at, people=people)
    return _file(f"METHOD:{method(one)}", zone_lines=_zones([one]), events=events)


def feed(
    found: Sequence[Appointment], sender: Sender, *, name: str, refresh_minutes: int, initials: Mapping[UUID, str]
) -> bytes:
    """
    A file of several visits, to be fetched again and again.

    initials: for the title, by appointment; who is not in it is not named.
    """
    head = (
        f"METHOD:{PUBLISH}",
        f"NAME:{ical.text(name)}",
        f"X-WR-CALNAME:{ical.text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_minutes}M",
        f"X-PUBLISHED-TTL:PT{refresh_minutes}M",
    )
    organizer = [_organizer(sender)]
    events = (
        line
        for one in found
        for line in _event(one, sender, stamped=one.changed_at, people=organizer, initials=initials.get(one.id, ""))
    )
    return _file(*head, zone_lines=_zones(found), events=events)


def single(one: Appointment, sender: Sender, *, initials: str = "") -> bytes:
    """One visit as CalDAV keeps it: without a METHOD (RFC 4791, 4.1) and without people to be invited."""
    events = _event(one, sender, stamped=one.changed_at, people=[], initials=initials)
    return _file(zone_lines=_zones([one]), events=events)


def _file(*head: str, zone_lines: Iterable[str], events: Iterable[str]) -> bytes:
    return ical.document(["BEGIN:VCALENDAR", *_HEAD, *head, *zone_lines, *events, "END:VCALENDAR"])


def _event(
    one: Appointment, sender: Sender, *, stamped: datetime, people: Iterable[str], initials: str = ""
) -> Iterator[str]:
    over = one.status is Status.CANCELLED
    page = f"{sender.origin}/visits/{one.visit}"
    yield "BEGIN:VEVENT"
    yield f"UID:{one.id}@{sender.host}"
    yield f"SEQUENCE:{one.sequence}"
    yield f"DTSTAMP:{ical.instant(stamped)}"
    yield f"LAST-MODIFIED:{ical.instant(one.changed_at)}"
    yield from ical.moments(one.start, one.end, one.zone)
    yield f"SUMMARY:{ical.text(_title(sender, initials))}"
    yield f"STATUS:{'CANCELLED' if over else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if over else 'OPAQUE'}"
    yield f"URL:{page}"
    yield f'CONFERENCE;VALUE=URI;FEATURE="VIDEO,AUDIO";LABEL="Your appointment":{page}'
    yield from people
    yield "END:VEVENT"


def _title(sender: Sender, initials: str) -> str:
    return f"Appointment {initials} ({sender.clinic})" if initials else f"Appointment ({sender.clinic})"


def _zones(found: Sequence[Appointment]) -> Iterator[str]:
    """Each zone that a visit here stands in, once, for the years of those visits."""
    used: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in found:
        if not ical.needs_utc(one.start, one.end, one.zone):
            used[one.zone] += (one.start, one.end)
    for zone, times in sorted(used.items()):
        yield from ical.vtimezone(zone, min(times), max(times))


def _organizer(sender: Sender) -> str:
    return f"ORGANIZER;CN={ical.parameter(sender.clinic)}:mailto:appointments@{sender.host}"


def _address(mail: str) -> str:
    """An address as it may stand in a line; what could end the line is left out."""
    return "".join(character for character in mail if character.isprintable())
