"""The four outcomes, from what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from telegut.rooms.evidence import Fact, Interval, Outcome, inside, outcome, presence, together

HOST = UUID(int=1)
SECOND = UUID(int=2)
GUEST = UUID(int=3)
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def at(minute: float, word: str, who: UUID | None = None) -> Fact:
    """Something that happened *minute* minutes after nine."""
    return Fact(NINE + timedelta(minutes=minute), word, who)


def span(start: float, end: float) -> Interval:
    """From *start* to *end* minutes after nine."""
    return Interval(NINE + timedelta(minutes=start), NINE + timedelta(minutes=end))


def of(*facts: Fact, until: float = 30) -> Outcome:
    """The outcome of a visit at nine with one host and one guest."""
    return outcome(
        facts,
        hosts=[HOST],
        guests=[GUEST],
        starts=NINE,
        until=NINE + timedelta(minutes=until),
        enough=timedelta(minutes=2),
    )


CALL = (
    at(-5, "entered", HOST),
    at(-4, "arrived", GUEST),
    at(-3, "knocked", GUEST),
    at(0, "admitted", GUEST),
    at(0, "entered", GUEST),
    at(0, "started"),
)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param((), Outcome.PRACTITIONER_ABSENT, id="nobody came"),
        pytest.param((at(0, "entered", HOST), at(25, "ended")), Outcome.PATIENT_ABSENT, id="only the practitioner"),
        pytest.param(
            (at(-10, "entered", HOST), at(-2, "lost", HOST)),
            Outcome.PRACTITIONER_ABSENT,
            id="the practitioner looked in before and did not come back",
        ),
        pytest.param((at(-5, "arrived", GUEST),), Outcome.PRACTITIONER_ABSENT, id="only the patient, at the check"),
        pytest.param(
            (at(-5, "arrived", GUEST), at(-4, "knocked", GUEST), at(20, "left", GUEST)),
            Outcome.PRACTITIONER_ABSENT,
            id="the patient waited for nobody",
        ),
        pytest.param(
            (at(0, "entered", HOST), at(1, "arrived", GUEST), at(2, "knocked", GUEST)),
            Outcome.TECHNICAL,
            id="both came and never met",
        ),
        pytest.param((*CALL, at(25, "ended")), Outcome.ATTENDED, id="a call that a host ended"),
        pytest.param((*CALL, at(0.1, "ended")), Outcome.ATTENDED, id="a short call that a host ended"),
        pytest.param(
            (*CALL, at(0.2, "media_failed", GUEST), at(5, "ended")), Outcome.TECHNICAL, id="no picture, no sound"
        ),
        pytest.param(
            (*CALL, at(0.2, "media_failed", GUEST), at(1, "media_flows", GUEST), at(25, "ended")),
            Outcome.ATTENDED,
            id="a bad start that mended",
        ),
        pytest.param(
            (*CALL, at(0.5, "lost", GUEST), at(20, "lost", HOST), at(60, "closed")),
            Outcome.TECHNICAL,
            id="lost after half a minute and never back",
        ),
        pytest.param(
            (*CALL, at(20, "lost", GUEST), at(21, "lost", HOST), at(60, "closed")),
            Outcome.ATTENDED,
            id="held, and nobody pressed End",
        ),
        pytest.param(
            (*CALL, at(1, "left", GUEST), at(20, "lost", HOST), at(60, "closed")),
            Outcome.ATTENDED,
            id="short, but the patient left on purpose",
        ),
    ],
)
def test_the_outcome_follows_from_what_happened(facts: tuple[Fact, ...], expected: Outcome) -> None:
    assert expected == of(*facts)


def test_presence_is_counted_from_the_first_sight_to_the_loss() -> None:
    facts = (*CALL, at(10, "lost", GUEST), at(12, "returned", GUEST), at(25, "ended"))

    assert (span(-4, 10), span(12, 25)) == presence(facts, GUEST, NINE + timedelta(minutes=30))


def test_being_in_the_waiting_room_is_not_being_inside() -> None:
    facts = (*CALL, at(25, "ended"))

    assert (span(0, 25),) == inside(facts, GUEST, NINE + timedelta(minutes=30))


def test_coming_back_to_the_waiting_room_is_not_being_inside() -> None:
    facts = (at(-4, "arrived", GUEST), at(-3, "knocked", GUEST), at(-2, "lost", GUEST), at(-1, "returned", GUEST))

    assert inside(facts, GUEST, NINE) == ()


def test_coming_back_after_an_admission_that_was_missed_is_being_inside() -> None:
    facts = (
        at(-4, "arrived", GUEST),
        at(-3, "knocked", GUEST),
        at(-2, "lost", GUEST),
        at(-1, "admitted", GUEST),
        at(0, "entered", GUEST),
    )

    assert (span(0, 5),) == inside(facts, GUEST, NINE + timedelta(minutes=5))


def test_what_goes_on_counts_up_to_now() -> None:
    assert (span(-5, 7),) == presence(CALL, HOST, NINE + timedelta(minutes=7))


def test_together_is_the_longest_pair() -> None:
    facts = (*CALL, at(5, "entered", SECOND), at(20, "lost", HOST), at(25, "ended"))

    shared = together(facts, [HOST, SECOND], [GUEST], NINE + timedelta(minutes=25))

    assert timedelta(minutes=20) == shared


def test_people_who_never_met_were_never_together() -> None:
    facts = (at(0, "entered", HOST), at(1, "left", HOST), at(2, "admitted", GUEST), at(2, "entered", GUEST))

    assert together(facts, [HOST], [GUEST], NINE + timedelta(minutes=9)) is None
