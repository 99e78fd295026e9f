"""Who is next and why somebody is not: the rules of the waitlist as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from telegut.errors import Invalid
from telegut.scheduling.waitlist.rules import (
    Passed,
    Urgency,
    WallWindow,
    Wish,
    against,
    check_wish,
    is_over,
    is_quiet,
    offer_ends,
    place,
    quiet_ends,
    windows_document,
    windows_of,
)

BERLIN, NEW_YORK, KATHMANDU = "Europe/Berlin", "America/New_York", "Asia/Kathmandu"
SERVICE = UUID(int=1)
ALL = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(start: str, end: str, *days: str) -> WallWindow:
    """Hours that suit."""
    return WallWindow(days or ALL, time.fromisoformat(start), time.fromisoformat(end))


def test_the_order_is_urgency_then_who_came_first_then_the_id() -> None:
    early, late = utc("2026-11-01T08:00"), utc("2026-11-02T08:00")
    one, two = UUID(int=1), UUID(int=2)

    waiting = [
        (Urgency.ORDINARY, early, two),
        (Urgency.ORDINARY, late, one),
        (Urgency.SOON, late, two),
        (Urgency.URGENT, late, two),
        (Urgency.ORDINARY, early, one),
    ]

    assert [
        (Urgency.URGENT, late, two),
        (Urgency.SOON, late, two),
        (Urgency.ORDINARY, early, one),
        (Urgency.ORDINARY, early, two),
        (Urgency.ORDINARY, late, one),
    ] == sorted(waiting, key=lambda entry: place(*entry))


@pytest.mark.parametrize(
    ("zone", "hours", "start", "minutes", "suits"),
    [
        # the same wall hour before and after the clocks change in Berlin: 24 and 25 October 2026
        (BERLIN, window("09:00", "10:00"), "2026-10-24T07:00", 60, True),
        (BERLIN, window("09:00", "10:00"), "2026-10-25T07:00", 60, False),
        (BERLIN, window("09:00", "10:00"), "2026-10-25T08:00", 60, True),
        # the repeated hour counts both times
        (BERLIN, window("02:00", "03:00"), "2026-10-25T00:00", 60, True),
        (BERLIN, window("02:00", "03:00"), "2026-10-25T01:00", 60, True),
        # the skipped hour is not there: 01:00 to 04:00 is two hours long in New York on 14 March 2027
        (NEW_YORK, window("01:00", "04:00"), "2027-03-14T06:00", 120, True),
        (NEW_YORK, window("01:00", "04:00"), "2027-03-14T06:00", 121, False),
        # a visit has to end within the hours
        (BERLIN, window("09:00", "10:00"), "2026-11-24T08:30", 30, True),
        (BERLIN, window("09:00", "10:00"), "2026-11-24T08:45", 30, False),
        # across midnight, from the day before
        (BERLIN, window("22:00", "02:00", "MO"), "2026-11-23T23:30", 60, True),
        (BERLIN, window("22:00", "02:00", "TU"), "2026-11-23T23:30", 60, False),
        # weekdays are the patient's own: Monday evening in Berlin is Tuesday in Kathmandu
        (KATHMANDU, window("00:00", "06:00", "TU"), "2026-11-23T20:00", 30, True),
        (BERLIN, window("00:00", "23:59", "TU"), "2026-11-23T20:00", 30, False),
    ],
)
def test_hours_are_on_the_patients_wall(zone: str, hours: WallWindow, start: str, minutes: int, suits: bool) -> None:
    wish = Wish(SERVICE, zone, windows=(hours,))
    begins = utc(start)

    found = against(wish, begins, begins + timedelta(minutes=minutes), utc("2026-10-01T00:00"))

    assert (None if suits else Passed.NOT_THEIR_HOURS) is found


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(SERVICE, BERLIN), None),
        (Wish(SERVICE, BERLIN, notice=timedelta(hours=3)), None),
        (Wish(SERVICE, BERLIN, notice=timedelta(hours=3, seconds=1)), Passed.TOO_SHORT_NOTICE),
        (Wish(SERVICE, BERLIN, from_day=date(2026, 11, 25)), None),
        (Wish(SERVICE, BERLIN, from_day=date(2026, 11, 26)), Passed.NOT_THEIR_DAYS),
        (Wish(SERVICE, BERLIN, until_day=date(2026, 11, 25)), None),
        (Wish(SERVICE, BERLIN, until_day=date(2026, 11, 24)), Passed.NOT_THEIR_DAYS),
        # the same instant is a day earlier in New York
        (Wish(SERVICE, NEW_YORK, until_day=date(2026, 11, 24)), None),
    ],
)
def test_notice_and_days(wish: Wish, expected: Passed | None) -> None:
    """A visit at 00:30 on 25 November in Berlin, looked at three hours before."""
    start = utc("2026-11-24T23:30")

    assert expected is against(wish, start, start + timedelta(minutes=30), start - timedelta(hours=3))


@pytest.mark.parametrize(
    ("now", "zone", "quiet"),
    [
        ("2026-11-24T19:59", BERLIN, False),
        ("2026-11-24T20:00", BERLIN, True),
        ("2026-11-24T23:30", BERLIN, True),
        ("2026-11-25T06:59", BERLIN, True),
        ("2026-11-25T07:00", BERLIN, False),
        ("2026-11-24T20:00", NEW_YORK, False),
        ("2026-11-25T02:00", NEW_YORK, True),
        # in summer time, an hour earlier in UTC
        ("2026-07-24T19:00", BERLIN, True),
        ("2026-07-25T06:00", BERLIN, False),
    ],
)
def test_quiet_hours_go_across_midnight_where_the_patient_is(now: str, zone: str, quiet: bool) -> None:
    assert quiet == is_quiet(utc(now), zone, time(21), time(8))


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = utc("2026-11-24T12:30")

    assert is_quiet(noon, "UTC", time(12), time(13))
    assert not is_quiet(noon, "UTC", time(13), time(14))
    assert not is_quiet(noon, "UTC", time(12, 30), time(12, 30))


@pytest.mark.parametrize(
    ("now", "zone", "until", "expected"),
    [
        ("2026-11-24T22:00", BERLIN, time(8), "2026-11-25T07:00"),
        ("2026-11-25T02:00", BERLIN, time(8), "2026-11-25T07:00"),
        # the clocks go back in between
        ("2026-10-24T21:00", BERLIN, time(8), "2026-10-25T07:00"),
        # the minute itself is skipped: 02:30 in New York on 14 March 2027 is read as RFC 5545 says, 03:30
        ("2027-03-14T03:00", NEW_YORK, time(2, 30), "2027-03-14T07:30"),
    ],
)
def test_who_sleeps_is_asked_again_in_their_morning(now: str, zone: str, until: time, expected: str) -> None:
    assert utc(expected) == quiet_ends(utc(now), zone, until)


def test_an_offer_never_outlives_its_visit() -> None:
    now = utc("2026-11-24T12:00")

    assert now + timedelta(minutes=30) == offer_ends(now, now + timedelta(hours=2), timedelta(minutes=30))
    assert now + timedelta(minutes=10) == offer_ends(now, now + timedelta(minutes=10), timedelta(minutes=30))


def test_a_wish_is_over_when_its_last_day_has_passed_where_the_patient_is() -> None:
    wish = Wish(SERVICE, NEW_YORK, until_day=date(2026, 11, 24))

    assert not is_over(wish, utc("2026-11-25T04:59"))
    assert is_over(wish, utc("2026-11-25T05:00"))


def test_everything_wrong_with_a_wish_is_told_at_once() -> None:
    wish = Wish(
        SERVICE,
        "Mars/Base",
        practitioners=(SERVICE, SERVICE),
        windows=(window("09:00", "09:00"), WallWindow((), time(9), time(10))),
        from_day=date(2026, 12, 2),
        until_day=date(2026, 12, 1),
    )

    with pytest.raises(Invalid) as refused:
        check_wish(wish)

    assert {"zone", "windows.0.end", "windows.1.weekdays", "until", "practitioners"} == {
        one.field for one in refused.value.errors
    }


def test_windows_are_kept_as_they_were_sent() -> None:
    windows = (window("17:00", "19:30", "MO", "WE"), window("22:00", "02:00"))

    assert windows == windows_of(windows_document(windows))
    assert replace(Wish(SERVICE, BERLIN), windows=windows).windows == windows
