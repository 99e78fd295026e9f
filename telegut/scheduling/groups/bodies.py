"""What clients send and get about group sessions."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from telegut.scheduling.appointments import Appointment
from telegut.scheduling.bodies.fields import Together
from telegut.scheduling.groups.rules import TITLES
from telegut.scheduling.groups.service import Seen
from telegut.web.api import Answer, Body, Instant, Query


class SessionsQuery(Query):
    """Which sessions: those that touch the time between two instants, of one kind."""

    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")
    service: UUID | None = None


class StartsQuery(Query):
    """When a session could be opened: of one kind, with these people together."""

    service: UUID
    practitioner: Together = Field(min_length=1)
    since: Instant | None = Field(None, alias="from")
    until: Instant | None = Field(None, alias="to")


class OpenBody(Body):
    """A session to open. *title*: one of the clinic's words; *seats*: as many as the kind of visit has, or fewer."""

    service: UUID
    practitioners: list[UUID] = Field(min_length=1, max_length=5)
    start: Instant
    title: str = "group_session"
    seats: int | None = None


class SeatBody(Body):
    """A seat; *patient*: for those who book for others."""

    patient: UUID | None = None


class MoveSessionBody(Body):
    """A new time, for the session at this version."""

    start: Instant
    version: int


class CancelSessionBody(Body):
    """The session at this version does not take place."""

    version: int


class HostAnswer(Answer):
    """Who holds a session."""

    id: UUID
    name: str


class SeatAnswer(Answer):
    """One seat: an appointment of its patient. *name*: for those who hold the session or arrange visits."""

    appointment: UUID
    patient: UUID
    name: str | None

    @classmethod
    def of(cls, one: Appointment, name: str | None) -> SeatAnswer:
        """As an answer."""
        return cls(appointment=one.id, patient=one.patient, name=name)


class SessionAnswer(Answer):
    """
    A group session.

    my_seats: of the caller, or of those they act for. seats_taken: everybody's, for those who hold the session or
    arrange visits; null for everybody else, who learn of nobody. visit: its room, for those who belong in it.
    """

    id: UUID
    version: int
    status: str
    service: UUID
    service_name: str
    title: str
    title_text: str
    practitioners: list[UUID]
    hosts: list[HostAnswer]
    start: Instant
    end: Instant
    zone: str
    sequence: int
    seats: int
    taken: int
    left: int
    my_seats: list[SeatAnswer]
    seats_taken: list[SeatAnswer] | None
    visit: UUID | None

    @classmethod
    def of(cls, seen: Seen) -> SessionAnswer:
        """As an answer."""
        one = seen.session
        everybody = seen.everybody
        return cls(
            id=one.id,
            version=one.version,
            status=one.status,
            service=one.service,
            service_name=one.service_name,
            title=one.title,
            title_text=TITLES.get(one.title, TITLES["group_session"]),
            practitioners=list(one.practitioners),
            hosts=[HostAnswer(id=person, name=seen.name(person)) for person in one.practitioners],
            start=one.start,
            end=one.end,
            zone=one.zone,
            sequence=one.sequence,
            seats=one.seats,
            taken=one.taken,
            left=one.left,
            my_seats=[SeatAnswer.of(seat, None) for seat in seen.mine],
            seats_taken=None
            if everybody is None
            else [SeatAnswer.of(seat, seen.name(seat.patient)) for seat in everybody],
            visit=one.visit if seen.belongs else None,
        )
