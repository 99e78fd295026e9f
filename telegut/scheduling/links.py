"""
What somebody who came by a personal link may do about time: see free times for that one visit, move it, cancel it.

The link is the key to this one visit and nothing else, and only from the patient's side: a practitioner's or an
interpreter's link opens the room and moves nobody. Whatever is not of this visit answers as if it were not there, so
that a link says nothing about anything else. What it does tell is when the visit's own practitioners are free, for
this kind of visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from telegut.accounts import care
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.scheduling import appointments
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.refusals import DayFull, NotOffered, PatientBusy, Reason, SlotTaken
from telegut.scheduling.rules import Status

if TYPE_CHECKING:
    from telegut.scheduling.offers import Asked


async def enter(tx: Transaction) -> None:
    """
    Let the rest of this transaction see the rows of the person whose link this is; nothing for who is signed in.

    Row-level security shows a link no rows at all. Whoever calls this asks `check_own` about every appointment next,
    and tells nothing before it has answered. Clinical text stays shut: `care.require` goes by the link, not by this.
    """
    caller = tx.caller
    if caller.scope is not None and caller.account is not None:
        await tx.execute(select(func.set_config("telegut.account", str(caller.account), True)))


async def check_own(tx: Transaction, one: Appointment) -> None:
    """
    Let who came by a link near their own visit only; who is signed in goes on to the usual questions.

    Raises:
        NotFound: another visit, or a link that is not of the patient's side.
    """
    scope = tx.caller.scope
    if scope is not None and (scope.visit != one.visit or not await _is_patients_side(tx, one)):
        raise NotFound


async def _is_patients_side(tx: Transaction, one: Appointment) -> bool:
    account = tx.caller.account
    return account is not None and (account == one.patient or await care.acts_for(tx, account, one.patient))


def told(tx: Transaction, reasons: list[Reason]) -> list[Reason]:
    """What speaks against a time, as this caller may know it: a link hears that it is not free, and not why."""
    return [Reason.TAKEN] if tx.caller.scope is not None and reasons else reasons


@contextmanager
def discreetly(tx: Transaction) -> Iterator[None]:
    """
    Let a refusal say no more than `told`: that somebody is away, or has another visit, is not the link's to know.

    Raises:
        SlotTaken, NotOffered: the same refusal without its reason.
    """
    try:
        yield
    except (NotOffered, PatientBusy, DayFull) as refusal:
        if tx.caller.scope is None:
            raise
        if isinstance(refusal, NotOffered):
            raise NotOffered("This time is not free. Nothing was changed.") from refusal
        raise SlotTaken from refusal


async def about_own_visit(tx: Transaction, asked: Asked) -> Asked:
    """
    The question about free times that a link may ask: the same kind of visit, people and patient as its own.

    Raises:
        NotFound: anything else, or a visit that is no longer booked.
    """
    scope = tx.caller.scope
    if scope is None:
        raise NotFound
    await enter(tx)
    one = await appointments.of_visit(tx, scope.visit)
    await check_own(tx, one)
    same = asked.service == one.service and set(asked.practitioners) == set(one.practitioners)
    if not same or asked.patient not in (None, one.patient) or one.status is not Status.BOOKED:
        raise NotFound
    translates = str(one.interpreter) if one.interpreter else ""
    asked = replace(asked, practitioners=one.practitioners, patient=one.patient, moving=one.id)
    return replace(asked, language="", interpreter=translates, opening=False)
