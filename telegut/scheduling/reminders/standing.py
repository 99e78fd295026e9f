"""Asked right before a notice about an appointment leaves: is it still so, and what goes with it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telegut.accounts import people
from telegut.db.engine import Transaction
from telegut.errors import NotFound
from telegut.notices.rules import Channel, Kind, revision
from telegut.notices.subjects import Invitation, Later, Still, Told
from telegut.scheduling import appointments, calendar
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.calendar import Sender
from telegut.scheduling.reminders import rules, store
from telegut.scheduling.rules import Status
from telegut.settings import Settings

CHANGES: Final = frozenset({Kind.APPOINTMENT_BOOKED, Kind.APPOINTMENT_MOVED, Kind.APPOINTMENT_CANCELLED})
"""Notices that calendars follow: a calendar file goes with them (RFC 6047)."""

KINDS: Final = CHANGES | {Kind.APPOINTMENT_REMINDER, Kind.APPOINTMENT_FORM, Kind.APPOINTMENT_LOOK}


@dataclass(frozen=True, slots=True)
class Appointments:
    """The subject of every notice about an appointment. *sender*: in whose name calendar files are."""

    sender: Sender

    async def look(self, tx: Transaction, told: Told) -> Still | Later | None:
        """None once the appointment was moved, cancelled or has begun; what rings waits through the quiet hours."""
        try:
            one = await appointments.one(tx, told.about)
        except NotFound:
            return None
        numbers = await store.numbers(tx)
        if not _holds(one, told, numbers.now):
            return None
        zones = {each.id: each.zone for each in (await people.named(tx, [told.recipient, one.patient])).values()}
        if told.channel is not Channel.MAIL and rules.is_quiet(numbers.now, zones[told.recipient], numbers.quiet):
            return Later()
        beside = zones[one.patient] if told.recipient in one.practitioners else one.zone
        return Still(beside, self._invitation(one, told, numbers.now))

    def _invitation(self, one: Appointment, told: Told, now: datetime) -> Invitation | None:
        if told.kind not in CHANGES or told.channel is not Channel.MAIL:
            return None
        return Invitation(calendar.invitation(one, self.sender, told.mail, now=now), calendar.method(one))


def _holds(one: Appointment, told: Told, now: datetime) -> bool:
    if revision(one.sequence) != told.version:
        return False
    if told.kind is Kind.APPOINTMENT_CANCELLED:
        return one.status is Status.CANCELLED
    return one.status is Status.BOOKED and one.start > now


def subjects(settings: Settings) -> dict[Kind, Appointments]:
    """Who is asked about each kind of notice that is about an appointment."""
    asked = Appointments(Sender(settings.clinic_name, settings.origin))
    return dict.fromkeys(KINDS, asked)
