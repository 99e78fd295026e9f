"""
Writing iCalendar: lines, escaping, folding, and the VTIMEZONE of a zone. Pure.

RFC 5545, sections 3.1 (folding at 75 octets), 3.2 (parameters), 3.3.11 (text), 3.6.5 (VTIMEZONE); looked up
22 Nov 2026. Feeds have thousands of visits, so lines are written straight away; reading what others wrote is
`telegut.scheduling.busy`'s, with a library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from telegut.scheduling import zones

OCTETS: Final = 75
"""Length of a line at most, without its end."""

_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
_QUOTED_AWAY = str.maketrans({'"': "'", "\n": " ", "\r": None})


def text(value: str) -> str:
    """*value* as TEXT."""
    return value.translate(_ESCAPED)


def parameter(value: str) -> str:
    """*value* as a parameter in quotes; double quotes cannot stand in one."""
    return f'"{value.translate(_QUOTED_AWAY)}"'


def instant(at: datetime) -> str:
    """An instant as UTC time."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def fold(line: str) -> str:
    """*line* with its end, broken where it is longer than `OCTETS`; never within a character."""
    if len(line) <= OCTETS and line.isascii():
        return line + "\r\n"
    parts, current, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > OCTETS:
            parts.append(current)
            # The blank that begins a continued line counts.
            current, size = " ", 1
        current += character
        size += width
    return "\r\n".join([*parts, current]) + "\r\n"


def document(lines: Iterable[str]) -> bytes:
    """The file that *lines* make."""
    return "".join(fold(line) for line in lines).encode()


def needs_utc(start: datetime, end: datetime, zone: str) -> bool:
    """
    Whether wall time cannot say when this is: in the second pass of a repeated hour.

    A wall time that comes twice means the first (RFC 5545, 3.3.5).
    """
    return any(zones.on_the_wall(one, zone).fold for one in (start, end))


def moments(start: datetime, end: datetime, zone: str) -> tuple[str, str]:
    """DTSTART and DTEND on the wall of *zone*, or in UTC where the wall is not clear enough."""
    if needs_utc(start, end, zone):
        return f"DTSTART:{instant(start)}", f"DTEND:{instant(end)}"
    return (
        f"DTSTART;TZID={zone}:{zones.on_the_wall(start, zone):%Y%m%dT%H%M%S}",
        f"DTEND;TZID={zone}:{zones.on_the_wall(end, zone):%Y%m%dT%H%M%S}",
    )


def vtimezone(zone: str, first: datetime, last: datetime) -> Iterator[str]:
    """
    The lines that say how the clocks of *zone* go in the years from *first* to *last*.

    Each stretch of one offset is written out with its own date: rules of recurrence cannot say what governments do,
    and a calendar that reads this needs no zone data of its own.
    """
    stretches = zones.regimes(zone, zones.seconds(first), zones.seconds(last))
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone}"
    before = stretches[0].offset
    for one in stretches:
        named = zones.on_the_wall(zones.instant(one.start), zone)
        kind = "DAYLIGHT" if named.dst() else "STANDARD"
        yield f"BEGIN:{kind}"
        # The onset is on the clock as it was before the change (RFC 5545, 3.6.5).
        yield f"DTSTART:{zones.instant(one.start + before):%Y%m%dT%H%M%S}"
        yield f"TZOFFSETFROM:{offset(before)}"
        yield f"TZOFFSETTO:{offset(one.offset)}"
        yield f"TZNAME:{named.tzname()}"
        yield f"END:{kind}"
        before = one.offset
    yield "END:VTIMEZONE"


def offset(east: int) -> str:
    """Seconds east of UTC as UTC-OFFSET, such as ``+0530``."""
    sign, rest = ("-", -east) if east < 0 else ("+", east)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02d}{minutes:02d}" + (f"{seconds:02d}" if seconds else "")
