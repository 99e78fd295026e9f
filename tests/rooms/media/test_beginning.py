"""How somebody comes to be seen: a key frame that is asked for until it comes, and places made for whoever comes."""

from __future__ import annotations

import socket
from typing import cast

from telegut.rooms.media.aiortc_private import Keys
from telegut.rooms.media.egress import Egress
from telegut.rooms.media.ice_lite import Path
from telegut.rooms.media.inbound import KEY_FRAME_AGAIN_S, Inbound
from telegut.rooms.media.outbound import Outbound
from telegut.rooms.media.place import Place
from tests.rooms.media.test_screens import Browser, a_room


def test_a_place_asks_for_its_key_frame_when_it_has_a_way_and_until_one_comes() -> None:
    stream = Inbound(1, "vp8", 90_000, "l")
    outbound = Outbound(Place("5", 2, 3, {"vp8": (96, 97)}, 0, 0))
    outbound.show(stream)
    assert stream.key_due(10.0), "asked at once; what comes of it passes by, because there is no way yet"
    outbound.insist()
    assert not stream.key_due(20.0), "nobody could be sent it"

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somewhere:
        outbound.start(cast("Keys", object()), lambda _: None, Egress(somewhere, {}), Path())
    assert stream.key_due(20.0)
    outbound.insist()
    assert not stream.key_due(20.0 + KEY_FRAME_AGAIN_S / 2)
    assert stream.key_due(20.0 + KEY_FRAME_AGAIN_S), "it was lost: it is asked for until one comes"
    outbound.sleep(True)
    outbound.insist()
    assert not stream.key_due(30.0), "nobody looks"


def test_whoever_has_too_few_places_is_told_each_time_somebody_more_comes() -> None:
    people = [Browser(name) for name in ("amara", "lena", "jonas", "mei", "ravi")]
    room, told = a_room(*people)
    for here in range(2, 6):
        people[here - 1].sends("audio", 1.0)
        people[0].sends("audio", 1.0)
        room.arrange()
    assert [0, 0, 1, 2] == [event["more"] for seat, event in told if seat == "amara"]
