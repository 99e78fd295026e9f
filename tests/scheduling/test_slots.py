"""Listed and bookable, as tables. Expected instants: tzdata 2026f."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegut.scheduling import zones
from telegut.scheduling.diary import Diary, Engagement
from telegut.scheduling.refusals import DayFull, NotOffered, PatientBusy, Reason, SlotTaken, refusal
from telegut.scheduling.rules import WEEKDAYS, Availability, Exceptional, Kind, Policy, VisitType, WeeklyRule
from telegut.scheduling.slots import AROUND, Offer, Question
from telegut.scheduling.windows import expand
from tests.scheduling.test_zones import ZONES, utc

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
EVERY_DAY = WEEKDAYS
OPEN = Policy(minimum_notice=timedelta(0), horizon=timedelta(days=3 * 366))
SERVICE, PRACTITIONER = UUID(int=1), UUID(int=2)


def visit(minutes: int = 30, *, before: int = 0, after: int = 0) -> VisitType:
    """A kind of visit."""
    length, first, last = (timedelta(minutes=one) for one in (minutes, before, after))
    return VisitType(SERVICE, "Visit", length, first, last, ("consultant",))


def daily(start: str, end: str, **more: object) -> WeeklyRule:
    """Hours on every day."""
    return WeeklyRule(EVERY_DAY, time.fromisoformat(start), time.fromisoformat(end), **more)  # type: ignore[arg-type]


def off(start: str, end: str, kind: Kind = Kind.OFF) -> Exceptional:
    """An exception."""
    return Exceptional(datetime.fromisoformat(start), datetime.fromisoformat(end), kind)


def engaged(start: str, minutes: int = 30, *, before: int = 0, after: int = 0, held: bool = False) -> Engagement:
    """A visit in somebody's diary."""
    at = zones.seconds(utc(start))
    end = at + minutes * 60
    return Engagement(at - before * 60, end + after * 60, at, end, held)


def asked(
    kind: VisitType | None = None, policy: Policy = OPEN, now: str = "2027-01-01 00:00", patient: Diary | None = None
) -> Question:
    """A question about a visit."""
    return Question.of(kind or visit(), policy, utc(now), patient)


def offer(
    zone: str,
    *rules: WeeklyRule,
    day: str,
    days: int = 1,
    exceptions: Sequence[Exceptional] = (),
    diary: Sequence[Engagement] = (),
    **more: Any,
) -> Offer:
    """One practitioner's side around a UTC day."""
    first = zones.seconds(utc(day))
    availability = Availability(zone, rules, tuple(exceptions), **more)
    hours = expand(availability, first - AROUND, first + days * 86_400 + AROUND)
    return Offer(PRACTITIONER, hours, Diary(diary))


def listed(question: Question, one: Offer, day: str, days: int = 1) -> list[str]:
    """The starts offered between two UTC midnights, as clock times in UTC."""
    first = zones.seconds(utc(day))
    return [f"{zones.instant(at):%H:%M}" for at in sorted(question.starts(one, first, first + days * 86_400))]


def half_hours(start: str, count: int) -> list[str]:
    """*count* clock times, half an hour apart."""
    return [f"{utc('2027-01-01 ' + start) + timedelta(minutes=30 * number):%H:%M}" for number in range(count)]


def reasons(question: Question, one: Offer, start: str) -> list[Reason]:
    """What speaks against a start."""
    return question.reasons(zones.seconds(utc(start)), one)


