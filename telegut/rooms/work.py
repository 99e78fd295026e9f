"""What the worker does for rooms: personal links by mail, and the closing of visits whose time is over."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from telegut.db.caller import Caller
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.jobs.queue import Job
from telegut.jobs.runner import Handler
from telegut.notices.rules import AppointmentNotice, Kind, Link
from telegut.notices.service import Notices
from telegut.rooms.entry import Entry
from telegut.rooms.store import Room

_MAILER = Caller.system("personal links")


def jobs(entry: Entry, notices: Notices) -> Mapping[str, Handler]:
    """The kinds of job that rooms takes on."""

    async def close(job: Job) -> None:
        try:
            await entry.rooms.close_if_over(UUID(job.payload["visit"]))
        except NotFound:
            return  # erased meanwhile

    def tell(kind: Kind) -> Handler:
        async def handle(job: Job) -> None:
            await _tell(entry, notices, kind, UUID(job.payload["visit"]), int(job.payload["version"]))

        return handle

    return {
        "visit.close": close,
        "appointment.booked": tell(Kind.APPOINTMENT_BOOKED),
        "appointment.moved": tell(Kind.APPOINTMENT_MOVED),
        "appointment.cancelled": tell(Kind.APPOINTMENT_CANCELLED),
    }


async def _tell(entry: Entry, notices: Notices, kind: Kind, visit: UUID, version: int) -> None:
    """A neutral mail to the patient's side, with each one's own link. What is no longer so is not told."""
    await entry.rooms.look(visit)  # a cancelled visit ends now, for whoever is in it

    async def work(tx: Transaction) -> None:
        room = await entry.rooms.load(tx, visit)
        if room.cancelled != (kind is Kind.APPOINTMENT_CANCELLED):
            return
        for seat in room.visit.seats:
            if not seat.host and seat.account in room.people:
                path = await entry.path(tx, visit, seat.account)
                await notices.send(tx, _notice(room, seat.account, kind, version, path))

    await entry.rooms.db.run(_MAILER, work)


def _notice(room: Room, to: UUID, kind: Kind, version: int, path: str) -> AppointmentNotice:
    return AppointmentNotice(
        to=to,
        patient=room.facts.patient,
        kind=kind,
        appointment=room.facts.appointment,
        version=version,
        start=room.facts.start,
        zone=room.people[to].zone,
        link=Link(path),
    )
