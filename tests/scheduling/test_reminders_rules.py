"""When reminders are due and what becomes of them, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from telegut.scheduling.reminders.rules import Quiet, Standing, State, by_mail, by_text, is_quiet, verdict

NIGHT = Quiet(time(21), time(8))
START = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "zone", "expected"),
    [
        ("2026-11-24T14:30", 60, "Europe/Berlin", "2026-11-24T13:30"),  # by day: as it is
        ("2026-11-24T07:30", 60, "Europe/Berlin", "2026-11-23T19:45"),  # 07:30 there: the evening before
        ("2026-11-24T08:00", 60, "Europe/Berlin", "2026-11-24T07:00"),  # eight on the dot is day
        ("2026-11-24T08:00", 60, "Europe/Athens", "2026-11-24T07:00"),
        ("2026-11-25T22:30", 1440, "Europe/Berlin", "2026-11-24T19:45"),  # 23:30 there: the same evening
        ("2026-11-24T14:30", 60, "Asia/Tokyo", "2026-11-24T11:45"),
        ("2026-11-24T20:59", 0, "UTC", "2026-11-24T20:59"),
        ("2026-11-24T21:00", 0, "UTC", "2026-11-24T20:45"),
    ],
)
def test_a_text_message_rings_before_the_quiet_hours_instead_of_in_them(
    start: str, minutes: int, zone: str, expected: str
) -> None:
    assert utc(expected) == by_text(utc(start), minutes, zone, NIGHT)


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        (NIGHT, "20:59", False),
        (NIGHT, "21:00", True),
        (NIGHT, "00:00", True),
        (NIGHT, "07:59", True),
        (NIGHT, "08:00", False),
        (Quiet(time(13), time(14)), "13:30", True),
        (Quiet(time(13), time(14)), "14:00", False),
        (Quiet(time(0), time(0)), "00:00", False),
    ],
)
def test_quiet_hours_may_go_over_midnight_or_not_be(quiet: Quiet, clock: str, expected: bool) -> None:
    assert expected is is_quiet(utc(f"2026-11-24T{clock}"), "UTC", quiet)


def test_quiet_hours_that_begin_in_a_skipped_hour_still_have_an_evening_before() -> None:
    # In Berlin the clocks jump from 02:00 to 03:00 on 28 March 2027.
    due = by_text(utc("2027-03-28T02:30"), 60, "Europe/Berlin", Quiet(time(2, 30), time(8)))

    assert utc("2027-03-28T01:15") == due


def test_a_mail_is_due_at_any_hour() -> None:
    assert utc("2026-11-24T02:30") == by_mail(utc("2026-11-24T03:30"), 60)


def standing(**changes: object) -> Standing:
    values = {"revision": 2, "booked": True, "start": START, "agreed_at": START - 10 * DAY}
    return Standing(**{**values, **changes})  # type: ignore[arg-type]


def decide(now: datetime, one: Standing, *, revision: int, **more: bool) -> State:
    facts = {"later_is_due": False, "wanted": True} | more
    return verdict(revision, one.start - DAY, now, one, **facts)


@pytest.mark.parametrize(
    ("now", "one", "revision", "more", "expected"),
    [
        (START - DAY, standing(), 2, {}, State.SENT),
        (START - DAY - timedelta(seconds=1), standing(), 2, {}, State.WAITING),
        (START - 20 * HOUR, standing(), 2, {}, State.SENT),  # late, and still before the visit
        (START, standing(), 2, {}, State.OVER),
        (START - HOUR, standing(revision=3), 2, {}, State.STALE),
        (START - HOUR, standing(), 1, {}, State.STALE),
        (START - HOUR, standing(booked=False), 2, {}, State.STALE),
        (START + DAY, standing(booked=False), 2, {}, State.STALE),
        (START - HOUR, standing(agreed_at=START - DAY), 2, {}, State.PASSED),  # booked exactly a day ahead
        (START - HOUR, standing(agreed_at=START - DAY - timedelta(seconds=1)), 2, {}, State.SENT),
        (START - HOUR, standing(), 2, {"later_is_due": True}, State.SUPERSEDED),
        (START - HOUR, standing(), 2, {"wanted": False}, State.UNWANTED),
    ],
)
def test_what_becomes_of_a_reminder_is_decided_by_the_visit_as_it_is(
    now: datetime, one: Standing, revision: int, more: dict[str, bool], expected: State
) -> None:
    assert expected is decide(now, one, revision=revision, **more)
