"""Instants in words, as people read them: ``Tue 24 Nov, 15:30 Berlin``, in both zones when their clocks differ."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from markupsafe import Markup

from telegut.web.words import gettext as _
from telegut.web.words import language


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(when: datetime, zone: str) -> datetime:
    """The instant as the wall clock of *zone* shows it."""
    return when.astimezone(_zone(zone))


def zone_name(zone: str) -> str:
    """``Europe/Berlin`` → ``Berlin``, ``America/Argentina/Buenos_Aires`` → ``Buenos Aires``."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def clock_time(when: datetime, zone: str) -> str:
    """``15:30``"""
    return local(when, zone).strftime("%H:%M")


def day(when: datetime | date, zone: str) -> str:
    """``Tue 24 Nov``"""
    return _written(_day_of(when, zone), _("EEE d MMM"), _babel_locale())


def long_day(when: datetime | date, zone: str) -> str:
    """``Tuesday 24 November``"""
    return _written(_day_of(when, zone), _("EEEE d MMMM"), _babel_locale())


def dated(when: datetime | date, zone: str) -> str:
    """``3 Nov 2026``"""
    return _written(_day_of(when, zone), _("d MMM yyyy"), _babel_locale())


def instant(when: datetime, zone: str) -> str:
    """``Tue 24 Nov, 15:30 Berlin``"""
    return f"{day(when, zone)}, {clock_time(when, zone)} {zone_name(zone)}"


def same_clock(when: datetime, zone: str, other: str) -> bool:
    """Whether both zones show the same wall time at that instant."""
    return local(when, zone).replace(tzinfo=None) == local(when, other).replace(tzinfo=None)


def in_both_zones(when: datetime, zone: str, other: str) -> str:
    """``Tue 24 Nov, 15:30 Berlin (09:30 New York)``; one zone alone when the clocks agree."""
    if same_clock(when, zone, other):
        return instant(when, zone)
    same_day = local(when, zone).date() == local(when, other).date()
    elsewhere = f"{clock_time(when, other)} {zone_name(other)}" if same_day else instant(when, other)
    return f"{instant(when, zone)} ({elsewhere})"


def near_day(when: datetime, now: datetime, zone: str) -> str:
    """``today``, ``tomorrow`` or ``yesterday`` as seen in *zone*; another day by its name, ``Tue 24 Nov``."""
    apart = (local(when, zone).date() - local(now, zone).date()).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    return near.get(apart) or day(when, zone)


def time_tag(when: datetime, zone: str, other: str | None = None) -> Markup:
    """The instant as a ``<time>`` element with its machine-readable form."""
    words = in_both_zones(when, zone, other) if other else instant(when, zone)
    return Markup('<time datetime="{}">{}</time>').format(local(when, zone).isoformat(timespec="minutes"), words)


def _day_of(when: datetime | date, zone: str) -> date:
    return local(when, zone).date() if isinstance(when, datetime) else when


@lru_cache(maxsize=2048)
def _written(when: date, pattern: str, locale: str) -> str:
    """A page names few days, and some of them often."""
    return babel_date(when, pattern, locale=locale)


def _babel_locale() -> str:
    return "en_GB" if language() == "en" else language()
