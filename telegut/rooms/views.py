"""A visit as clients see it: the one form of its state, over HTTP and on the socket."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from telegut.rooms import seating
from telegut.rooms.ice import IceServers
from telegut.rooms.rehearsal.rules import Verdict
from telegut.rooms.rules.visit import Seat
from telegut.rooms.store import Room
from telegut.web.api import Answer, Instant


class ParticipantAnswer(Answer):
    """
    One person and where they are. *since*: when they came there. seated: picture and sound go between them and who is
    in the room; also while they are away for a moment, if they had been let in.

    hand: since when their hand is raised. consent: of somebody who is there to learn, what the patient said to that.
    barred: a host sent them out for the rest of the visit. invited: they came by a host's invitation. In a group the
    consent is the viewer's own for a patient's side, and everybody's together for all others: who said no is told to
    nobody. panels: of a guest, what the patient said to their seeing what is shown; null while nobody asked.
    """

    account: UUID
    name: str
    role: str
    host: bool
    state: Literal["expected", "checking", "waiting", "admitted", "inside", "away", "left"]
    seated: bool
    since: Instant | None
    hand: Instant | None
    consent: Literal["asked", "given", "refused"] | None
    barred: bool
    invited: bool
    panels: Literal["asked", "given", "refused"] | None

    @classmethod
    def of(cls, room: Room, seat: Seat, viewer: Seat) -> ParticipantAnswer:
        """*seat* with its person's name, as far as *viewer* is told it."""
        return cls(
            account=seat.account,
            name=seating.name(room.name(seat.account), seat, viewer, group=room.is_group),
            role=seat.role,
            host=seat.host,
            state=seat.state.value,
            seated=seat.seated,
            since=seat.since,
            hand=seat.hand,
            consent=_consent(room, seat, viewer),
            barred=seat.barred,
            invited=seat.invited is not None,
            panels=seat.panels,
        )


def _consent(room: Room, seat: Seat, viewer: Seat) -> Any:
    if seat.consent is None or viewer.patient is None:
        return room.visit.consent_to(seat)
    return "given" if viewer.patient in seat.agreed else "refused" if viewer.patient in seat.refused else "asked"


class VisitAnswer(Answer):
    """
    The one authoritative state of a visit, as one of its people sees it. *version* rises by one with every change.

    forwarded: picture and sound go by our forwarder, not from browser to browser.
    encrypted: the forwarder passes on what it cannot open, and nothing is recorded.
    group: several patients share it. Then *appointment* is the viewer's own, others appear while everybody is in the
    room, and *patient* (whose record is beside the video) is nobody. It is nobody for who translates, too.
    """

    id: UUID
    version: int
    state: Literal["scheduled", "open", "live", "ended"]
    group: bool
    forwarded: bool
    encrypted: bool
    appointment: UUID | None
    patient: UUID | None
    service: str
    zone: str
    opens_at: Instant
    start: Instant
    end: Instant
    cancelled: bool
    participants: list[ParticipantAnswer]
    started_at: Instant | None
    ended_at: Instant | None
    outcome: Literal["attended", "patient_absent", "practitioner_absent", "technical"] | None

    @classmethod
    def of(cls, room: Room, viewer: Seat) -> VisitAnswer:
        """*room* for the client of *viewer*."""
        visit = room.visit
        own = next((guest.appointment for guest in room.facts.guests if guest.patient == viewer.patient), None)
        return cls(
            id=visit.id,
            version=visit.version,
            state=visit.phase.value,
            group=room.is_group,
            forwarded=visit.forwarded,
            encrypted=room.encrypted is True,
            appointment=room.facts.appointment or own,
            patient=room.record_for(viewer),
            service=room.facts.service_name,
            zone=room.facts.zone,
            opens_at=visit.opens,
            start=visit.starts,
            end=visit.ends,
            cancelled=room.cancelled,
            participants=[
                ParticipantAnswer.of(room, seat, viewer) for seat in seating.seen_by(visit, viewer, group=room.is_group)
            ],
            started_at=visit.started_at,
            ended_at=visit.ended_at,
            outcome=room.outcome_for(viewer.account),
        )


class LinkAnswer(Answer):
    """Somebody's own link, as a path."""

    url: str


class IceServerAnswer(Answer):
    """One entry of ``RTCConfiguration.iceServers``."""

    urls: list[str]
    username: str | None = Field(default=None, exclude_if=lambda value: value is None)
    credential: str | None = Field(default=None, exclude_if=lambda value: value is None)


class TicketAnswer(Answer):
    """A key to one seat, for one socket, once."""

    ticket: str
    expires_at: Instant
    ice_servers: list[IceServerAnswer]
    ice_transport_policy: Literal["all", "relay"]


class BroughtTicketAnswer(TicketAnswer):
    """A ticket that a page brings along for its own first try; good_for_s: how long it is good, from now."""

    good_for_s: int


class WaitingAnswer(Answer):
    """
    Somebody who waits to be let in, *since* when, and when their visit is agreed to *start*.

    readiness: what their check for this visit means, as on the schedule; *unknown* when they tried nothing. trouble:
    the gravest reason why it is risky.
    """

    visit: UUID
    account: UUID
    name: str
    role: str
    since: Instant
    start: Instant
    readiness: Literal["ready", "risky", "unknown"]
    trouble: Literal["no_way", "microphone", "loss", "delay", "tcp", "relay", "camera"] | None

    @classmethod
    def of(cls, room: Room, seat: Seat, since: datetime, tried: Verdict | None) -> WaitingAnswer:
        """*seat* of *room*, for a host; tried: how their check went."""
        return cls(
            visit=room.visit.id,
            account=seat.account,
            name=room.name(seat.account),
            role=seat.role,
            since=since,
            start=room.visit.starts,
            readiness=tried.grade.value if tried else "unknown",
            trouble=tried.troubles[0].value if tried and tried.troubles else None,
        )


def ice_answers(found: IceServers) -> list[IceServerAnswer]:
    """The servers for a browser."""
    return [
        IceServerAnswer(urls=list(one.urls), username=one.username, credential=one.credential) for one in found.servers
    ]
