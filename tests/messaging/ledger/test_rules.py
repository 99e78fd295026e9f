"""The ledger's rules as tables: whose turn it is, by when, in whose hours."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from telegut.errors import Invalid
from telegut.messaging.ledger import order
from telegut.messaging.ledger.hours import Away, Roster, Spans, answering, clinic_week, stretches, working
from telegut.messaging.ledger.on_call import OnCall
from telegut.messaging.ledger.order import Group, group_of
from telegut.messaging.ledger.rosters import Hours
from telegut.messaging.ledger.rules import (
    Ending,
    Fact,
    Hands,
    Standing,
    State,
    check_reason,
    follow,
    lead_on,
    must_begin_anew,
)
from telegut.messaging.ledger.urgency import Pace, next_step, there, whose
from telegut.messaging.promise import parse_staffed_hours
from telegut.messaging.rules import EntryType
from telegut.scheduling import zones
from telegut.scheduling.rules import Availability, Exceptional, Kind, WeeklyRule

LENA, MOTHER, JONAS, AMARA, HENRIK = (UUID(int=number) for number in range(1, 6))
FAMILY = {LENA, MOTHER}
BERLIN = "Europe/Berlin"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 in Berlin
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")


def _log(*said: tuple[EntryType, UUID | None]) -> list[Fact]:
    """One entry an hour: a word, or a change with whom it is about."""
    facts = []
    for seq, (kind, who) in enumerate(said, start=1):
        at = MONDAY + timedelta(hours=seq)
        facts.append(Fact(seq, kind, at, who, who) if kind is EntryType.SENT else Fact(seq, kind, at, JONAS, who))
    return facts


SENT, ASSIGNED, UNASSIGNED = EntryType.SENT, EntryType.ASSIGNED, EntryType.UNASSIGNED
EDITED, RETRACTED = EntryType.EDITED, EntryType.RETRACTED
WAITING, SETTLED, LEFT = EntryType.WAITING, EntryType.SETTLED, EntryType.MEMBER_REMOVED


@pytest.mark.parametrize(
    ("said", "state", "owner", "since", "version"),
    [
        ([], State.SETTLED, None, None, 0),
        ([(SENT, LENA)], State.OWED, None, 1, 1),
        ([(SENT, LENA), (SENT, LENA)], State.OWED, None, 1, 2),
        ([(SENT, LENA), (SENT, MOTHER)], State.OWED, None, 1, 2),
        ([(SENT, LENA), (SENT, JONAS)], State.SETTLED, None, None, 2),
        ([(SENT, JONAS)], State.SETTLED, None, None, 1),
        ([(SENT, LENA), (SENT, JONAS), (SENT, LENA)], State.OWED, None, 3, 3),
        ([(SENT, LENA), (ASSIGNED, AMARA)], State.OWED, AMARA, 1, 2),
        ([(ASSIGNED, AMARA), (SENT, LENA), (SENT, JONAS)], State.SETTLED, AMARA, None, 3),
        ([(ASSIGNED, AMARA), (SENT, LENA), (UNASSIGNED, AMARA)], State.OWED, None, 2, 3),
        ([(ASSIGNED, AMARA), (SENT, LENA), (LEFT, AMARA)], State.OWED, None, 2, 3),
        ([(ASSIGNED, AMARA), (SENT, LENA), (LEFT, JONAS)], State.OWED, AMARA, 2, 2),
        ([(SENT, LENA), (WAITING, LENA)], State.WAITING, None, None, 2),
        ([(SENT, LENA), (WAITING, LENA), (SENT, JONAS)], State.WAITING, None, None, 3),
        ([(SENT, LENA), (WAITING, LENA), (SENT, LENA)], State.OWED, None, 3, 3),
        ([(SENT, LENA), (SETTLED, JONAS)], State.SETTLED, None, None, 2),
        ([(SENT, LENA), (SETTLED, JONAS), (SENT, LENA)], State.OWED, None, 3, 3),
    ],
)
def test_the_turn_follows_from_the_log(
    said: list[tuple[EntryType, UUID | None]], state: State, owner: UUID | None, since: int | None, version: int
) -> None:
    standing, _ = lead_on(Standing(), _log(*said), FAMILY)

    found = (standing.state, standing.owner, standing.since_seq, standing.version)
    assert (state, owner, since, version) == found


def _from_scratch(facts: list[Fact]) -> tuple[State, UUID | None, int | None]:
    """What is so after the whole log, said in another way: from its end backwards."""
    owner = None
    for fact in facts:
        if fact.type is ASSIGNED:
            owner = fact.about
        elif fact.type is UNASSIGNED or (fact.type is LEFT and fact.about == owner):
            owner = None
    asked = [fact.seq for fact in facts if fact.type is SENT and fact.sender in FAMILY]
    answers = [
        one.seq for one in facts if one.type in (WAITING, SETTLED) or (one.type is SENT and one.seq not in asked)
    ]
    open_ones = [seq for seq in asked if seq > max(answers, default=0)]
    if open_ones:
        return State.OWED, owner, open_ones[0]
    marks = [fact for fact in facts if fact.type in (WAITING, SETTLED) and fact.seq > max(asked, default=0)]
    waits = bool(marks) and marks[-1].type is WAITING
    return State.WAITING if waits else State.SETTLED, owner, None


@pytest.mark.parametrize("seed", range(60))
def test_a_standing_that_is_led_on_is_the_one_derived_anew(seed: int) -> None:
    dice = random.Random(seed)
    said: list[tuple[EntryType, UUID | None]] = []
    for _ in range(40):
        kind = dice.choice([SENT] * 6 + [ASSIGNED, UNASSIGNED, WAITING, SETTLED, LEFT])
        said.append((kind, dice.choice([LENA, MOTHER, JONAS, AMARA] if kind is SENT else [JONAS, AMARA])))
    facts = _log(*said)

    kept, rest = Standing(), list(facts)
    while rest:
        cut = dice.randint(1, len(rest))
        kept, _ = lead_on(kept, rest[:cut], FAMILY)
        rest = rest[cut:]
    whole, debts = lead_on(Standing(), facts, FAMILY)

    assert whole == kept
    assert _from_scratch(facts) == (whole.state, whole.owner, whole.since_seq)
    assert [one for one in debts if one.ended_at is None] == ([debts[-1]] if whole.state is State.OWED else [])


def _taken_back(facts: list[Fact], words: int, *, by: UUID) -> list[Fact]:
    """*facts* with the message of number *words* taken back at their end, as a reader finds them."""
    gone = [replace(one, taken_back=True) if one.seq == words else one for one in facts]
    return [*gone, Fact(len(facts) + 1, RETRACTED, MONDAY + timedelta(hours=len(facts) + 1), by)]


@pytest.mark.parametrize(
    ("said", "words", "state", "since"),
    [
        ([(SENT, LENA), (SENT, JONAS)], 2, State.OWED, 1),
        ([(SENT, LENA), (SENT, JONAS), (SENT, AMARA)], 2, State.SETTLED, None),
        ([(SENT, LENA), (SENT, JONAS), (SENT, LENA)], 2, State.OWED, 1),
        ([(SENT, LENA), (SENT, JONAS), (SETTLED, AMARA)], 2, State.SETTLED, None),
        ([(SENT, LENA), (SENT, JONAS), (WAITING, LENA)], 2, State.WAITING, None),
        ([(SENT, LENA), (SENT, JONAS), (ASSIGNED, AMARA)], 2, State.OWED, 1),
        ([(SENT, JONAS)], 1, State.SETTLED, None),
    ],
)
def test_a_word_that_was_taken_back_has_answered_nothing(
    said: list[tuple[EntryType, UUID | None]], words: int, state: State, since: int | None
) -> None:
    facts = _taken_back(_log(*said), words, by=JONAS)

    standing, debts = lead_on(Standing(), facts, FAMILY)

    assert (state, since, len(facts)) == (standing.state, standing.since_seq, standing.version)
    assert must_begin_anew(facts, FAMILY)
    assert [] == [one for one in debts if one.seq == 3 and since == 1]


def test_what_the_patient_takes_back_waits_for_a_word_all_the_same() -> None:
    facts = _taken_back(_log((SENT, LENA)), 1, by=LENA)

    standing, _ = lead_on(Standing(), facts, FAMILY)

    assert (State.OWED, 1, 1) == (standing.state, standing.since_seq, standing.version)
    assert not must_begin_anew(facts, FAMILY)


def test_an_urgent_word_is_urgent_again_when_its_answer_was_taken_back() -> None:
    asked = replace(_log((SENT, LENA))[0], urgent=True)
    facts = _taken_back([asked, *_log((SENT, LENA), (SENT, JONAS))[1:]], 2, by=JONAS)

    standing, _ = lead_on(Standing(), facts, FAMILY)

    assert (True, MONDAY + timedelta(hours=1)) == (standing.urgent, standing.since)


@pytest.mark.parametrize(
    ("said", "state", "since", "version"),
    [
        ([(SENT, LENA), (SENT, JONAS), (EDITED, LENA)], State.OWED, 3, 3),
        ([(SENT, LENA), (WAITING, LENA), (EDITED, MOTHER)], State.OWED, 3, 3),
        ([(SENT, LENA), (EDITED, LENA)], State.OWED, 1, 2),
        ([(SENT, LENA), (SENT, JONAS), (EDITED, JONAS)], State.SETTLED, None, 2),
        ([(SENT, LENA), (SENT, JONAS), (EDITED, LENA), (SENT, JONAS)], State.SETTLED, None, 4),
    ],
)
def test_other_words_after_the_answer_are_asked_anew(
    said: list[tuple[EntryType, UUID | None]], state: State, since: int | None, version: int
) -> None:
    facts = [replace(fact, sender=who) for fact, (_, who) in zip(_log(*said), said, strict=True)]

    standing, _ = lead_on(Standing(), facts, FAMILY)

    assert (state, since, version) == (standing.state, standing.since_seq, standing.version)


def test_every_debt_says_how_it_ended() -> None:
    facts = _log(
        (SENT, LENA), (SENT, JONAS), (SENT, LENA), (SETTLED, AMARA), (SENT, LENA), (WAITING, LENA), (SENT, LENA)
    )

    _, debts = lead_on(Standing(), facts, FAMILY)

    assert [(1, Ending.ANSWERED), (3, Ending.SETTLED), (5, Ending.WAITING), (7, None)] == [
        (one.seq, one.ending) for one in debts
    ]


def test_an_urgent_word_makes_the_whole_debt_urgent_until_it_is_answered() -> None:
    first = follow(Standing(), Fact(1, SENT, MONDAY, LENA), FAMILY)
    urgent = follow(first, Fact(2, SENT, MONDAY, LENA, urgent=True), FAMILY)

    assert [False, True, False] == [
        one.urgent for one in (first, urgent, follow(urgent, Fact(3, SENT, MONDAY, JONAS), FAMILY))
    ]


@pytest.mark.parametrize(
    ("urgent", "overtaken", "state"),
    [
        (False, False, State.SETTLED),  # they had read it, and chose the morning for the answer
        (False, True, State.OWED),
        (True, False, State.OWED),
        (True, True, State.OWED),
    ],
)
def test_what_the_clock_sends_answers_what_its_writer_knew_and_nothing_urgent(
    urgent: bool, overtaken: bool, state: State
) -> None:
    asked = follow(Standing(), Fact(1, SENT, MONDAY, LENA, urgent=urgent), FAMILY)

    after = follow(asked, Fact(2, SENT, MONDAY, JONAS, scheduled=True, overtaken=overtaken), FAMILY)

    assert (state, urgent, 2) == (after.state, after.urgent, after.version)
    assert State.SETTLED is follow(after, Fact(3, SENT, MONDAY, JONAS), FAMILY).state


# --- by when


def _hours(
    days: tuple[str, ...], start: int, end: int, *, off: tuple[Exceptional, ...] = (), zone: str = BERLIN
) -> Availability:
    return Availability(zone, (WeeklyRule(days, time(start), time(end)),), off)


def _utc(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _spans(availability: Availability, since: datetime) -> Spans:
    return working(availability, zones.seconds(since) - zones.DAY, zones.seconds(since) + 40 * zones.DAY)


CLINIC = clinic_week(parse_staffed_hours("MO-FR 09:00-17:00"), BERLIN, [])
OFF_TUESDAY = (Exceptional(datetime(2026, 11, 24), datetime(2026, 11, 25), Kind.OFF),)
EXTRA_SATURDAY = (Exceptional(datetime(2026, 11, 28, 10), datetime(2026, 11, 28, 14), Kind.EXTRA),)


@pytest.mark.parametrize(
    ("hours", "since", "due"),
    [
        # Berlin is an hour ahead of UTC in winter. Eight hours from Monday 10:00: Tuesday 10:00.
        (_hours(WEEKDAYS, 9, 17), MONDAY, _utc(24, 9)),
        # Part time: Monday and Thursday mornings, four hours each.
        (_hours(("MO", "TH"), 9, 13), MONDAY, _utc(30, 9)),
        # Time off moves it on, extra hours bring it near.
        (_hours(WEEKDAYS, 9, 17, off=OFF_TUESDAY), MONDAY, _utc(25, 9)),
        (_hours(("MO",), 9, 13, off=EXTRA_SATURDAY), MONDAY, _utc(30, 9)),
        # A holiday of the clinic on Tuesday.
        (Availability(BERLIN, CLINIC.rules, holidays=(date(2026, 11, 24),)), MONDAY, _utc(25, 9)),
        # On a Friday evening: Monday at the end of the day.
        (_hours(WEEKDAYS, 9, 17), _utc(27, 17), _utc(30, 16)),
        # Clocks go back on 25 October 2026: Friday 14:00 (12:00Z) has three hours left, five more on Monday (CET).
        (_hours(WEEKDAYS, 9, 17), _utc(23, 12, month=10), _utc(26, 13, month=10)),
        # A night over that change is an hour longer: 22:00 to 06:00 on the wall are nine hours.
        (_hours(("SA",), 22, 6), _utc(24, 20, month=10), _utc(25, 4, month=10)),
        # Clocks go forward on 28 March 2027: the night has seven hours; the eighth is a week later.
        (_hours(("SA",), 22, 6), _utc(27, 21, month=3, year=2027), _utc(3, 21, month=4, year=2027)),
        # The hours of somebody in New York count on their own wall (five hours behind UTC).
        (_hours(WEEKDAYS, 9, 17, zone="America/New_York"), MONDAY, _utc(23, 22)),
    ],
)
def test_a_promise_counts_the_working_hours_of_who_made_it(hours: Availability, since: datetime, due: datetime) -> None:
    roster = Roster(_spans(CLINIC, since), {JONAS: _spans(hours, since)})

    found = roster.due(stretches(((since, JONAS),), ()), 8 * 3600)

    assert found is not None
    assert due == zones.instant(found)


JONAS_WORKS = _hours(WEEKDAYS, 9, 17)
AMARA_WORKS = _hours(("TH", "FR"), 9, 13)
NOBODY_WORKS = Availability(BERLIN)


@pytest.mark.parametrize(
    ("hands", "aways", "due"),
    [
        # Jonas, Monday 10:00 to 14:00 (four hours); then Amara, whose next four hours are Thursday's.
        (((MONDAY, JONAS), (_utc(23, 13), AMARA)), (), _utc(26, 12)),
        # Amara first, without an hour of hers over; then Jonas has all eight.
        (((MONDAY, AMARA), (_utc(23, 13), JONAS)), (), _utc(24, 13)),
        # Nobody in particular: the clinic's hours; so has somebody without hours of their own.
        (((MONDAY, None),), (), _utc(24, 9)),
        (((MONDAY, MOTHER),), (), _utc(24, 9)),
        # Jonas is away for the whole week: Amara's hours count, Thursday and Friday.
        (((MONDAY, JONAS),), (Away(JONAS, AMARA, _utc(22, 23), _utc(29, 23)),), _utc(27, 12)),
        # He leaves on Monday at 14:00 and is back on Wednesday: four hours, then four more.
        (((MONDAY, JONAS),), (Away(JONAS, AMARA, _utc(23, 13), _utc(24, 23)),), _utc(25, 12)),
        # A cover who is away too has a cover; a circle of covers is the team.
        (
            ((MONDAY, AMARA),),
            (Away(AMARA, LENA, _utc(22, 23), _utc(29, 23)), Away(LENA, JONAS, _utc(22, 23), _utc(29, 23))),
            _utc(24, 9),
        ),
        (
            ((MONDAY, AMARA),),
            (Away(AMARA, JONAS, _utc(22, 23), _utc(29, 23)), Away(JONAS, AMARA, _utc(22, 23), _utc(29, 23))),
            _utc(24, 9),
        ),
    ],
)
def test_time_is_added_up_through_hands_and_covers(hands: Hands, aways: tuple[Away, ...], due: datetime) -> None:
    people = {
        JONAS: _spans(JONAS_WORKS, MONDAY),
        AMARA: _spans(AMARA_WORKS, MONDAY),
        MOTHER: _spans(NOBODY_WORKS, MONDAY),
    }
    roster = Roster(_spans(CLINIC, MONDAY), people)
    having = stretches(hands, aways)

    found = roster.due(having, 8 * 3600)

    assert found is not None
    assert due == zones.instant(found)
    assert 8 * 3600 == roster.worked_s(having, found)


@pytest.mark.parametrize(
    ("hands", "due"),
    [
        (((MONDAY, None),), _utc(24, 9)),
        (((MONDAY, None), (_utc(23, 10), AMARA)), _utc(24, 9)),  # Amara's part time would make it Thursday
        (((MONDAY, AMARA), (_utc(23, 13), JONAS)), _utc(24, 13)),  # he is there earlier than she was
        (((MONDAY, AMARA), (_utc(23, 13), JONAS), (_utc(23, 14), AMARA)), _utc(24, 13)),
        ((), None),
    ],
)
def test_new_hands_never_put_off_what_the_patient_was_told(hands: Hands, due: datetime | None) -> None:
    people = {JONAS: _spans(JONAS_WORKS, MONDAY), AMARA: _spans(AMARA_WORKS, MONDAY)}
    hours = Hours(Roster(_spans(CLINIC, MONDAY), people), (), 8 * 3600)

    assert due == hours.promised(hands)


def test_a_clinic_without_hours_promises_nothing() -> None:
    roster = Roster((), {})

    assert None is roster.due(stretches(((MONDAY, None),), ()), 3600)
    assert (False, None) == (roster.at_work(None, 0), roster.next_work(None, 0))


def test_the_cover_answers_only_while_somebody_is_away() -> None:
    aways = (Away(JONAS, AMARA, _utc(24, 0), _utc(26, 0)),)

    assert [JONAS, AMARA, AMARA, JONAS] == [
        answering(JONAS, at, aways) for at in (_utc(23, 23, 59), _utc(24, 0), _utc(25, 23, 59), _utc(26, 0))
    ]


# --- the inbox's order


@pytest.mark.parametrize(
    ("state", "due", "group"),
    [
        (State.OWED, MONDAY - timedelta(seconds=1), Group.OVERDUE),
        (State.OWED, _utc(23, 22), Group.TODAY),
        (State.OWED, _utc(23, 23), Group.WEEK),  # midnight in Berlin has passed
        (State.OWED, _utc(30, 8), Group.WEEK),
        (State.OWED, _utc(30, 9), Group.LATER),
        (State.OWED, None, Group.LATER),
        (State.WAITING, None, Group.WAITING),
        (State.SETTLED, None, Group.SETTLED),
    ],
)
def test_groups_are_days_on_the_readers_wall(state: State, due: datetime | None, group: Group) -> None:
    assert group == group_of(state, due, MONDAY, BERLIN)


def test_the_inbox_begins_with_what_is_urgent_and_oldest_and_a_cursor_finds_its_place_again() -> None:
    ids = [UUID(int=number) for number in range(6)]
    places = [
        order.place(Group.SETTLED, False, None, MONDAY, ids[0]),
        order.place(Group.TODAY, False, _utc(23, 12), MONDAY, ids[1]),
        order.place(Group.TODAY, True, _utc(23, 14), MONDAY, ids[2]),
        order.place(Group.OVERDUE, False, _utc(22, 12), MONDAY, ids[3]),
        order.place(Group.SETTLED, False, None, MONDAY + timedelta(hours=1), ids[4]),
        order.place(Group.TODAY, False, _utc(23, 11), MONDAY, ids[5]),
    ]

    assert [3, 2, 5, 1, 4, 0] == [UUID(one.id).int for one in sorted(places)]
    assert places == [order.from_cursor(order.as_cursor(one)) for one in places]
    for cursor in ("", "nonsense", "AAAA", "x" * 300):
        with pytest.raises(Invalid):
            order.from_cursor(cursor)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.5, None), ([7], 0.9, 7), ([3, 1, 2], 0.5, 2), ([4, 1, 3, 2], 0.5, 2), (list(range(1, 11)), 0.9, 9)],
)
def test_percentiles_are_of_the_nearest_rank(values: list[int], share: float, found: int | None) -> None:
    assert found == order.percentile(values, share)


# --- urgent ones

PACE = Pace(timedelta(minutes=5), timedelta(minutes=2), 10)


@pytest.mark.parametrize(
    ("done", "last", "step", "minutes"),
    [(0, None, 1, 5), (1, 5, 2, 7), (9, 21, 10, 23), (1, 60, 2, 62), (10, 23, None, None)],
)
def test_steps_begin_after_five_minutes_and_come_every_two(
    done: int, last: int | None, step: int | None, minutes: int | None
) -> None:
    found = next_step(MONDAY, done, None if last is None else MONDAY + timedelta(minutes=last), PACE)

    assert (step, minutes) == (
        (None, None) if found is None else (found[0], (found[1] - MONDAY) // timedelta(minutes=1))
    )


def test_those_on_duty_are_told_by_turns() -> None:
    listed = [OnCall(JONAS, "MO-FR 09:00-17:00"), OnCall(AMARA), OnCall(MOTHER, "SA 10:00-12:00")]

    on_duty = there(listed, (), {JONAS, AMARA, MOTHER}, MONDAY, BERLIN)

    assert [JONAS, AMARA, JONAS] == [whose(step, on_duty) for step in (1, 2, 3)]
    assert (AMARA,) == there(listed, (), {JONAS, AMARA, MOTHER}, _utc(23, 20), BERLIN)
    assert None is whose(1, ())


@pytest.mark.parametrize(
    ("covers", "working", "told"),
    [
        ({}, {JONAS, AMARA, HENRIK}, (JONAS, AMARA)),
        ({JONAS: HENRIK}, {JONAS, AMARA, HENRIK}, (HENRIK, AMARA)),  # the cover, in their turn
        ({JONAS: AMARA}, {JONAS, AMARA, HENRIK}, (AMARA,)),  # the cover is on the list as well: told once
        ({JONAS: HENRIK}, {JONAS, AMARA}, (AMARA,)),  # the cover works here no more: the next on the list
        ({JONAS: HENRIK, AMARA: HENRIK}, {JONAS, AMARA}, ()),  # nobody: the whole team
        ({JONAS: AMARA, AMARA: JONAS}, {JONAS, AMARA}, ()),  # a circle is nobody
        ({}, {AMARA}, (AMARA,)),  # who left is not told
    ],
)
def test_who_is_on_call_and_away_is_stood_in_for(
    covers: dict[UUID, UUID], working: set[UUID], told: tuple[UUID, ...]
) -> None:
    day = timedelta(days=1)
    aways = [Away(person, cover, MONDAY - day, MONDAY + day) for person, cover in covers.items()]

    assert told == there([OnCall(JONAS), OnCall(AMARA)], aways, working, MONDAY, BERLIN)
    over = [replace(one, end=MONDAY) for one in aways]
    assert tuple(one for one in (JONAS, AMARA) if one in working) == there(
        [OnCall(JONAS), OnCall(AMARA)], over, working, MONDAY, BERLIN
    )


def test_a_reason_is_words_or_nothing() -> None:
    assert [None, None, "On leave"] == [check_reason(one) for one in (None, "  \n", " On leave ")]
    for wrong in ("x" * 1_001, "a\x00b"):
        with pytest.raises(Invalid):
            check_reason(wrong)