class TestClockChanges:
    """Cases 1 to 4 and 8 of the trust guide, section 2.4."""

    def test_the_skipped_hour_is_never_offered(self) -> None:
        one = offer(NEW_YORK, daily("01:00", "05:00"), day="2027-03-14")

        assert half_hours("06:00", 6) == listed(asked(), one, "2027-03-14")

    def test_the_repeated_hour_is_offered_twice(self) -> None:
        one = offer(NEW_YORK, daily("00:00", "04:00"), day="2027-11-07")

        assert half_hours("04:00", 10) == listed(asked(), one, "2027-11-07")

    @pytest.mark.parametrize(("day", "first"), [("2027-03-13", "18:00"), ("2027-03-14", "17:00")])
    def test_the_afternoon_of_the_change_day_is_right(self, day: str, first: str) -> None:
        one = offer(NEW_YORK, daily("13:00", "18:00"), day=day)

        assert half_hours(first, 10) == listed(asked(), one, day)

    def test_notice_is_counted_in_hours_that_pass(self) -> None:
        policy = Policy(minimum_notice=timedelta(hours=24), horizon=timedelta(days=30))
        question = asked(policy=policy, now="2027-03-13 14:00")
        one = offer(NEW_YORK, daily("09:00", "17:00"), day="2027-03-14")

        assert listed(question, one, "2027-03-14")[0] == "14:00"
        assert reasons(question, one, "2027-03-14 13:30") == [Reason.TOO_SOON]

    @pytest.mark.parametrize(
        ("day", "berlin"),
        [
            ("2027-03-08", "16:00"),
            ("2027-03-22", "15:00"),
            ("2027-03-29", "16:00"),
            ("2027-11-01", "15:00"),
            ("2027-11-08", "16:00"),
        ],
    )
    def test_ten_in_new_york_moves_on_the_berlin_clock(self, day: str, berlin: str) -> None:
        one = offer(NEW_YORK, WeeklyRule(("MO",), time(10), time(10, 30)), day=day)
        first = zones.seconds(utc(day))
        [start] = asked().starts(one, first, first + 86_400)

        assert f"{zones.on_the_wall(zones.instant(start), BERLIN):%H:%M}" == berlin

    def test_a_window_past_midnight_belongs_to_the_day_it_starts(self) -> None:
        one = offer(BERLIN, WeeklyRule(("SA",), time(22), time(2)), day="2027-03-27", days=2)

        assert half_hours("21:00", 8) == listed(asked(), one, "2027-03-27", 2)

    def test_a_window_past_midnight_into_the_spring_change_is_an_hour_shorter(self) -> None:
        one = offer(BERLIN, WeeklyRule(("SA",), time(22), time(4)), day="2027-03-27", days=2)

        assert half_hours("21:00", 10) == listed(asked(), one, "2027-03-27", 2)


class TestGrid:
    """Starts are counted from each window's local start."""

    def test_the_grid_starts_where_the_window_does(self) -> None:
        one = offer("Asia/Kathmandu", daily("09:10", "11:00"), day="2027-05-05")

        assert listed(asked(), one, "2027-05-05") == ["03:25", "03:55", "04:25"]

    def test_a_longer_visit_keeps_to_the_grid_and_to_the_end(self) -> None:
        one = offer("UTC", daily("09:00", "11:00"), day="2027-05-05")

        assert listed(asked(visit(50)), one, "2027-05-05") == ["09:00", "09:30", "10:00"]

    def test_two_windows_have_two_grids(self) -> None:
        one = offer("UTC", daily("09:00", "10:00"), daily("10:20", "11:20"), day="2027-05-05")

        assert listed(asked(), one, "2027-05-05") == ["09:00", "09:30", "10:20", "10:50"]

    @pytest.mark.parametrize(
        ("start", "reason"),
        [
            ("2027-05-05 10:07", Reason.OFF_GRID),
            ("2027-05-05 08:30", Reason.OUTSIDE_HOURS),
            ("2027-05-05 11:45", Reason.OUTSIDE_HOURS),
            ("2026-12-31 10:00", Reason.PAST),
            ("2031-05-05 10:00", Reason.BEYOND_HORIZON),
        ],
    )
    def test_a_tampered_start_says_why(self, start: str, reason: Reason) -> None:
        one = offer("UTC", daily("09:00", "12:00"), day=start[:10])

        assert reason in reasons(asked(), one, start)


