"""A shared screen in a room of the forwarder: one at a time, in a place of its own, also while nothing moves on it."""

from __future__ import annotations

from typing import Any, cast

from telegut.rooms.media.carried import Carried
from telegut.rooms.media.inbound import Inbound
from telegut.rooms.media.room import Room
from telegut.rooms.media.session import Session
from telegut.rooms.media.track import Kind, Track


class Shelf:
    """A place that only remembers what is shown in it."""

    def __init__(self) -> None:
        self.shown: Inbound | None = None
        self.asleep = False

    def show(self, stream: Inbound | None) -> None:
        self.shown = stream

    def sleep(self, asleep: bool) -> None:
        self.asleep = asleep


class Browser:
    """What a room needs of a session."""

    def __init__(self, seat: str, *, screens: int = 1) -> None:
        self.seat = seat
        self.tracks: dict[str, Track] = {}
        self.seats: list[dict[Kind, str]] = [{"audio": f"a{n}", "camera": f"c{n}"} for n in range(2)]
        self.seats += [{"screen": f"s{n}"} for n in range(screens)]
        self.places = {mid: Shelf() for seat in self.seats for mid in seat.values()}
        self.carried = Carried(None, 0, 0.0, seconds=0)

    def sends(self, kind: Kind, at: float) -> Inbound:
        """A packet of *kind* comes at *at*."""
        track = self.tracks.setdefault(kind, Track(self.seat, kind, kind, ()))
        layer = track.layers.setdefault("", Inbound(hash((self.seat, kind)) & 0xFFFF, "vp8", 90_000, ""))
        layer.last_at = at
        return layer


def a_room(*browsers: Browser) -> tuple[Room, list[tuple[str, dict[str, Any]]]]:
    """All of them in one room; and what their pages are told."""
    told: list[tuple[str, dict[str, Any]]] = []
    room = Room("room", lambda seat, event: told.append((seat, event)))
    for browser in browsers:
        room.enter(cast("Session", browser))
    return room, told


def test_a_screen_has_a_place_of_its_own() -> None:
    amara, lena = Browser("amara"), Browser("lena")
    room, told = a_room(amara, lena)
    camera, screen = amara.sends("camera", 1.0), amara.sends("screen", 1.0)
    room.arrange()
    room.adapt(1.0)

    assert {"amara": {"audio": "a0", "camera": "c0"}, "amara/screen": {"screen": "s0"}} == told[-1][1]["places"]
    assert (camera, screen) == (lena.places["c0"].shown, lena.places["s0"].shown)


def test_a_screen_on_which_nothing_moves_stays() -> None:
    amara, lena = Browser("amara"), Browser("lena")
    room, _ = a_room(amara, lena)
    screen = amara.sends("screen", 1.0)
    room.arrange()
    room.adapt(60.0)

    assert screen is lena.places["s0"].shown
    assert not lena.places["s0"].asleep


def test_of_two_screens_the_one_that_is_sent_last_is_shown() -> None:
    amara, lena, jonas = Browser("amara"), Browser("lena"), Browser("jonas")
    room, _ = a_room(amara, lena, jonas)
    first, second = amara.sends("screen", 1.0), lena.sends("screen", 1.5)
    room.arrange()
    room.adapt(1.5)
    one = jonas.places["s0"].shown
    (amara if one is second else lena).sends("screen", 9.0)
    room.adapt(9.0)

    assert one in (first, second)
    assert jonas.places["s0"].shown is (first if one is second else second)


def test_a_page_without_a_place_for_screens_is_asked_for_no_more_places() -> None:
    amara, old = Browser("amara"), Browser("old", screens=0)
    room, told = a_room(amara, old)
    amara.sends("camera", 1.0)
    amara.sends("screen", 1.0)
    room.arrange()

    assert [0] == [event["more"] for seat, event in told if seat == "old"]
