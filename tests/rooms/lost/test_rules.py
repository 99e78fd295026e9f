"""Lost minutes, as tables: where a stretch ends, what overlaps, what it suggests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from telegut.rooms import events
from telegut.rooms.evidence import Fact, Interval, Outcome
from telegut.rooms.lost.rules import Lost, Stretch, settled, suggested, together

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LENA, AMARA = uuid4(), uuid4()


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def stretch(since: float, until: float | None) -> Stretch:
    """Amara's page heard nothing of Lena."""
    return Stretch(LENA, AMARA, at(since), None if until is None else at(until))


@pytest.mark.parametrize(
    ("until", "facts", "ends"),
    [
        (20, [], 20),
        (None, [], 600),
        (None, [(30, events.ENDED, None)], 30),
        (None, [(30, events.CLOSED, None)], 30),
        (None, [(15, events.LEFT, LENA)], 15),
        (None, [(15, events.REMOVED, LENA)], 15),
        (None, [(15, events.SENT_BACK, LENA)], 15),
        (None, [(25, events.SENT_BACK, AMARA)], 25),
        (None, [(15, events.LOST, LENA)], 600),
        (None, [(25, events.LOST, AMARA)], 25),
        (None, [(25, events.LEFT, AMARA)], 25),
        (None, [(5, events.LOST, AMARA)], 600),
        (20, [(30, events.ENDED, None)], 20),
    ],
)
def test_a_stretch_ends_with_whatever_comes_first(
    until: float | None, facts: list[tuple[float, str, UUID | None]], ends: float
) -> None:
    seen = [Fact(at(when), word, account) for when, word, account in facts]

    assert settled([stretch(10, until)], seen, at(600)) == [Lost(LENA, Interval(at(10), at(ends)))]


def test_who_says_of_themselves_that_they_hear_nothing_may_lose_the_line_too() -> None:
    own = Stretch(LENA, LENA, at(10), at(60))

    assert settled([own], [Fact(at(20), events.LOST, LENA)], at(600)) == [Lost(LENA, Interval(at(10), at(60)))]


def test_a_stretch_of_no_length_is_none_and_they_come_in_order() -> None:
    found = settled([stretch(50, 60), stretch(40, 40), stretch(10, 20)], [], at(600))

    assert [one.during.start for one in found] == [at(10), at(50)]


@pytest.mark.parametrize(
    ("stretches", "seconds"),
    [([], 0), ([(0, 10)], 10), ([(0, 10), (5, 15)], 15), ([(0, 30), (5, 15)], 30), ([(20, 30), (0, 10)], 20)],
)
def test_what_overlaps_counts_once(stretches: list[tuple[float, float]], seconds: float) -> None:
    lost = [Lost(LENA, Interval(at(since), at(until))) for since, until in stretches]

    assert together(lost) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("decided", "shared", "lost", "says"),
    [
        (Outcome.ATTENDED, 1800, 0, Outcome.ATTENDED),
        (Outcome.ATTENDED, 1800, 600, Outcome.ATTENDED),
        (Outcome.ATTENDED, 90, 0, Outcome.ATTENDED),
        (Outcome.ATTENDED, 200, 120, Outcome.TECHNICAL),
        (Outcome.ATTENDED, 200, 90, Outcome.ATTENDED),
        (Outcome.ATTENDED, 1800, 1000, Outcome.ATTENDED),
        (Outcome.PATIENT_ABSENT, 0, 100, Outcome.PATIENT_ABSENT),
        (Outcome.PRACTITIONER_ABSENT, 0, 100, Outcome.PRACTITIONER_ABSENT),
        (Outcome.TECHNICAL, 0, 0, Outcome.TECHNICAL),
    ],
)
def test_a_call_that_was_mostly_lost_suggests_that_it_was_technical(
    decided: Outcome, shared: float, lost: float, says: Outcome
) -> None:
    found = suggested(decided, timedelta(seconds=shared), timedelta(seconds=lost), timedelta(seconds=120))

    assert found is says