class TestExceptions:
    """Weekly rules have exceptions, bounds and kinds of visit."""

    def test_time_off_takes_away_every_start_it_touches(self) -> None:
        leave = off("2027-05-05 09:45", "2027-05-05 10:30")
        one = offer("UTC", daily("09:00", "12:00"), day="2027-05-05", exceptions=[leave])

        assert listed(asked(), one, "2027-05-05") == ["09:00", "10:30", "11:00", "11:30"]
        assert reasons(asked(), one, "2027-05-05 09:30") == [Reason.TIME_OFF]

    def test_extra_hours_have_their_own_grid(self) -> None:
        more = off("2027-05-05 18:15", "2027-05-05 19:15", Kind.EXTRA)
        one = offer("UTC", day="2027-05-05", exceptions=[more])

        assert listed(asked(), one, "2027-05-05") == ["18:15", "18:45"]

    def test_the_first_and_the_last_day_count(self) -> None:
        rule = daily("09:00", "09:30", from_day=date(2027, 5, 5), until_day=date(2027, 5, 6))
        one = offer("UTC", rule, day="2027-05-04", days=5)

        assert listed(asked(), one, "2027-05-04", 5) == ["09:00", "09:00"]

    def test_hours_may_be_for_one_kind_of_visit(self) -> None:
        rule = daily("09:00", "10:00", services=frozenset({uuid4()}))
        one = offer("UTC", rule, day="2027-05-05")

        assert listed(asked(), one, "2027-05-05") == []
        assert reasons(asked(), one, "2027-05-05 09:00") == [Reason.OUTSIDE_HOURS]


class TestDiaries:
    """What is spoken for, and the time around it."""

    def test_visits_may_touch(self) -> None:
        one = offer("UTC", daily("10:00", "11:00"), day="2027-05-05", diary=[engaged("2027-05-05 10:00")])

        assert listed(asked(), one, "2027-05-05") == ["10:30"]

    def test_a_buffer_after_the_last_visit_keeps_its_distance(self) -> None:
        one = offer("UTC", daily("10:00", "12:00"), day="2027-05-05", diary=[engaged("2027-05-05 10:00", after=10)])

        assert listed(asked(), one, "2027-05-05") == ["11:00", "11:30"]
        assert reasons(asked(), one, "2027-05-05 10:30") == [Reason.BUFFER]

    def test_the_gap_is_after_the_first_plus_before_the_second(self) -> None:
        diary = [engaged("2027-05-05 10:00", after=10)]
        one = offer("UTC", daily("10:00", "12:00"), day="2027-05-05", diary=diary)
        question = asked(visit(30, before=20))

        assert [reasons(question, one, f"2027-05-05 {start}") for start in ("10:30", "11:00")] == [[Reason.BUFFER], []]

    def test_what_is_taken_and_what_is_held_are_told_apart(self) -> None:
        diary = [engaged("2027-05-05 10:00"), engaged("2027-05-05 11:00", held=True)]
        one = offer("UTC", daily("10:00", "12:00"), day="2027-05-05", diary=diary)

        assert reasons(asked(), one, "2027-05-05 10:00") == [Reason.TAKEN]
        assert reasons(asked(), one, "2027-05-05 11:00") == [Reason.HELD]

    def test_a_patient_is_never_in_two_visits(self) -> None:
        mine = Diary([engaged("2027-05-05 10:15")])
        one = offer("UTC", daily("10:00", "11:30"), day="2027-05-05")

        assert listed(asked(patient=mine), one, "2027-05-05") == ["11:00"]
        assert reasons(asked(patient=mine), one, "2027-05-05 10:00") == [Reason.PATIENT_BUSY]

    def test_a_joint_visit_needs_everybody(self) -> None:
        day = "2027-05-05"
        first = offer("UTC", daily("09:00", "12:00"), day=day, diary=[engaged(f"{day} 10:00")])
        second = offer(BERLIN, daily("11:30", "13:00"), day=day)
        at = zones.seconds(utc(day))
        starts = asked().joint_starts([first, second], at, at + 86_400)

        assert [f"{zones.instant(one):%H:%M}" for one in starts] == ["09:30", "10:30"]


