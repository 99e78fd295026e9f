"""
Ten years of clock changes in thirty zones, with random hours: listed = bookable, nobody twice, wall time kept.

The reference reads the clock on the wall minute by minute with the standard library and shares no code with ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from telegut.scheduling import zones
from telegut.scheduling.diary import Diary, Engagement
from telegut.scheduling.rules import WEEKDAYS, Availability, Exceptional, Kind, Policy, VisitType, WeeklyRule
from telegut.scheduling.slots import Offer, Question
from telegut.scheduling.windows import expand
from telegut.scheduling.zones import DAY

ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/Asuncion", "America/Havana", "America/Los_Angeles",
    "America/Miquelon", "America/New_York", "America/Nuuk", "America/Port-au-Prince", "America/Santiago",
    "America/Scoresbysund", "America/St_Johns", "America/Vancouver", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza",
    "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata", "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe",
    "Australia/Sydney", "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin", "Europe/London", "Pacific/Auckland",
    "Pacific/Chatham",
)  # fmt: skip
YEARS = range(2026, 2036)
SERVICE, PRACTITIONER = UUID(int=1), UUID(int=2)
STEP = 300
GRIDS = (300, 600, 900, 1200, 1800, 3600)


@dataclass(frozen=True, slots=True)
class World:
    """Somebody's hours, a kind of visit, and what is booked already, around the instant *change*."""

    change: int
    hours: Availability
    visit: VisitType
    grid: int
    booked: tuple[Engagement, ...]

    @property
    def first(self) -> int:
        """Where the looking begins, in seconds; a whole day before the change."""
        return self.change - self.change % DAY - DAY

    @property
    def last(self) -> int:
        """Where it ends."""
        return self.first + 3 * DAY

    def offer(self, booked: Sequence[Engagement]) -> Offer:
        """The practitioner's side, with these visits in the diary."""
        return Offer(PRACTITIONER, expand(self.hours, self.first - DAY, self.last + DAY), Diary(booked))

    def question(self) -> Question:
        """May it start then?"""
        policy = Policy(timedelta(0), timedelta(days=400), timedelta(seconds=self.grid))
        return Question.of(self.visit, policy, zones.instant(self.first - 7 * DAY))


def changes(zone: str) -> list[int]:
    """Every instant of `YEARS` at which the clocks of *zone* change; New Year where they never do."""
    first, last = (zones.seconds(datetime(year, 1, 1, tzinfo=UTC)) for year in (YEARS[0], YEARS[-1] + 1))
    found = [one.start for one in zones.regimes(zone, first, last) if first < one.start < last]
    return found or [first]


def clock(random: Random) -> time:
    """A time of day on five minutes; often near the hours at which clocks change."""
    hour = random.choice([0, 1, 2, 3, 4, 22, 23]) if random.random() < 0.6 else random.randrange(24)
    return time(hour, random.randrange(0, 60, 5))


def rule(random: Random, day: date) -> WeeklyRule:
    """Hours on some weekdays, at times only for a while."""
    start, end = clock(random), clock(random)
    while end == start:
        end = clock(random)
    days = tuple(sorted(random.sample(WEEKDAYS, random.randint(2, 7)), key=WEEKDAYS.index))
    since = day + timedelta(days=random.randint(-2, 1)) if random.random() < 0.2 else None
    until = day + timedelta(days=random.randint(1, 3)) if random.random() < 0.2 else None
    return WeeklyRule(days, start, end, since, until)


def exception(random: Random, day: date) -> Exceptional:
    """Some hours off, or extra."""
    start = datetime.combine(day + timedelta(days=random.randint(-1, 1)), clock(random))
    length = timedelta(minutes=random.randrange(5, 600, 5))
    return Exceptional(start, start + length, random.choice([Kind.OFF, Kind.EXTRA]))


def world(zone: str, change: int, random: Random) -> World:
    """A random one, around a change."""
    day = zones.on_the_wall(zones.instant(change), zone).date()
    holidays = (day + timedelta(days=random.randint(-1, 1)),) if random.random() < 0.2 else ()
    hours = Availability(
        zone,
        tuple(rule(random, day) for _ in range(random.randint(1, 3))),
        tuple(exception(random, day) for _ in range(random.randint(0, 2))),
        holidays=holidays,
    )
    minutes, before, after = random.choice([20, 30, 50]), random.choice([0, 5]), random.choice([0, 10])
    length, first, last = (timedelta(minutes=one) for one in (minutes, before, after))
    kind = VisitType(SERVICE, "Visit", length, first, last, ("consultant",))
    return World(change, hours, kind, random.choice(GRIDS), tuple(visits(random, change)))


def visits(random: Random, change: int) -> Iterator[Engagement]:
    """A few visits of half an hour with ten minutes after, apart from each other."""
    for number in sorted(random.sample(range(48), random.randint(0, 4))):
        start = change - change % 3600 + (number - 24) * 3600
        yield Engagement(start, start + 2400, start, start + 1800)


