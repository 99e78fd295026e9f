"""What staff does against the rules. One method, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.scheduling import appointments, bookers, booking, changing, diaries, events
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.ground import Wanted
from telegut.scheduling.overrides import buffers, signing
from telegut.scheduling.overrides.rules import Decision, OverrideRefused, Signed
from telegut.scheduling.service import Scheduling


class Overrides:
    """Booking and moving against hours, notice, grid and buffers: explicit, signed, and shown with the visit."""

    def __init__(self, scheduling: Scheduling) -> None:
        self.scheduling = scheduling
        self.db = scheduling.db

    async def book(
        self,
        caller: Caller,
        service: UUID,
        practitioners: Sequence[UUID],
        start: datetime,
        decision: Decision,
        *,
        patient: UUID | None,
        reason: str,
    ) -> Appointment:
        """
        Book a visit although the named rules speak against it.

        Raises:
            OverrideRefused: the caller is not staff. OverrideDiffers: other rules speak against it than were named.
            Invalid, Conflict: see `Scheduling.book`.
        """
        _check_staff(caller)

        async def work(tx: Transaction) -> Appointment:
            them = bookers.certain(await bookers.patient_of(tx, patient))
            wanted = Wanted(service, tuple(practitioners), start, them, overriding=decision.reasons)
            booked = await self._take(tx, wanted)
            await signing.sign(tx, self.scheduling.vault, booked, decision, booked.changed_at)
            await self.scheduling.tell_booked(tx, booked, reason)
            return await appointments.one(tx, booked.id)

        return await self.db.run(caller, work)

    async def _take(self, tx: Transaction, wanted: Wanted) -> Appointment:
        agreed = await booking.agree(tx, wanted)
        await diaries.release_holds(tx, agreed.own_holds)
        room = await buffers.make_room(tx, wanted.practitioners, agreed.terms.visit, wanted.start)
        booked = await booking.write(tx, wanted, agreed)
        await diaries.keep(tx, booked.id, agreed.places, room, booked.start)
        return booked

    async def reschedule(
        self, caller: Caller, appointment: UUID, start: datetime, version: int, decision: Decision
    ) -> Appointment:
        """
        Move a visit although the named rules speak against its new time.

        Raises:
            OverrideRefused, OverrideDiffers: see `book`. NotFound, Stale, NotBooked, Invalid, Conflict: see
            `Scheduling.reschedule`.
        """
        _check_staff(caller)

        async def work(tx: Transaction) -> Appointment:
            current = await appointments.one(tx, appointment)
            await bookers.check_may_change(tx, current)
            moved = await changing.move(tx, current, start, version, by_patient=False, overriding=decision.reasons)
            await signing.sign(tx, self.scheduling.vault, moved, decision, moved.changed_at)
            await self.scheduling.tell(tx, events.MOVED, moved)
            return await appointments.one(tx, moved.id)

        return await self.db.run(caller, work)

    async def decided(self, caller: Caller, one: Appointment) -> Signed | None:
        """What was decided about the present time of a visit, with why where the caller may read it."""
        async with self.db.begin(caller) as tx:
            return await signing.read(tx, self.scheduling.vault, one)


def _check_staff(caller: Caller) -> None:
    if caller.is_system or not bookers.is_staff(caller):
        raise OverrideRefused