class TestDays:
    """Holidays and the most visits of a day, on the wall of the hours."""

    def test_a_holiday_is_closed_from_midnight_to_midnight(self) -> None:
        one = offer(NEW_YORK, daily("22:00", "02:00"), day="2027-05-04", days=3, holidays=(date(2027, 5, 5),))

        # The whole night before; until midnight the evening before; from midnight after it.
        expected = [*half_hours("02:00", 8), *half_hours("02:00", 4), *half_hours("04:00", 4)]
        assert expected == listed(asked(), one, "2027-05-04", 3)
        assert reasons(asked(), one, "2027-05-05 03:30") == []
        assert reasons(asked(), one, "2027-05-05 04:00") == [Reason.HOLIDAY]

    def test_a_visit_that_would_run_into_a_holiday_is_not_offered(self) -> None:
        one = offer("UTC", daily("22:15", "02:00"), day="2027-05-04", holidays=(date(2027, 5, 5),))

        assert listed(asked(), one, "2027-05-04") == [*half_hours("00:15", 3), "22:15", "22:45", "23:15"]
        assert reasons(asked(), one, "2027-05-04 23:45") == [Reason.HOLIDAY]

    def test_a_holiday_is_closed_to_extra_hours_too_and_says_so_where_there_are_no_hours(self) -> None:
        more = off("2027-05-05 09:00", "2027-05-05 10:00", Kind.EXTRA)
        one = offer("UTC", day="2027-05-05", exceptions=[more], holidays=(date(2027, 5, 5),))

        assert listed(asked(), one, "2027-05-05") == []
        assert reasons(asked(), one, "2027-05-05 09:00") == [Reason.HOLIDAY]
        assert reasons(asked(), one, "2027-05-05 12:00") == [Reason.OUTSIDE_HOURS, Reason.HOLIDAY]

    @pytest.mark.parametrize(("day", "hours"), [("2027-03-14", 23), ("2027-11-07", 25)])
    def test_a_holiday_on_a_change_day_is_as_long_as_the_day(self, day: str, hours: int) -> None:
        one = offer(NEW_YORK, daily("09:00", "12:00"), day=day, days=2, holidays=(date.fromisoformat(day),))

        [(opens, closes)] = one.hours.closed[NEW_YORK]
        assert closes - opens == hours * 3600

    def test_a_full_day_is_full_on_the_wall_of_the_hours(self) -> None:
        # 23:00Z and 03:00Z are both 4 May in New York; 05:00Z is the 5th.
        diary = [engaged("2027-05-04 23:00"), engaged("2027-05-05 03:00", held=True)]
        one = offer(NEW_YORK, daily("19:00", "05:00"), day="2027-05-04", days=2, diary=diary, max_a_day=2)

        assert reasons(asked(), one, "2027-05-05 03:30") == [Reason.DAY_FULL]
        assert reasons(asked(), one, "2027-05-05 04:00") == []
        assert listed(asked(), one, "2027-05-05")[0] == "04:00"

    def test_the_repeated_hour_does_not_make_a_second_day(self) -> None:
        diary = [engaged("2027-11-07 05:30"), engaged("2027-11-07 06:30")]
        one = offer(NEW_YORK, daily("00:00", "04:00"), day="2027-11-07", diary=diary, max_a_day=2)

        assert listed(asked(), one, "2027-11-07") == []
        assert reasons(asked(), one, "2027-11-07 08:00") == [Reason.DAY_FULL]

    def test_a_practitioners_own_number_goes_before_the_clinics(self) -> None:
        diary = [engaged("2027-05-05 10:00")]
        clinic = Policy(minimum_notice=timedelta(0), horizon=timedelta(days=999), max_visits_a_day=1)
        rule = daily("10:00", "11:30")
        default = offer("UTC", rule, day="2027-05-05", diary=diary)
        own = offer("UTC", rule, day="2027-05-05", diary=diary, max_a_day=2)

        assert listed(asked(policy=clinic), default, "2027-05-05") == []
        assert listed(asked(policy=clinic), own, "2027-05-05") == ["10:30", "11:00"]

    def test_what_is_no_visit_is_not_counted(self) -> None:
        at = zones.seconds(utc("2027-05-05 10:00"))
        busy = Engagement(at, at + 1800, at, at + 1800, counted=False)
        one = offer("UTC", daily("10:00", "11:00"), day="2027-05-05", diary=[busy], max_a_day=1)

        assert listed(asked(), one, "2027-05-05") == ["10:30"]


