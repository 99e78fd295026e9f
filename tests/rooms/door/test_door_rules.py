"""What hosts decide at the door, hands, and the patient's yes: as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from telegut.rooms import evidence
from telegut.rooms.attendance import attendance
from telegut.rooms.door.rules import AdmitAll, Consent, Hand, LetBack, NotYours, SendBack
from telegut.rooms.evidence import Fact
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.step import step
from telegut.rooms.rules.visit import Phase, Place, Seat, Visit
from tests.rooms.test_rules import GUARDIAN, GUEST, HOST, NINE, OPENS, a_visit, after, put, with_seat, words

STUDENT = UUID(int=5)
MINUTE = timedelta(minutes=1)


def with_student(place: Place = Place.WAITING, consent: str = "asked") -> Visit:
    """A visit with the patient inside and a student somewhere."""
    visit = a_visit(host=Place.INSIDE, guest=Place.INSIDE)
    seat = put(Seat(STUDENT, "student", host=False, invited=HOST, consent=consent), place)
    return replace(visit, seats=(*visit.seats, seat))


@pytest.mark.parametrize(
    ("start", "place", "happened"),
    [
        (Place.INSIDE, Place.WAITING, ["sent_back"]),
        (Place.ADMITTED, Place.WAITING, ["sent_back"]),
        (Place.WAITING, Place.CHECKING, ["sent_back"]),
        (Place.CHECKING, Place.CHECKING, []),
        (Place.LEFT, Place.LEFT, []),
        (Place.EXPECTED, Place.EXPECTED, []),
    ],
)
def test_sending_back_is_one_step(start: Place, place: Place, happened: list[str]) -> None:
    visit, events = step(a_visit(host=Place.INSIDE, guest=start), SendBack(HOST, GUEST), NINE)

    assert (visit.seat(GUEST).state, words(events)) == (place, happened)


def test_who_was_sent_back_waits_and_is_let_in_again() -> None:
    visit = after(a_visit(host=Place.INSIDE, guest=Place.INSIDE), SendBack(HOST, GUEST))

    with pytest.raises(refusals.NotInside):
        step(visit, commands.Enter(GUEST), NINE)
    assert after(visit, commands.Admit(HOST, GUEST), commands.Enter(GUEST)).seat(GUEST).state is Place.INSIDE


def test_who_was_sent_back_while_away_waits_on_return() -> None:
    away = replace(put(Seat(GUEST, "patient", host=False), Place.AWAY), admitted=True)
    sent = after(with_seat(a_visit(host=Place.INSIDE), away), SendBack(HOST, GUEST))
    visit = after(sent, commands.Connect(GUEST))

    assert (True, False) == (away.seated, sent.seat(GUEST).seated)  # picture and sound end at once
    assert visit.seat(GUEST).state is Place.WAITING


def test_who_was_never_let_in_and_loses_the_connection_is_not_in_the_room() -> None:
    visit = after(a_visit(host=Place.INSIDE, guest=Place.WAITING), commands.Disconnect(GUEST))

    assert (Place.AWAY, False) == (visit.seat(GUEST).state, visit.seat(GUEST).seated)
    assert after(visit, commands.Disconnect(HOST)).seat(HOST).seated


def test_everybody_who_waits_is_admitted_but_who_the_patient_has_not_agreed_to() -> None:
    visit = with_seat(with_student(), put(Seat(GUARDIAN, "guardian", host=False), Place.WAITING))

    visit, happened = step(visit, AdmitAll(HOST), NINE)

    assert ["admitted"] == words(happened)
    assert (Place.ADMITTED, Place.WAITING) == (visit.seat(GUARDIAN).state, visit.seat(STUDENT).state)


@pytest.mark.parametrize("place", [Place.INSIDE, Place.WAITING, Place.AWAY, Place.EXPECTED])
def test_who_was_sent_out_cannot_come_back_until_a_host_lets_them(place: Place) -> None:
    visit = after(a_visit(host=Place.INSIDE, guest=place), commands.Remove(HOST, GUEST))

    with pytest.raises(refusals.Barred):
        step(visit, commands.Connect(GUEST), NINE)
    back = after(visit, LetBack(HOST, GUEST), commands.Connect(GUEST))
    assert back.seat(GUEST).state is Place.CHECKING


@pytest.mark.parametrize("command", [AdmitAll(GUEST), SendBack(GUEST, GUARDIAN), LetBack(GUEST, GUARDIAN)])
def test_only_a_host_decides(command: commands.Command) -> None:
    with pytest.raises(refusals.NotTheHost):
        step(a_visit(host=Place.INSIDE, guest=Place.INSIDE, guardian=Place.WAITING), command, NINE)


def test_a_host_is_not_sent_back() -> None:
    with pytest.raises(refusals.NotInside):
        step(a_visit(host=Place.INSIDE), SendBack(HOST, HOST), NINE)


def test_a_hand_is_raised_by_oneself_and_lowered_by_oneself_or_a_host() -> None:
    visit = a_visit(host=Place.INSIDE, guest=Place.INSIDE, guardian=Place.INSIDE)

    up, happened = step(visit, Hand(GUEST, GUEST, True), NINE)

    assert (NINE, ["hand_raised"]) == (up.seat(GUEST).hand, words(happened))
    assert step(up, Hand(GUEST, GUEST, True), NINE)[1] == ()
    with pytest.raises(refusals.NotTheHost):
        step(up, Hand(GUARDIAN, GUEST, False), NINE)
    assert after(up, Hand(HOST, GUEST, False)).seat(GUEST).hand is None
    assert after(visit, Hand(HOST, GUEST, True)).seat(GUEST).hand is None
    with pytest.raises(refusals.NotInside):
        step(a_visit(guest=Place.WAITING), Hand(GUEST, GUEST, True), NINE)


@pytest.mark.parametrize("command", [commands.Leave(GUEST), commands.Remove(HOST, GUEST), SendBack(HOST, GUEST)])
def test_a_hand_goes_down_with_its_person(command: commands.Command) -> None:
    visit = after(a_visit(host=Place.INSIDE, guest=Place.INSIDE), Hand(GUEST, GUEST, True), command)

    assert visit.seat(GUEST).hand is None


def test_a_student_comes_in_once_the_patient_said_yes() -> None:
    visit = with_student()

    with pytest.raises(refusals.NoConsent):
        step(visit, commands.Admit(HOST, STUDENT), NINE)
    with pytest.raises(NotYours):
        step(visit, Consent(HOST, STUDENT, True), NINE)
    with pytest.raises(NotYours):
        step(visit, Consent(STUDENT, STUDENT, True), NINE)
    agreed = after(visit, Consent(GUEST, STUDENT, True), commands.Admit(HOST, STUDENT), commands.Enter(STUDENT))
    assert agreed.seat(STUDENT).state is Place.INSIDE
    gone, happened = step(agreed, Consent(GUEST, STUDENT, False), NINE)
    assert (Place.LEFT, ["refused", "removed"]) == (gone.seat(STUDENT).state, words(happened))
    with pytest.raises(refusals.NoConsent):
        step(after(gone, commands.Connect(STUDENT), commands.Knock(STUDENT)), commands.Admit(HOST, STUDENT), NINE)


def test_a_host_with_a_companion_alone_is_no_visit() -> None:
    visit = a_visit(host=Place.INSIDE)
    for role in ("interpreter", "supporter", "student"):
        seat = replace(put(Seat(STUDENT, role, host=False), Place.ADMITTED), consent="given")
        alone = after(replace(visit, seats=(*visit.seats, seat)), commands.Enter(STUDENT))
        assert alone.phase is Phase.OPEN


def test_the_record_says_who_was_there_when() -> None:
    """The first practitioner leaves, the second goes on; the patient was sent back for a while."""
    second = Seat(UUID(int=2), "nutritionist", host=True)
    seats = (*a_visit().seats, second)
    told = [
        (0, "entered", HOST),
        (1, "admitted", GUEST),
        (2, "entered", GUEST),
        (10, "entered", second.account),
        (12, "left", HOST),
        (14, "sent_back", GUEST),
        (15, "admitted", GUEST),
        (16, "entered", GUEST),
    ]
    facts = [Fact(OPENS.replace(minute=50) + minute * MINUTE, word, who) for minute, word, who in told]
    until = facts[0].at + 20 * MINUTE

    found = attendance(facts, seats, until)

    stays = {
        one.seat.account: [
            (int((stay.start - facts[0].at) / MINUTE), int((stay.end - facts[0].at) / MINUTE)) for stay in one.stays
        ]
        for one in found
    }
    assert {HOST: [(0, 12)], GUEST: [(2, 14), (16, 20)], second.account: [(10, 20)]} == stays
    assert [HOST, GUEST, second.account] == [one.seat.account for one in found]
    assert evidence.presence(facts, GUEST, until)[0].end == until  # waiting again is still having come
