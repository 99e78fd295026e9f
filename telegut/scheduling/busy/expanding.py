"""
From calendar files to busy times, in a process of its own: files on standard input, ranges on standard output.

Files of others are hostile until shown otherwise: a rule may repeat every second for ever. Memory and processor time
are bounded here, the clock on the wall by `telegut.scheduling.busy.isolation`.

What counts as busy (RFC 5545): events with times, opaque, not cancelled, not declined by the owner, and the busy
periods of VFREEBUSY. Whole days do not count: they are birthdays and holidays; time off is said in one's hours. A time
without a zone is on the wall of the practitioner. Where a clock change skips a repetition it counts an hour later, and
where the clock shows a time twice, the first is meant (3.3.5).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

# Zone data must be pinned before the libraries look at it.
from telegut.scheduling import zones  # isort: skip
import recurring_ical_events
from icalendar import Calendar

from telegut.bounds import bound
from telegut.scheduling.busy.ranges import Times, cut, merged
from telegut.scheduling.busy.rules import Failure, Unreadable

_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
"""Nobody meets every minute."""
_NEEDED = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
"""An event is left out when one of these cannot be read."""


def busy(files: list[bytes], order: dict[str, Any]) -> Times:
    """
    When somebody is busy by *files*, merged.

    order: ``first`` and ``last`` (seconds), ``zone``, ``own`` (the owner's addresses, lower case), ``host`` (of our own
    invitations, which are left out), ``events`` (at most).

    Raises:
        Unreadable: no calendar, or too large a one.
    """
    found: Times = []
    count = 0
    for file in files:
        for calendar in _calendars(file):
            count += len(calendar.subcomponents)
            if count > order["events"]:
                raise Unreadable(Failure.TOO_LARGE)
            found += _times(calendar, order)
    return merged(cut(found, order["first"], order["last"]))


def _calendars(file: bytes) -> list[Calendar]:
    try:
        read = Calendar.from_ical(file.decode("utf-8-sig", errors="replace"), multiple=True)
    except (ValueError, KeyError, IndexError) as exc:
        raise Unreadable(Failure.NO_CALENDAR) from exc
    found = [one for one in read if isinstance(one, Calendar)]
    if not found:
        raise Unreadable(Failure.NO_CALENDAR)
    return found


def _times(calendar: Calendar, order: dict[str, Any]) -> Iterator[tuple[int, int]]:
    for part in calendar.walk("VFREEBUSY"):
        yield from _freebusy(part)
    calendar.subcomponents = [one for one in calendar.subcomponents if _readable(one)]
    first, last = zones.instant(order["first"]), zones.instant(order["last"])
    for event in _occurrences(calendar, first, last):
        if _counts(event, order):
            yield _seconds(event["DTSTART"].dt, order["zone"]), _seconds(_end(event), order["zone"])


def _occurrences(calendar: Calendar, first: datetime, last: datetime) -> list[Any]:
    """Every event at every time, in the time asked for. One that the library trips over is left out, no other."""
    try:
        return list(recurring_ical_events.of(calendar, skip_bad_series=True).between(first, last))
    except (MemoryError, RecursionError):
        raise
    except Exception:
        return [one for each in _series(calendar) for one in _of_one(each, first, last)]


def _of_one(series: Calendar, first: datetime, last: datetime) -> list[Any]:
    try:
        return list(recurring_ical_events.of(series, skip_bad_series=True).between(first, last))
    except (MemoryError, RecursionError):
        raise
    except Exception:
        return []


def _series(calendar: Calendar) -> Iterator[Calendar]:
    """A calendar for each event, with its own exceptions and all zones."""
    zone_parts = [one for one in calendar.subcomponents if one.name == "VTIMEZONE"]
    of: dict[str, list[Any]] = {}
    for one in calendar.subcomponents:
        if one.name == "VEVENT":
            of.setdefault(str(one.get("UID", "")), []).append(one)
    for parts in of.values():
        alone = Calendar()
        alone.subcomponents = [*zone_parts, *parts]
        yield alone


def _readable(part: Any) -> bool:
    if part.name != "VEVENT":
        return bool(part.name == "VTIMEZONE")
    if any(name in _NEEDED for name, _ in part.errors):
        return False
    rules = part.get("RRULE") or []
    each = rules if isinstance(rules, list) else [rules]
    return "DTSTART" in part and not any(
        _TOO_OFTEN & {str(one).upper() for one in rule.get("FREQ", [])} for rule in each
    )


def _counts(event: Any, order: dict[str, Any]) -> bool:
    start = event["DTSTART"].dt
    if not isinstance(start, datetime):
        return False
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE":
        return False
    return not str(event.get("UID", "")).endswith(f"@{order['host']}") and not _declined(event, order["own"])


def _declined(event: Any, own: list[str]) -> bool:
    people = event.get("ATTENDEE") or []
    for one in people if isinstance(people, list) else [people]:
        address = str(one).lower().removeprefix("mailto:")
        if address in own and str(one.params.get("PARTSTAT", "")).upper() == "DECLINED":
            return True
    return False


def _end(event: Any) -> date:
    if "DTEND" in event:
        end: date = event["DTEND"].dt
        return end
    start: datetime = event["DTSTART"].dt
    length: timedelta = event["DURATION"].dt if "DURATION" in event else timedelta(0)
    return start + length


def _seconds(at: date, zone: str) -> int:
    if not isinstance(at, datetime):
        at = datetime.combine(at, datetime.min.time())
    if at.tzinfo is not None:
        return zones.seconds(at)
    wall = zones.wall_seconds(at)
    return zones.anchor(wall, zones.regimes(zone, wall - zones.DAY, wall + zones.DAY))


def _freebusy(part: Any) -> Iterator[tuple[int, int]]:
    """Periods with a start, and an end or a length, always in UTC (RFC 5545, 3.8.2.6)."""
    given = part.get("FREEBUSY") or []
    for each in given if isinstance(given, list) else [given]:
        if str(each.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        for period in getattr(each, "dts", None) or [each]:
            start, end = (period.dt if hasattr(period, "dt") else period)[:2]
            end = start + end if isinstance(end, timedelta) else end
            if start.tzinfo is not None and end.tzinfo is not None:
                yield zones.seconds(start), zones.seconds(end)


def outcome(files: list[bytes], order: dict[str, Any]) -> dict[str, Any]:
    """What is answered: ``{"times"}``, or ``{"failure"}``."""
    try:
        return {"times": busy(files, order)}
    except Unreadable as exc:
        return {"failure": exc.failure.value}
    except (MemoryError, RecursionError, OverflowError):
        return {"failure": Failure.TOO_LARGE.value}
    except Exception:
        # Whatever a library of others says about a file of others: it cannot be read.
        return {"failure": Failure.NO_CALENDAR.value}


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Read one order, carry it out, answer."""
    order = json.loads(source.readline())
    bound(order)
    files = [source.read(size) for size in order["sizes"]]
    target.write(json.dumps(outcome(files, order)).encode())


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