class TestNumbersOfOnesOwn:
    """A kind of visit and a practitioner may ask for other numbers than the clinic."""

    def test_a_kind_of_visit_has_its_own_notice_horizon_and_grid(self) -> None:
        kind = replace(
            visit(), minimum_notice=timedelta(hours=10), horizon=timedelta(days=1), grid=timedelta(minutes=15)
        )
        one = offer("UTC", daily("09:00", "11:00"), day="2027-05-05", days=3)
        question = asked(kind, now="2027-05-05 00:00")

        assert listed(question, one, "2027-05-05", 3) == ["10:00", "10:15", "10:30"]
        assert reasons(question, one, "2027-05-05 09:45") == [Reason.TOO_SOON]
        assert reasons(question, one, "2027-05-06 09:00") == [Reason.BEYOND_HORIZON]

    def test_a_practitioner_may_want_more_notice_and_never_gets_less(self) -> None:
        policy = Policy(minimum_notice=timedelta(hours=10), horizon=timedelta(days=9))
        question = asked(policy=policy, now="2027-05-05 00:00")
        rule = daily("09:00", "12:00")
        more, less = (offer("UTC", rule, day="2027-05-05", minimum_notice=timedelta(hours=hours)) for hours in (11, 1))

        assert listed(question, more, "2027-05-05") == ["11:00", "11:30"]
        assert listed(question, less, "2027-05-05")[0] == "10:00"
        assert reasons(question, more, "2027-05-05 10:30") == [Reason.TOO_SOON]

    def test_a_move_to_another_zone_is_planned_ahead(self) -> None:
        here = daily("09:00", "10:00", until_day=date(2027, 5, 4))
        there = daily("09:00", "10:00", from_day=date(2027, 5, 5), zone="Asia/Tokyo")
        one = offer(BERLIN, here, there, day="2027-05-04", days=2)

        assert listed(asked(), one, "2027-05-04", 2) == ["07:00", "07:30", "00:00", "00:30"]

    def test_after_a_move_holidays_are_those_of_the_new_wall(self) -> None:
        there = daily("00:00", "02:00", zone="Asia/Tokyo")
        one = offer(BERLIN, there, day="2027-05-04", days=2, holidays=(date(2027, 5, 5),))

        # 15:00Z on the 4th is the midnight of the 5th in Tokyo, and still the 4th in Berlin.
        assert reasons(asked(), one, "2027-05-04 15:00") == [Reason.HOLIDAY]
        assert reasons(asked(), one, "2027-05-05 15:00") == []


@pytest.mark.parametrize(
    ("against", "expected"),
    [
        ([], type(None)),
        ([Reason.TAKEN], SlotTaken),
        ([Reason.HELD, Reason.PATIENT_BUSY], SlotTaken),
        ([Reason.PATIENT_BUSY], PatientBusy),
        ([Reason.BUFFER], NotOffered),
        ([Reason.OFF_GRID, Reason.TAKEN], NotOffered),
        ([Reason.HOLIDAY, Reason.DAY_FULL], NotOffered),
        ([Reason.DAY_FULL, Reason.TAKEN], SlotTaken),
        ([Reason.DAY_FULL], DayFull),
    ],
)
def test_a_refusal_says_whether_trying_again_helps(against: list[Reason], expected: type) -> None:
    assert expected is type(refusal(against))


