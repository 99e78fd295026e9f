"""The two kinds of calendar elsewhere: a file (RFC 5545), and a CalDAV collection (RFC 4791) searched for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from telegut.scheduling.busy.fetching import Asked, Fetched, Fetcher
from telegut.scheduling.busy.rules import Failure, Kind, Unreadable

_QUERY = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><C:calendar-data/></D:prop>"
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="{start}" end="{end}"/>'
    "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
)
_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a calendar is, and as whom to ask."""

    kind: Kind
    url: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the last answer said about itself; asked for again only when that has changed."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a calendar, or None when nothing has changed."""

    files: list[bytes] | None
    known: Known


async def read(fetcher: Fetcher, address: Address, known: Known, first: datetime, last: datetime) -> Found:
    """
    What is in a calendar between two instants, and perhaps more.

    Raises:
        Unreadable: it could not be read; says why.
    """
    if address.kind is Kind.CALDAV:
        return await _query(fetcher, address, first, last)
    headers = {"Accept": "text/calendar, */*;q=0.5"}
    headers |= {"If-None-Match": known.etag} if known.etag else {}
    headers |= {"If-Modified-Since": known.modified} if known.modified else {}
    answer = await fetcher.fetch(Asked(address.url, "GET", headers, b"", address.user, address.password))
    if answer.body is None:
        return Found(None, known)
    return Found([answer.body], Known(answer.etag, answer.modified))


async def _query(fetcher: Fetcher, address: Address, first: datetime, last: datetime) -> Found:
    body = _QUERY.format(start=_time(first), end=_time(last)).encode()
    headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1"}
    answer = await fetcher.fetch(Asked(address.url, "REPORT", headers, body, address.user, address.password))
    return Found(_files(answer), Known())


def _files(answer: Fetched) -> list[bytes]:
    try:
        root = fromstring(answer.body or b"", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as exc:
        raise Unreadable(Failure.NO_CALENDAR) from exc
    if root.tag != "{DAV:}multistatus":
        raise Unreadable(Failure.NO_CALENDAR)
    return [one.text.encode() for one in root.iter(_DATA) if one.text]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
