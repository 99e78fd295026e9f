"""
Bookings with everything that belongs to them, one or many in one transaction.

Whether somebody may book for this patient, the visit itself, their words, the care team, and who hears of it. When
telegut books a group of wishes of many people, the transaction is telegut's own, so row-level security decides nothing
here: each wish is judged by the circle of its own patient, read in the same transaction, and written to the audit
trail under the account, sign-in and request that it came with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from telegut.accounts import care
from telegut.accounts.care import Circle
from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.db.many import Together
from telegut.db.sealed import Vault
from telegut.errors import TelegutError
from telegut.jobs import queue
from telegut.realtime import outbox
from telegut.scheduling import bookers, booking, events, ground, reasons
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.ground import Locked, Wanted
from telegut.scheduling.interpreters import finding

Outcome = Appointment | TelegutError


@dataclass(frozen=True, slots=True)
class Request:
    """
    Somebody's request for a visit. patient: whom they named, if anybody. reason: in their own words.

    unasked: see `ground.Wanted`; counts for telegut's own work alone. interpreter: a language to translate, or an
    interpreter's id; empty: nobody is needed.
    """

    caller: Caller
    service: UUID
    practitioners: tuple[UUID, ...]
    start: datetime
    patient: UUID | None = None
    reason: str = ""
    unasked: bool = False
    interpreter: str = ""


@dataclass(frozen=True, slots=True)
class _Allowed:
    """A request that its caller may make, at its place among the requests."""

    place: int
    request: Request
    wanted: Wanted


Answering = Callable[[Sequence[Outcome], Together], None]
"""Told what the outcomes are before they are written, to add what is written with them."""


async def arrange(
    tx: Transaction, vault: Vault, requests: Sequence[Request], answering: Answering | None = None
) -> list[Outcome]:
    """
    Book every request that can be, as if one came after the other; an outcome for each, in their order.

    Raises:
        SlotTaken: see `booking.take_all`; the transaction is lost.
    """
    named = [await _named(tx, one) for one in requests]
    locked, circles = await _circles(tx, requests, {one for one in named if one is not None})
    outcomes: list[Outcome | None] = [None] * len(requests)
    allowed: list[_Allowed] = []
    for place, (request, patient) in enumerate(zip(requests, named, strict=True)):
        try:
            wanted = _wanted(request, patient, circles)
            if request.interpreter:
                wanted = replace(wanted, interpreters=await finding.candidates(tx, request.interpreter))
            allowed.append(_Allowed(place, request, wanted))
        except TelegutError as refusal:
            outcomes[place] = refusal
    together = Together()
    callers = [one.request.caller for one in allowed]
    taken = await booking.decide_all(tx, [one.wanted for one in allowed], together, callers, locked=locked)
    for one, outcome in zip(allowed, taken, strict=True):
        outcomes[one.place] = outcome
    settled = [one for one in outcomes if one is not None]
    if answering is not None:
        answering(settled, together)
    booked = [(outcome, requests[place]) for place, outcome in enumerate(settled) if isinstance(outcome, Appointment)]
    await _write(tx, vault, together, booked, circles)
    return settled


async def _circles(
    tx: Transaction, requests: Sequence[Request], patients: Collection[UUID]
) -> tuple[Locked | None, dict[UUID, Circle]]:
    """
    Whose records are open to whom. Everybody is locked by the same question, as long as it is known who that is.

    Who is to translate is found out later: then the locks wait until then, because they are taken in one order.
    """
    if any(one.interpreter for one in requests):
        return None, await care.circles(tx, patients)
    locked = await ground.lock(tx, {each for one in requests for each in one.practitioners}, patients)
    return locked, locked.circles


def arranged(outcome: Outcome) -> Appointment:
    """
    The visit that was booked.

    Raises:
        TelegutError: it was refused.
    """
    if isinstance(outcome, TelegutError):
        raise outcome
    return outcome


async def _named(tx: Transaction, request: Request) -> UUID | None:
    """Whom the visit is for: who was named, else the caller themselves, else their only ward."""
    caller = request.caller
    if request.patient is not None or "patient" in caller.roles:
        return request.patient or caller.account
    return await bookers.only_ward(tx, caller)


def _wanted(request: Request, patient: UUID | None, circles: Mapping[UUID, Circle]) -> Wanted:
    caller = request.caller
    bookers.check_books(caller)
    sure = bookers.certain(patient)
    bookers.check_books_for(caller, sure, circles.get(sure))
    care.check_room(circles[sure], request.practitioners)
    return Wanted(
        request.service,
        request.practitioners,
        request.start,
        sure,
        limited=not bookers.is_staff(caller),
        unasked=request.unasked and caller.is_system,
        by=caller.account,
    )


async def _write(
    tx: Transaction,
    vault: Vault,
    together: Together,
    booked: Sequence[tuple[Appointment, Request]],
    circles: Mapping[UUID, Circle],
) -> None:
    """The care teams first, whose locks come before those of mailboxes; then the visits, and who hears; the words."""
    await bookers.join_all(tx, [(one, request.caller) for one, request in booked], circles)
    tell_together(tx, together, events.BOOKED, [one for one, _ in booked], circles)
    await booking.write_down(tx, together)
    said = [(one, request.reason, request.caller.account) for one, request in booked if request.reason.strip()]
    await reasons.write_all(tx, vault, "visit", said)


async def tell_all(tx: Transaction, kind: str, ones: Sequence[Appointment], circles: Mapping[UUID, Circle]) -> None:
    """Everybody whom these appointments concern hears of *kind*, and the worker's part begins, once *tx* holds."""
    together = Together()
    tell_together(tx, together, kind, ones, circles)
    await together.write(tx)


def tell_together(
    tx: Transaction, together: Together, kind: str, ones: Sequence[Appointment], circles: Mapping[UUID, Circle]
) -> None:
    """As `tell_all`, with what else is written *together*."""
    told = []
    for one in ones:
        audience = {*one.people, *circles[one.patient].guardians, *((one.booked_by,) if one.booked_by else ())}
        told.append((events.happened(kind, one.id, one.visit, one.patient, one.version, one.start), audience))
    outbox.append_together(tx, together, told)
    queue.enqueue_together(
        together,
        [
            (
                kind,
                {"appointment": str(one.id), "visit": str(one.visit), "version": one.version},
                f"{one.id} {one.version}",
            )
            for one in ones
        ],
    )
