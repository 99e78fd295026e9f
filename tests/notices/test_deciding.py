"""By which channel and when: the rules, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from telegut.notices.deciding import (
    ALL,
    Matter,
    Means,
    Pace,
    Presence,
    QuietKind,
    Wishes,
    channels,
    decide,
    next_round,
    quiet_hours,
)
from telegut.notices.rules import Channel

MAIL, SMS, PUSH = Channel.MAIL, Channel.SMS, Channel.PUSH
BERLIN = "Europe/Berlin"
DAY = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)  # 15:30 in Berlin
NIGHT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)  # 23:30
MORNING = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # 8:00
EVERYTHING = Means(texts=True, devices=True)
TOLD_BY_ALL = Wishes(channels=dict.fromkeys(Matter, ALL))


def told(
    matter: Matter = Matter.MESSAGE,
    wishes: Wishes = TOLD_BY_ALL,
    now: datetime = DAY,
    presence: Presence = Presence(),  # noqa: B008
    *,
    means: Means = EVERYTHING,
    zone: str = BERLIN,
) -> dict[Channel, datetime]:
    return decide(matter, wishes, means, now, zone, quiet_hours(wishes, zone, None), presence)


@pytest.mark.parametrize(
    ("wanted", "means", "found"),
    [
        ({MAIL, PUSH}, Means(), {MAIL}),
        ({MAIL, PUSH}, EVERYTHING, {MAIL, PUSH}),
        ({PUSH}, Means(devices=True), {PUSH}),
        ({PUSH}, Means(), {MAIL}),
        ({SMS}, Means(), {MAIL}),
        ({SMS, PUSH}, Means(devices=True), {MAIL, PUSH}),
        ({SMS}, Means(texts=True), {SMS}),
        (set(), EVERYTHING, set()),
    ],
)
def test_what_cannot_be_had_is_a_mail(wanted: set[Channel], means: Means, found: set[Channel]) -> None:
    wishes = Wishes(channels={**Wishes().channels, Matter.MESSAGE: frozenset(wanted)})

    assert found == channels(Matter.MESSAGE, wishes, means)


def test_what_is_urgent_always_has_a_way() -> None:
    nothing = Wishes(channels=dict.fromkeys(Matter, frozenset()))

    assert {MAIL} == channels(Matter.URGENT, nothing, EVERYTHING)


def test_by_day_everything_leaves_at_once() -> None:
    assert {MAIL: DAY, SMS: DAY, PUSH: DAY} == told()


def test_at_night_only_mail_leaves_and_the_rest_in_the_morning() -> None:
    assert {MAIL: NIGHT, SMS: MORNING, PUSH: MORNING} == told(now=NIGHT)


def test_what_is_urgent_passes_quiet_hours_rounds_and_presence() -> None:
    wishes = replace(TOLD_BY_ALL, pace=Pace.DAILY)

    found = told(Matter.URGENT, wishes, NIGHT, Presence(active_at=NIGHT, said_at=NIGHT))

    assert {MAIL: NIGHT, SMS: NIGHT, PUSH: NIGHT} == found


@pytest.mark.parametrize(
    ("zone", "at", "quiet"),
    [
        (BERLIN, datetime(2026, 11, 24, 19, 59, tzinfo=UTC), False),
        (BERLIN, datetime(2026, 11, 24, 20, 0, tzinfo=UTC), True),
        (BERLIN, datetime(2026, 11, 25, 6, 59, tzinfo=UTC), True),
        (BERLIN, datetime(2026, 11, 25, 7, 0, tzinfo=UTC), False),
        ("America/New_York", datetime(2026, 11, 25, 2, 0, tzinfo=UTC), True),
        ("Asia/Kolkata", datetime(2026, 11, 24, 15, 30, tzinfo=UTC), True),
        ("Asia/Kolkata", datetime(2026, 11, 24, 15, 29, tzinfo=UTC), False),
    ],
)
def test_the_night_is_the_readers_own(zone: str, at: datetime, quiet: bool) -> None:
    assert quiet == (told(now=at, zone=zone)[PUSH] > at)


def test_own_hours_hold_across_the_night_in_which_clocks_change() -> None:
    """On 25 October 2026 Berlin's clocks go from 3:00 back to 2:00: 7:00 is 6:00 UTC."""
    wishes = replace(TOLD_BY_ALL, quiet=QuietKind.HOURS, quiet_from=time(22), quiet_until=time(7))
    late = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)  # 22:30, summer time

    assert datetime(2026, 10, 25, 6, 0, tzinfo=UTC) == told(wishes=wishes, now=late)[PUSH]


