"""Guests of a group, who come when everybody agreed, and what guests are shown: as tables."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from telegut.rooms.door.rules import AdmitAll, Consent, NotYours
from telegut.rooms.guests.panels import AnswerPanels, NotForThisPart, OfferPanels
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.commands import Admit, Enter
from telegut.rooms.rules.step import step
from telegut.rooms.rules.visit import Place, Seat, Visit
from tests.rooms.test_rules import GUARDIAN, GUEST, HOST, NINE, a_visit, after, put, words

LENA, TOM, MEI = UUID(int=11), UUID(int=12), UUID(int=13)
ADA = UUID(int=20)


def group(role: str = "supporter", *, mei: Place = Place.WAITING, consent: str | None = "asked") -> Visit:
    """Lena and Tom inside, Mei somewhere, and Ada who waits to come in."""
    people = [(LENA, Place.INSIDE), (TOM, Place.INSIDE), (MEI, mei)]
    members = [put(Seat(one, "patient", host=False, patient=one), place) for one, place in people]
    host = put(Seat(HOST, "consultant", host=True), Place.INSIDE)
    ada = put(Seat(ADA, role, host=False, invited=HOST, consent=consent), Place.WAITING)
    return replace(a_visit(), seats=(host, *members, ada))


def said(visit: Visit) -> str | None:
    """What stands about Ada."""
    return visit.consent_to(visit.seat(ADA))


def test_a_guest_comes_into_a_group_when_everybody_in_the_room_agreed() -> None:
    visit = after(group(), Consent(LENA, ADA, True))

    assert "asked" == said(visit)
    with pytest.raises(refusals.NoConsent):
        step(visit, Admit(HOST, ADA), NINE)
    assert Place.WAITING is after(visit, AdmitAll(HOST)).seat(ADA).state
    visit = after(visit, Consent(TOM, ADA, True))
    assert "given" == said(visit)
    assert Place.INSIDE is after(visit, Admit(HOST, ADA), Enter(ADA)).seat(ADA).state


def test_nobody_agreed_in_an_empty_room() -> None:
    visit = group(mei=Place.EXPECTED)
    empty = replace(visit, seats=tuple(replace(one, admitted=one.host) for one in visit.seats))

    assert "asked" == said(empty)


def test_whoever_comes_later_is_asked_and_the_guest_waits_until_then() -> None:
    there = after(group(), *(Consent(one, ADA, True) for one in (LENA, TOM)), Admit(HOST, ADA), Enter(ADA))

    visit, happened = step(there, Admit(HOST, MEI), NINE)

    assert (Place.WAITING, ["admitted", "sent_back"]) == (visit.seat(ADA).state, words(happened))
    back = after(visit, Consent(MEI, ADA, True), Admit(HOST, ADA), Enter(ADA))
    assert Place.INSIDE is back.seat(ADA).state
    said_before = after(there, Consent(MEI, ADA, True), Admit(HOST, MEI))
    assert Place.INSIDE is said_before.seat(ADA).state


def test_one_no_is_a_no_and_counts_of_those_who_are_in_the_room() -> None:
    there = after(group(), *(Consent(one, ADA, True) for one in (LENA, TOM)), Admit(HOST, ADA), Enter(ADA))

    assert Place.INSIDE is after(there, Consent(MEI, ADA, False)).seat(ADA).state
    gone, happened = step(there, Consent(TOM, ADA, False), NINE)
    assert (Place.LEFT, "refused", ["refused", "removed"]) == (gone.seat(ADA).state, said(gone), words(happened))
    assert "given" == said(after(gone, Consent(TOM, ADA, True)))
    assert "given" == said(after(gone, commands.Leave(TOM)))


def test_a_guardian_speaks_for_the_patient_they_are_there_for() -> None:
    visit = group()
    parent = put(Seat(GUARDIAN, "guardian", host=False, patient=LENA), Place.INSIDE)
    visit = replace(visit, seats=(*visit.seats, parent))

    assert "given" == said(after(visit, Consent(GUARDIAN, ADA, True), Consent(TOM, ADA, True)))


def test_an_interpreter_of_a_group_is_let_in_like_everybody() -> None:
    visit = group("interpreter", consent=None)

    assert None is said(after(visit, Consent(LENA, ADA, False)))
    assert Place.ADMITTED is after(visit, Admit(HOST, ADA)).seat(ADA).state


def with_guest(role: str) -> Visit:
    """A visit of one patient with a guest inside."""
    visit = a_visit(host=Place.INSIDE, guest=Place.INSIDE)
    ada = put(Seat(ADA, role, host=False, invited=HOST), Place.INSIDE)
    return replace(visit, seats=(*visit.seats, ada))


@pytest.mark.parametrize("role", ["interpreter", "supporter"])
def test_nothing_is_shown_to_a_guest_unless_asked_and_agreed(role: str) -> None:
    visit = with_guest(role)
    asked = after(visit, OfferPanels(HOST, ADA, True))

    assert None is after(visit, AnswerPanels(GUEST, ADA, True)).seat(ADA).panels
    assert "asked" == asked.seat(ADA).panels
    given = after(asked, AnswerPanels(GUARDIAN, ADA, True))
    assert "given" == given.seat(ADA).panels
    assert "refused" == after(given, AnswerPanels(GUEST, ADA, False)).seat(ADA).panels
    assert None is after(given, OfferPanels(HOST, ADA, False)).seat(ADA).panels
    assert ["panels_refused"] == words(step(given, AnswerPanels(GUEST, ADA, False), NINE)[1])
    assert [] == words(step(given, OfferPanels(HOST, ADA, True), NINE)[1])


@pytest.mark.parametrize(
    ("visit", "command", "refusal"),
    [
        (with_guest("student"), OfferPanels(HOST, ADA, True), NotForThisPart),
        (with_guest("supporter"), OfferPanels(HOST, GUEST, True), NotForThisPart),
        (with_guest("supporter"), OfferPanels(GUEST, ADA, True), refusals.NotTheHost),
        (with_guest("supporter"), OfferPanels(ADA, ADA, True), refusals.NotTheHost),
        (with_guest("supporter"), AnswerPanels(HOST, ADA, True), NotYours),
        (with_guest("supporter"), AnswerPanels(ADA, ADA, True), NotYours),
        (group(), OfferPanels(HOST, ADA, True), refusals.NoRecordHere),
    ],
)
def test_who_may_ask_and_who_may_answer(visit: Visit, command: commands.Command, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        step(visit, command, NINE)
