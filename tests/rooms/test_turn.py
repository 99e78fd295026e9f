"""Our TURN server's configuration, run for real: who may have a relay, and where a relay does not lead."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from aioice import stun, turn

from telegut.cli.bench_turn import HOST, Running, turn_server
from telegut.clock import utc_now
from telegut.rooms import ice
from telegut.rooms.turnserver import Turn, configuration

pytestmark = pytest.mark.skipif(
    shutil.which("turnserver") is None, reason="no turnserver on this machine: install the package coturn"
)
VISIT, LENA, AMARA = UUID(int=1), UUID(int=2), UUID(int=3)
PRIVATE = ("10.0.0.1", "192.168.1.1", "169.254.169.254", "172.16.0.9", "100.64.0.1", "127.0.0.2")
Way = Literal["udp", "tcp", "tls"]


class Heard(asyncio.DatagramProtocol):
    """What arrives."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Keep it."""
        self.arrived.put_nowait((data, addr))


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """One TURN server for all of them: it takes its time to start."""
    async with turn_server(tmp_path_factory.mktemp("turn")) as found:
        yield found


@contextlib.asynccontextmanager
async def relay(
    running: Running, secret: str, lifetime: timedelta = timedelta(minutes=10), way: Way = "udp", who: UUID = LENA
) -> AsyncIterator[Any]:
    """A relay got with credentials as a browser gets them."""
    username, password = ice.turn_credentials(secret, VISIT, who, utc_now(), lifetime)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    port = running.tls_port if way == "tls" else running.plain_port
    transport, _ = await turn.create_turn_endpoint(
        Heard,
        server_addr=(HOST, port),
        username=username,
        password=password,
        ssl=trusting if way == "tls" else False,
        transport="udp" if way == "udp" else "tcp",
    )
    try:
        yield transport
    finally:
        transport.close()


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_our_credentials_open_a_relay_to_the_media_process(running: Running, way: Way) -> None:
    media, heard = await asyncio.get_running_loop().create_datagram_endpoint(Heard, local_addr=(HOST, 0))
    async with relay(running, running.secret, way=way) as transport:
        host, port = transport.get_extra_info("sockname")
        transport.sendto(b"hello", media.get_extra_info("sockname"))
        async with asyncio.timeout(20):
            said = await heard.arrived.get()
    media.close()

    assert said == (b"hello", (host, port))
    assert running.relays[0] <= port <= running.relays[1]


@pytest.mark.parametrize(
    ("secret", "lifetime"),
    [("", timedelta(seconds=-5)), ("somebody else's", timedelta(minutes=10))],
    ids=["expired", "forged"],
)
async def test_other_credentials_open_none(running: Running, secret: str, lifetime: timedelta) -> None:
    with pytest.raises(stun.TransactionFailed) as refused:
        async with relay(running, secret or running.secret, lifetime):
            pass

    assert refused.value.response.attributes["ERROR-CODE"][0] == 401


async def test_a_relay_leads_into_no_private_network(running: Running) -> None:
    refused = {}
    async with relay(running, running.secret) as transport:
        channels = transport.__dict__["_TurnTransport__inner_protocol"]
        for number, peer in enumerate(PRIVATE):
            with pytest.raises(stun.TransactionFailed) as failed:
                await channels.channel_bind(0x4000 + number, (peer, 9))
            refused[peer] = failed.value.response.attributes["ERROR-CODE"][0]

    assert refused == dict.fromkeys(PRIVATE, 403)


async def test_a_person_has_so_many_relays_and_no_more(running: Running) -> None:
    async with contextlib.AsyncExitStack() as held:
        with pytest.raises(stun.TransactionFailed) as refused:
            for _ in range(20):
                await held.enter_async_context(relay(running, running.secret, who=AMARA))

    assert refused.value.response.attributes["ERROR-CODE"][0] == 486  # Allocation Quota Reached (RFC 8656, section 7.2)


async def test_it_has_no_console(running: Running) -> None:
    with socket.socket() as tried:
        assert tried.connect_ex((HOST, 5766)) != 0


def test_what_deploy_has_is_what_is_made() -> None:
    folder = "/etc/coturn/certificates"
    text = (Path(__file__).parents[2] / "deploy" / "turnserver.conf").read_text()

    assert text == configuration(Turn("clinic.example", f"{folder}/fullchain.pem", f"{folder}/privkey.pem"))
