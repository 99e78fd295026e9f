"""Rooms put together: its services, once for each process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from telegut.clock import Clock
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.db.sealed import RootKey
from telegut.rooms import links
from telegut.rooms.appointments import Appointments
from telegut.rooms.captions.service import Captions
from telegut.rooms.door.socket import messages as door_messages
from telegut.rooms.encryption.keys import only_relayed, passing
from telegut.rooms.encryption.service import Encryption
from telegut.rooms.entry import Entry
from telegut.rooms.forwarding import Forwarding
from telegut.rooms.guests.service import Guests
from telegut.rooms.guests.showing import Showing
from telegut.rooms.guests.socket import messages as shown_messages
from telegut.rooms.lateness.service import Lateness
from telegut.rooms.lost.service import LostMinutes
from telegut.rooms.lost.socket import unheard
from telegut.rooms.media.contacts import contacts, key_path
from telegut.rooms.media.control import socket_path
from telegut.rooms.media.fleet import Fleet
from telegut.rooms.paths import Paths
from telegut.rooms.placing.service import Places
from telegut.rooms.placing.whereabouts import Whereabouts
from telegut.rooms.presence import Presence
from telegut.rooms.rehearsal.service import Rehearsals
from telegut.rooms.service import Hours, Publisher, Rooms
from telegut.rooms.sharing import service as sharing_service
from telegut.rooms.sharing.service import Sharing
from telegut.rooms.signalling import Switchboard
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class RoomServices:
    """Everything of rooms that a process needs."""

    rooms: Rooms
    entry: Entry
    board: Switchboard
    paths: Paths
    forwarding: Forwarding
    encryption: Encryption
    lost: LostMinutes
    sharing: Sharing
    captions: Captions
    guests: Guests
    showing: Showing
    lateness: Lateness
    rehearsals: Rehearsals


def build_rooms(
    db: Database, root: RootKey, bus: Publisher, now: Clock, appointments: Appointments, settings: Settings
) -> RoomServices:
    """Make them. The process gets a fresh id, by which its open sockets are known."""
    rooms = Rooms(db, appointments, bus, now, _hours(settings), settings.visit_encrypted)
    entry = Entry(rooms, root.derive(links.KEY_PURPOSE), now, timedelta(seconds=settings.ticket_lifetime_s))
    presence = Presence(rooms, new_id(), timedelta(seconds=settings.room_silent_s))
    board = Switchboard(rooms, presence, bus)
    board.also["key"] = passing(board)
    if settings.turn_urls and settings.turn_secret:
        board.allowed = only_relayed
    forwarding = _forwarding(db, board, bus, settings)
    lost = LostMinutes(rooms)
    board.also["unheard"] = unheard(lost)
    sharing = Sharing(board, root.derive(sharing_service.KEY_PURPOSE))
    captions = Captions(board, source=None)
    board.also |= {"screen": sharing.say, "photo": sharing.say, "captions": captions.say, **door_messages(board)}
    guests = Guests(entry, settings.visit_seats)
    showing = Showing(rooms)
    board.also |= shown_messages(board, showing)
    paths = _paths(now, settings)
    paths.living = forwarding.stun_address
    return RoomServices(
        rooms=rooms,
        entry=entry,
        board=board,
        paths=paths,
        forwarding=forwarding,
        encryption=Encryption(rooms),
        lost=lost,
        sharing=sharing,
        captions=captions,
        guests=guests,
        showing=showing,
        lateness=Lateness(rooms),
        rehearsals=Rehearsals(rooms, paths, forwarding.fleet.up),
    )


def _forwarding(db: Database, board: Switchboard, bus: Publisher, settings: Settings) -> Forwarding:
    lost, silent = settings.media_lost_s, timedelta(seconds=settings.room_silent_s)
    return Forwarding(
        board,
        lambda *hear: Fleet(contacts(settings), key_path(settings), *hear),
        lambda fleet: Whereabouts(Places(db), fleet, lost, silent),
        bus,
    )


def _hours(settings: Settings) -> Hours:
    return Hours(
        opens_before=timedelta(seconds=settings.visit_opens_before_s),
        closes_after=timedelta(seconds=settings.visit_closes_after_s),
        looks_again_after=timedelta(seconds=settings.visit_looks_again_s),
        enough=timedelta(seconds=settings.visit_enough_s),
    )


def _paths(now: Clock, settings: Settings) -> Paths:
    return Paths(
        socket=socket_path(settings.data),
        host=settings.media_public_host or urlsplit(settings.origin).hostname or "127.0.0.1",
        turn=settings.turn_urls,
        secret=settings.turn_secret,
        lifetime=timedelta(seconds=settings.turn_lifetime_s),
        now=now,
    )