STARTS = st.builds(lambda hour, quarter: time(hour, quarter * 15), st.integers(0, 23), st.integers(0, 3))
RULES = st.builds(
    WeeklyRule,
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True).map(tuple),
    STARTS,
    STARTS,
    services=st.sampled_from([frozenset(), frozenset({SERVICE}), frozenset({PRACTITIONER})]),
    zone=st.sampled_from([None, None, "Asia/Tokyo", NEW_YORK]),
).filter(lambda rule: rule.start != rule.end)
HOUR = timedelta(hours=1)
CHANGES = ["2027-03-13", "2027-03-27", "2027-10-02", "2027-10-30", "2027-11-06", "2027-04-03", "2027-02-06"]


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    rules=st.lists(RULES, min_size=1, max_size=3),
    day=st.sampled_from(CHANGES),
    minutes=st.sampled_from([20, 30, 50]),
    after=st.sampled_from([0, 10]),
    taken=st.lists(st.integers(0, 47), max_size=4, unique=True),
    holidays=st.lists(st.integers(-1, 3), max_size=2, unique=True),
    limit=st.sampled_from([None, 1, 2, 3]),
    notice=st.sampled_from([None, 0, 30]),
    leave=st.none() | st.integers(0, 47),
)
def test_exactly_what_is_listed_may_be_booked(
    zone: str,
    rules: list[WeeklyRule],
    day: str,
    minutes: int,
    after: int,
    taken: list[int],
    holidays: list[int],
    limit: int | None,
    notice: int | None,
    leave: int | None,
) -> None:
    """Every quarter of an hour around a clock change is judged by `reasons` and by a slow reader of the clock."""
    first = zones.seconds(utc(day))
    diary = [engaged_at(first + number * 3600, after) for number in taken]
    midnight = utc(day).replace(tzinfo=None)
    away = [] if leave is None else [Exceptional(midnight + leave * HOUR, midnight + (leave + 3) * HOUR, Kind.OFF)]
    closed = tuple(sorted((midnight + number * 24 * HOUR).date() for number in holidays))
    availability = Availability(
        zone,
        tuple(rules),
        tuple(away),
        max_a_day=limit,
        minimum_notice=None if notice is None else notice * HOUR,
        holidays=closed,
    )
    one = Offer(PRACTITIONER, expand(availability, first - AROUND, first + 2 * 86_400 + AROUND), Diary(diary))
    question = asked(visit(minutes, after=after), now=day)
    found = question.starts(one, first, first + 2 * 86_400)

    for start in range(first, first + 2 * 86_400, 900):
        assert (start in found) == (question.reasons(start, one) == [])
        if start in found:
            assert any(slowly_bookable(rule, availability, start, minutes, diary) for rule in rules)
            assert start >= first + (notice or 0) * 3600


def engaged_at(start: int, after: int) -> Engagement:
    """Half an hour from an instant in seconds."""
    return Engagement(start, start + 1800 + after * 60, start, start + 1800)


def slowly_bookable(
    rule: WeeklyRule, availability: Availability, start: int, minutes: int, diary: Sequence[Engagement]
) -> bool:
    """Whether a rule is open then, for this kind of visit, on no holiday and on a day with room, all by the clock."""
    zone = availability.zone_of(rule)
    walls = [wall_of(start + 60 * minute, zone) for minute in range(minutes)]
    same_day = [one for one in diary if wall_of(one.start, zone).date() == walls[0].date()]
    return (
        slowly_open(rule, zone, start, minutes)
        and (not rule.services or SERVICE in rule.services)
        and not any(wall.date() in availability.holidays for wall in walls)
        and (availability.max_a_day is None or len(same_day) < availability.max_a_day)
    )


def wall_of(at: int, zone: str) -> datetime:
    """What the clock on the wall shows."""
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def slowly_open(rule: WeeklyRule, zone: str, start: int, minutes: int) -> bool:
    """Whether the clock on the wall shows open hours during every minute of a visit."""

    def shows(at: int) -> bool:
        wall = wall_of(at, zone)
        for back in (0, 1):
            begins = datetime.combine(wall.date() - timedelta(days=back), rule.start)
            if WEEKDAYS[begins.weekday()] in rule.weekdays and begins <= wall < begins + rule.length:
                return True
        return False

    return all(shows(start + 60 * minute) for minute in range(minutes))