def wall(zone: str, at: int) -> datetime:
    """What the clock on the wall shows at an instant, by the standard library."""
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def openings(one: World, shown: datetime) -> set[datetime]:
    """The wall times at which the hours began that are open when the wall shows *shown*."""
    found = set()
    for weekly in one.hours.rules:
        for back in (0, 1):
            begins = datetime.combine(shown.date() - timedelta(days=back), weekly.start)
            in_time = (weekly.from_day or date.min) <= begins.date() <= (weekly.until_day or date.max)
            if WEEKDAYS[begins.weekday()] in weekly.weekdays and in_time and begins <= shown < begins + weekly.length:
                found.add(begins)
    extra = (each for each in one.hours.exceptions if each.kind is Kind.EXTRA)
    return found | {each.start for each in extra if each.start <= shown < each.end}


def closed(one: World, shown: datetime) -> bool:
    """Whether time off or a holiday covers what the wall shows."""
    off = (each for each in one.hours.exceptions if each.kind is Kind.OFF)
    return shown.date() in one.hours.holidays or any(each.start <= shown < each.end for each in off)


@lru_cache(maxsize=10_000)
def seen(one: World, at: int) -> tuple[frozenset[datetime], bool]:
    """Which hours are open at an instant, by the wall times at which they began, and whether it is closed anyway."""
    shown = wall(one.hours.zone, at)
    return frozenset(openings(one, shown)), closed(one, shown)


def slowly_offered(one: World, start: int) -> bool:
    """
    Whether a visit may start then, as a patient person with a wall clock finds out.

    Every minute is open by hours that began at one and the same wall time, none is closed, the start is a whole number
    of grid steps after the instant of that beginning, and nobody else is near.
    """
    length = int(one.visit.duration.total_seconds())
    minutes = [seen(one, at) for at in range(start, start + length, 60)]
    common = frozenset.intersection(*(began for began, _ in minutes))
    if any(shut for _, shut in minutes) or not any(on_grid(one, each, start) for each in common):
        return False
    opens = start - int(one.visit.buffer_before.total_seconds())
    closes = start + int((one.visit.duration + one.visit.buffer_after).total_seconds())
    return all(each.closes <= opens or each.opens >= closes for each in one.booked)


def on_grid(one: World, began: datetime, start: int) -> bool:
    """Whether *start* is a whole number of steps after the first instant that *began* means (RFC 5545, 3.3.5)."""
    since = int(began.replace(tzinfo=ZoneInfo(one.hours.zone), fold=0).timestamp())
    return start >= since and (start - since) % one.grid == 0


def every_change(count: int | None) -> list[tuple[str, int]]:
    """Zones with the instants of their changes: *count* of each zone, or all."""
    random = Random(20261122)
    found = [(zone, changes(zone)) for zone in ZONES]
    return [
        (zone, one) for zone, all_of_it in found for one in (random.sample(all_of_it, count) if count else all_of_it)
    ]


@pytest.mark.parametrize("count", [1, pytest.param(None, marks=pytest.mark.long)])
def test_listed_is_bookable_is_what_the_wall_clock_says(count: int | None) -> None:
    for zone, change in every_change(count):
        one = world(zone, change, Random(f"{zone} {change}"))
        offer, question = one.offer(one.booked), one.question()
        listed = question.starts(offer, one.first, one.last)
        for start in range(one.first, one.last, STEP):
            expected = slowly_offered(one, start)
            assert (expected, expected) == (start in listed, not question.reasons(start, offer)), (one, start)


@pytest.mark.parametrize("count", [1, pytest.param(None, marks=pytest.mark.long)])
def test_whoever_books_what_is_listed_never_stands_in_anothers_way(count: int | None) -> None:
    for zone, change in every_change(count):
        random = Random(f"booked {zone} {change}")
        one = world(zone, change, random)
        booked, question = list(one.booked), one.question()
        while listed := sorted(question.starts(one.offer(booked), one.first, one.last)):
            start = random.choice(listed)
            end = start + question.duration
            booked.append(Engagement(start - question.buffer_before, end + question.buffer_after, start, end))
        booked.sort(key=lambda each: each.opens)

        assert all(before.closes <= after.opens for before, after in pairwise(booked)), one


@pytest.mark.parametrize("zone", ZONES)
def test_weekly_hours_keep_their_wall_time_for_ten_years(zone: str) -> None:
    """The first start of every day is what the rule says; where a change skips that time, the first grid step after."""
    hours = Availability(zone, (WeeklyRule(WEEKDAYS, time(9, 30), time(12)),))
    kind = VisitType(SERVICE, "Visit", timedelta(minutes=30), timedelta(0), timedelta(0), ("consultant",))
    for change in changes(zone):
        one = World(change, hours, kind, 1800, ())
        starts = one.question().starts(one.offer(()), one.first, one.last)
        shown = {wall(zone, start) for start in starts}

        assert {each.time() for each in shown} == {time(9, 30), time(10), time(10, 30), time(11), time(11, 30)}
