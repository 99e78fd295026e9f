"""Which servers a browser is told: our own, or none."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from telegut.rooms import ice

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
VISIT = UUID(int=1)
LENA = UUID(int=2)
TURN = ("turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp")


def servers(stun: str | None, turn: tuple[str, ...] = ()) -> ice.IceServers:
    """What Lena's browser is told."""
    return ice.servers(
        stun=stun,
        turn=turn,
        secret="north",
        visit=VISIT,
        account=LENA,
        now=NINE,
        lifetime=timedelta(minutes=10),
    )


def test_without_servers_of_our_own_the_list_is_empty() -> None:
    assert ice.IceServers((), "all") == servers(None)


def test_our_own_stun_server_is_named() -> None:
    assert ice.IceServers((ice.IceServer(("stun:192.0.2.1:3478",)),), "all") == servers("stun:192.0.2.1:3478")


def test_with_turn_media_goes_through_it_alone_and_in_the_order_given() -> None:
    told = servers(None, TURN)

    assert (told.policy, told.servers[0].urls) == ("relay", TURN)


def test_turn_credentials_are_what_coturn_expects_and_end_after_ten_minutes() -> None:
    username, credential = ice.turn_credentials("north", VISIT, LENA, NINE, timedelta(minutes=10))

    expiry, tag = username.split(":")
    expected = base64.b64encode(hmac.new(b"north", username.encode(), hashlib.sha1).digest()).decode()
    assert (str(int(NINE.timestamp()) + 600), expected) == (expiry, credential)
    assert str(LENA) not in username
    assert len(tag) == 16


def test_each_seat_has_its_own_credentials() -> None:
    other = ice.turn_credentials("north", VISIT, UUID(int=3), NINE, timedelta(minutes=10))

    assert other != ice.turn_credentials("north", VISIT, LENA, NINE, timedelta(minutes=10))