def test_hours_that_end_at_a_skipped_time_end() -> None:
    """On 29 March 2026 Berlin's clocks go from 2:00 to 3:00; 2:30 is meant as before: 1:30 UTC."""
    wishes = replace(TOLD_BY_ALL, quiet=QuietKind.HOURS, quiet_from=time(22), quiet_until=time(2, 30))
    night = datetime(2026, 3, 29, 0, 15, tzinfo=UTC)

    assert datetime(2026, 3, 29, 1, 30, tzinfo=UTC) == told(wishes=wishes, now=night)[PUSH]


def test_who_wants_no_quiet_hours_has_none() -> None:
    assert NIGHT == told(wishes=replace(TOLD_BY_ALL, quiet=QuietKind.NONE), now=NIGHT)[PUSH]


def test_staff_hear_of_it_when_the_clinic_is_staffed() -> None:
    opens = NIGHT + timedelta(hours=9)
    quiet = quiet_hours(Wishes(), BERLIN, lambda at: max(at, opens))
    own = quiet_hours(replace(Wishes(), quiet=QuietKind.HOURS), BERLIN, lambda at: max(at, opens))

    assert opens == quiet(NIGHT)
    assert MORNING == own(NIGHT)


def test_a_conversation_is_said_once_in_a_quarter_of_an_hour() -> None:
    presence = Presence(said_at=DAY - timedelta(minutes=5))

    assert {DAY + timedelta(minutes=10)} == set(told(presence=presence).values())


def test_no_device_rings_for_somebody_who_is_in_telegut() -> None:
    found = told(presence=Presence(active_at=DAY - timedelta(seconds=30)))

    assert (DAY, DAY + timedelta(seconds=90)) == (found[MAIL], found[PUSH])


def test_but_not_for_ever() -> None:
    assert DAY == told(presence=Presence(active_at=DAY, waited=timedelta(minutes=11)))[PUSH]


@pytest.mark.parametrize(
    ("pace", "now", "leaves"),
    [
        (Pace.AT_ONCE, DAY, DAY),
        (Pace.HOURLY, DAY, DAY + timedelta(minutes=30)),
        (Pace.HOURLY, DAY + timedelta(minutes=30), DAY + timedelta(minutes=30)),
        (Pace.DAILY, DAY, datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
        (Pace.DAILY, NIGHT, datetime(2026, 11, 25, 17, 0, tzinfo=UTC)),
    ],
)
def test_rounds_leave_at_the_full_hour_and_at_the_readers_time(pace: Pace, now: datetime, leaves: datetime) -> None:
    assert leaves == next_round(now, replace(Wishes(), pace=pace), BERLIN)


def test_a_round_at_night_waits_for_the_morning_on_what_rings() -> None:
    wishes = replace(TOLD_BY_ALL, pace=Pace.DAILY, daily_at=time(23))

    assert {MAIL: datetime(2026, 11, 24, 22, 0, tzinfo=UTC), SMS: MORNING, PUSH: MORNING} == told(wishes=wishes)


def test_half_hour_zones_have_their_own_full_hours() -> None:
    wishes = replace(Wishes(), pace=Pace.HOURLY)

    assert DAY == next_round(DAY, wishes, "Asia/Kolkata")  # 20:00 there
