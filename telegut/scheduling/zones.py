"""
The one place where wall times and instants meet.

Zone data is the pinned PyPI package ``tzdata``: the machine's own copy is not looked at, because distributions lag
behind by months and would move visits by an hour (Vancouver from 2026, for one). PostgreSQL is never asked either; it
reads the repeated hour of autumn differently from RFC 5545 and Python.

Rules of this house:

* A wall time that a clock change skips does not exist. Availability leaves it out.
* A wall time that a clock change repeats exists twice. Both are real, and each is an instant of its own.
* Nothing adds offsets by hand: everything goes through the stretches of `regimes`.

Two kinds of whole numbers occur here. *Instants* are seconds since 1970-01-01T00:00Z; *wall seconds* are seconds since
1970-01-01T00:00 on the wall of some zone. They differ by the zone's offset at that moment.
"""

from __future__ import annotations

import calendar
import zoneinfo
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Final, NamedTuple

from telegut.errors import FieldError, Invalid

# From here on the whole process reads the pinned package and nothing else.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

DAY: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time, on purpose without a zone


class UnknownZone(Invalid):
    """This is not a time zone that we know, such as Europe/Berlin."""


class Regime(NamedTuple):
    """
    A stretch ``[start, end)`` of instants during which a zone keeps one offset.

    offset: seconds east of UTC.
    """

    start: int
    end: int
    offset: int


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Every zone name of the pinned data, but the placeholder for "not set"."""
    return frozenset(zoneinfo.available_timezones() - {"Factory"})


def pinned() -> bool:
    """Whether the pinned data is what zones are read from, and not the machine's own."""
    return not zoneinfo.TZPATH and "Europe/Berlin" in names()


def data_version() -> str:
    """The release of the zone data in use, such as ``2026.6`` (IANA 2026f)."""
    return version("tzdata")


@lru_cache(maxsize=1024)
def load(name: str) -> zoneinfo.ZoneInfo:
    """
    The zone called *name*.

    Raises:
        UnknownZone: the pinned data has no such zone. Paths and offsets are no names.
    """
    if name not in names():
        raise UnknownZone(errors=[FieldError("zone", "Choose a time zone such as Europe/Berlin.")])
    return zoneinfo.ZoneInfo(name)


def seconds(instant: datetime) -> int:
    """*instant* (aware) as whole seconds; fractions are cut off."""
    return calendar.timegm(instant.utctimetuple())


def instant(at: int) -> datetime:
    """The aware UTC datetime of an instant in seconds."""
    return datetime.fromtimestamp(at, UTC)


def wall_seconds(wall: datetime) -> int:
    """A naive wall time as wall seconds; fractions are cut off."""
    return (wall - _EPOCH) // timedelta(seconds=1)


def on_the_wall(at: datetime, zone: str) -> datetime:
    """What the clock on the wall of *zone* shows at an instant, as an aware datetime in that zone."""
    return at.astimezone(load(zone))


@lru_cache(maxsize=8192)
def _year(zone: str, year: int) -> tuple[Regime, ...]:
    """
    The regimes of one UTC year, cut at its borders.

    Offsets are probed once a day and changes then pinned down to the second. Two changes within one day that cancel
    each other would be missed; zone data has had none since 1970.
    """
    tz = load(zone)

    def offset(at: int) -> int:
        found = instant(at).astimezone(tz).utcoffset()
        assert found is not None
        return int(found.total_seconds())

    first, last = calendar.timegm((year, 1, 1, 0, 0, 0)), calendar.timegm((year + 1, 1, 1, 0, 0, 0))
    regimes, since, current = [], first, offset(first)
    for day in range(first, last, DAY):
        after = offset(day + DAY)
        if after == current:
            continue
        low, high = day, day + DAY
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == current else (low, middle)
        regimes.append(Regime(since, high, current))
        since, current = high, after
    if since < last:
        regimes.append(Regime(since, last, current))
    return tuple(regimes)


@lru_cache(maxsize=4096)
def _years(zone: str, first: int, last: int) -> tuple[Regime, ...]:
    joined: list[Regime] = []
    for year in range(first, last + 1):
        for regime in _year(zone, year):
            if joined and joined[-1].offset == regime.offset:
                joined[-1] = Regime(joined[-1].start, regime.end, regime.offset)
            else:
                joined.append(regime)
    return tuple(joined)


def regimes(zone: str, first: int, last: int) -> tuple[Regime, ...]:
    """The regimes of *zone* that cover at least the instants from *first* to *last*, with two days to spare."""
    return _years(zone, instant(first - 2 * DAY).year, instant(last + 2 * DAY).year)


def spans(start: int, end: int, stretches: tuple[Regime, ...]) -> list[tuple[int, int]]:
    """
    Every instant whose wall time lies in ``[start, end)``, as spans of instants.

    start, end: wall seconds, start before end.
    One span on most days. A skipped hour only makes it shorter, and a window wholly inside it gives none. A window
    that begins or ends inside a repeated hour gives two: the hour counts both times, but only the part asked for.
    """
    found: list[tuple[int, int]] = []
    for regime in stretches[bisect_right(stretches, start - DAY, key=_ends) :]:
        if regime.start > end + DAY:
            break
        opens, closes = max(regime.start, start - regime.offset), min(regime.end, end - regime.offset)
        if opens >= closes:
            continue
        if found and found[-1][1] == opens:
            found[-1] = (found[-1][0], closes)
        else:
            found.append((opens, closes))
    return found


def anchor(wall: int, stretches: tuple[Regime, ...]) -> int:
    """
    The instant from which a grid that begins at *wall* (wall seconds) is counted.

    The first of two when the wall time is repeated; when it is skipped, the instant it would have been on the clock
    before the change (RFC 5545, 3.3.5, looked up 22 Nov 2026).
    """
    before = stretches[0]
    for regime in stretches[bisect_right(stretches, wall - DAY, key=_ends) :]:
        if wall - regime.offset < regime.start:
            break
        before = regime
        if wall - regime.offset < regime.end:
            break
    return wall - before.offset


def wall_day(at: int, stretches: tuple[Regime, ...]) -> int:
    """Which day it is on the wall at an instant in seconds that *stretches* cover, as whole days since 1970-01-01."""
    return (at + stretches[bisect_right(stretches, at, key=_ends)].offset) // DAY


def instants(wall: datetime, zone: str) -> tuple[datetime, ...]:
    """The instants at which the clocks of *zone* show the naive *wall*: one, none (skipped) or two (repeated)."""
    at = wall_seconds(wall)
    found = [
        at - regime.offset
        for regime in regimes(zone, at - DAY, at + DAY)
        if regime.start <= at - regime.offset < regime.end
    ]
    return tuple(instant(one) for one in found)


def _ends(regime: Regime) -> int:
    return regime.end
