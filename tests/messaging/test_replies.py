"""What somebody is told before they write, across zones and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from telegut.messaging.promise import parse_staffed_hours
from telegut.messaging.replies import Helpline, Outlook, Replies, parse_helpline

HELP = (Helpline("Emergency services", "112"),)


def replies(zone: str = "Europe/Berlin", hours: str = "MO-FR 09:00-17:00", staffed_hours: float = 8) -> Replies:
    return Replies(parse_staffed_hours(hours), zone, timedelta(hours=staffed_hours), HELP)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("now", "staffed", "answer_by"),
    [
        (utc(2026, 11, 23, 9), True, utc(2026, 11, 24, 9)),  # Monday 10:00 in Berlin, one staffed day on
        (utc(2026, 11, 22, 13), False, utc(2026, 11, 23, 16)),  # Sunday: the end of Monday
        (utc(2026, 11, 27, 15), True, utc(2026, 11, 30, 15)),  # Friday 16:00: Monday 16:00
    ],
)
def test_the_promise_counts_staffed_time_in_the_clinics_zone(now: datetime, staffed: bool, answer_by: datetime) -> None:
    assert Outlook(staffed, answer_by, HELP) == replies().outlook(now)


@pytest.mark.parametrize(
    ("now", "answer_by"),
    [
        (utc(2026, 10, 23, 14), utc(2026, 10, 26, 15)),  # Friday 16:00 in summer time, Monday 16:00 in winter time
        (utc(2027, 3, 26, 15), utc(2027, 3, 29, 14)),  # and the other way round
    ],
)
def test_a_clock_change_in_between_keeps_the_wall_time(now: datetime, answer_by: datetime) -> None:
    assert answer_by == replies().outlook(now).answer_by


def test_a_promise_inside_the_skipped_hour_is_still_an_instant() -> None:
    # Berlin skips 02:00 to 03:00 on 28 March 2027, a Sunday.
    night = replies(hours="SU 01:00-04:00", staffed_hours=1.5)

    assert utc(2027, 3, 28, 1, 30) == night.outlook(utc(2027, 3, 28, 0, 0)).answer_by


def test_a_clinic_without_hours_promises_nothing_and_still_names_whom_to_call() -> None:
    assert Outlook(False, None, HELP) == replies(hours="").outlook(utc(2026, 11, 23, 9))


@pytest.mark.parametrize(
    ("text", "helpline", "dialled"),
    [
        ("Emergency services: 112", Helpline("Emergency services", "112"), "112"),
        ("Crisis line: 116 123", Helpline("Crisis line", "116 123"), "116123"),
        ("+49 30 1234", Helpline("+49 30 1234", "+49 30 1234"), "+49301234"),
    ],
)
def test_a_helpline_is_read_and_dialled(text: str, helpline: Helpline, dialled: str) -> None:
    assert (helpline, dialled) == (parse_helpline(text), parse_helpline(text).dialled)
