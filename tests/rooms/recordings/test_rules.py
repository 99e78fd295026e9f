"""When a visit may be recorded: a table of what people say and do, and what becomes of the recording."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from telegut.rooms.recordings import rules
from telegut.rooms.recordings.rules import Answer, Command, Ending, Fail, Look, Over, Recording, State, Stop

HOST, PATIENT, GUARDIAN, STRANGER = (UUID(int=number) for number in range(1, 5))
AT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
TWO, THREE = frozenset({HOST, PATIENT}), frozenset({HOST, PATIENT, GUARDIAN})

ASKED = rules.begin(UUID(int=9), HOST)
RUNNING = replace(ASKED, state=State.RUNNING, agreed=TWO, started_at=AT)
PAUSED = replace(RUNNING, state=State.PAUSED)

TABLE: list[tuple[str, Recording, Command, frozenset[UUID], State, Ending | None]] = [
    ("nothing begins before the other has answered", ASKED, Look(), TWO, State.ASKED, None),
    ("a yes of all begins it", ASKED, Answer(PATIENT, True), TWO, State.RUNNING, None),
    ("a yes of some does not", ASKED, Answer(PATIENT, True), THREE, State.ASKED, None),
    ("who has not answered and goes is not waited for", replace(ASKED, agreed=TWO), Look(), TWO, State.RUNNING, None),
    ("nobody is recorded alone", ASKED, Look(), frozenset({HOST}), State.ASKED, None),
    ("a no ends what was asked", ASKED, Answer(PATIENT, False), TWO, State.ENDED, Ending.DECLINED),
    ("who asked takes it back", ASKED, Stop(HOST), TWO, State.ENDED, Ending.STOPPED),
    ("somebody new pauses it", RUNNING, Look(), THREE, State.PAUSED, None),
    ("their yes lets it go on", PAUSED, Answer(GUARDIAN, True), THREE, State.RUNNING, None),
    ("their no ends it", PAUSED, Answer(GUARDIAN, False), THREE, State.ENDED, Ending.DECLINED),
    ("they go again without a word", PAUSED, Look(), TWO, State.RUNNING, None),
    ("who is left alone is not recorded", RUNNING, Look(), frozenset({HOST}), State.PAUSED, None),
    ("nobody is there", RUNNING, Look(), frozenset(), State.PAUSED, None),
    ("the patient stops it", RUNNING, Stop(PATIENT), TWO, State.ENDED, Ending.STOPPED),
    ("the newcomer stops it", PAUSED, Stop(GUARDIAN), THREE, State.ENDED, Ending.STOPPED),
    ("the visit ends", RUNNING, Over(), frozenset(), State.ENDED, Ending.OVER),
    ("the visit ends before anybody answered", ASKED, Over(), TWO, State.ENDED, Ending.OVER),
    ("the disk fails", RUNNING, Fail(Ending.DISK), TWO, State.ENDED, Ending.DISK),
    ("a yes twice is one", RUNNING, Answer(PATIENT, True), TWO, State.RUNNING, None),
]


@pytest.mark.parametrize(
    ("before", "command", "present", "state", "ending"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_becomes_of_a_recording(
    before: Recording, command: Command, present: frozenset[UUID], state: State, ending: Ending | None
) -> None:
    after = rules.step(before, command, present, LATER)
    assert (after.state, after.ending) == (state, ending)
    assert (after.ended_at is not None) is (state is State.ENDED)
    if state is State.RUNNING:
        assert present <= after.agreed


def test_the_time_it_began_stays() -> None:
    begun = rules.step(ASKED, Answer(PATIENT, True), TWO, AT)
    paused = rules.step(begun, Look(), THREE, LATER)
    assert rules.step(paused, Look(), TWO, LATER).started_at == begun.started_at == AT


def test_what_has_ended_stays_so() -> None:
    ended = rules.step(RUNNING, Stop(PATIENT), TWO, AT)
    assert rules.step(ended, Stop(HOST), TWO, LATER) == ended
    assert rules.step(ended, Look(), TWO, LATER) == ended
    assert rules.step(ended, Over(), TWO, LATER) == ended
    with pytest.raises(rules.RecordingEnded):
        rules.step(ended, Answer(PATIENT, True), TWO, LATER)


def test_only_who_is_in_the_room_is_heard() -> None:
    for command in (Answer(STRANGER, True), Answer(STRANGER, False), Stop(STRANGER)):
        with pytest.raises(rules.NotInTheRoom):
            rules.step(RUNNING, command, TWO, LATER)


def test_who_is_missing() -> None:
    assert PAUSED.missing(THREE) == {GUARDIAN}
    assert RUNNING.missing(TWO) == frozenset()
