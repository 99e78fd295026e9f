"""A call of which one person is there by TCP; and strangers, half frames, floods and slow readers who harm nobody."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from aioice import stun

from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.forwarder import Forwarder
from telegut.rooms.media.ice_lite import BY_TCP
from telegut.rooms.media.port import Port
from telegut.rooms.media.session import Layout
from telegut.rooms.media.tcp import connection, listening
from telegut.rooms.media.tcp.connection import Connection
from tests.rooms.media.callers import Somebody, hears
from tests.rooms.media.tcp.relay import Relay, relay
from tests.rooms.visits import eventually

CERTIFICATE = Certificate()


@dataclass
class Call:
    """Two who hear each other: *one* by TCP, *other* by UDP."""

    port: Port
    forwarder: Forwarder
    one: Somebody
    other: Somebody
    way: Relay

    @property
    def link(self) -> Connection:
        """What the media process has of one's connection."""
        address = self.forwarder.rooms["room"].sessions["one"].path.address
        assert address is not None
        return self.port.streams.connections[address]


def join(forwarder: Forwarder, seat: str, who: Somebody) -> str:
    """The answer to *who*'s offer."""
    offer = who.offers()
    shows = [dict(one) for one in offer.shows]
    return forwarder.join("room", seat, offer.offer, Layout({"0": "audio"}, shows))  # type: ignore[arg-type]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """A call under way."""
    taken = Port("127.0.0.1", 0)
    taken.open()
    assert await taken.streams.open("127.0.0.1", taken.number)
    forwarder = Forwarder(taken, [("127.0.0.1", taken.number)], lambda room, seat, event: None)
    forwarder.by_tcp = True
    running = asyncio.create_task(forwarder.run())
    one, other = Somebody(CERTIFICATE, 11), Somebody(CERTIFICATE, 22)
    async with AsyncExitStack() as open_now:
        way = await open_now.enter_async_context(relay(taken.number))
        answer = join(forwarder, "one", one)
        assert f" tcp {answer.split(' tcp ')[1].split()[0]} 127.0.0.1 {taken.number} typ host tcptype passive" in answer
        await one.caller.connect(answer.replace(f"127.0.0.1 {taken.number}", f"127.0.0.1 {way.number}"), offered=False)
        await other.caller.connect(join(forwarder, "other", other), offered=False)
        made = Call(taken, forwarder, one, other, way)
        await hears(other, one)
        await hears(one, other)
        yield made
        for who in (one, other):
            await who.caller.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await forwarder.stop()
    taken.close()


async def all_is_heard(call: Call, packets: int = 50) -> None:
    """What both say from now on arrives whole."""
    before = call.one.heard, call.other.heard
    lost = call.one.lost, call.other.lost
    for _ in range(packets):
        call.one.speaks()
        call.other.speaks()
        await asyncio.sleep(0.001)
    await eventually(lambda: call.one.heard >= before[0] + packets, "by TCP")
    await eventually(lambda: call.other.heard >= before[1] + packets, "by UDP")
    assert lost == (call.one.lost, call.other.lost)


async def test_one_is_there_by_tcp_and_both_hear_each_other(call: Call) -> None:
    await all_is_heard(call)
    assert call.link.proven
    assert call.link.address[0] == f"{BY_TCP}127.0.0.1"


async def test_frames_that_come_byte_by_byte_are_heard(call: Call) -> None:
    call.way.torn = True
    await all_is_heard(call, 20)


async def test_strangers_are_hung_up_on_and_nobody_hears_them(call: Call) -> None:
    chance = random.Random(8)
    for raw in [chance.randbytes(chance.choice((1, 2, 3, 30, 1500, 9000))) for _ in range(100)]:
        with socket.create_connection(("127.0.0.1", call.port.number)) as rude:
            rude.setblocking(False)
            rude.send(raw)
            await asyncio.sleep(0)
    await all_is_heard(call)
    await eventually(lambda: len(call.port.streams.connections) == 1, "only one is there")


async def is_hung_up_on(reader: asyncio.StreamReader) -> None:
    """Wait until the other side has ended it without a word."""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""


@pytest.mark.parametrize(
    "raw",
    [b"\xff\xff", b"\x00\x14\x80" + bytes(19), b"\x00\x14" + bytes(20), b"\x00\x14\x16" + bytes(19)],
    ids=["a length that nobody means", "media", "no request", "DTLS"],
)
async def test_who_says_what_a_stranger_never_says_is_hung_up_on(call: Call, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", call.port.number)
    writer.write(raw)
    await is_hung_up_on(reader)
    writer.close()
    await all_is_heard(call, 5)


async def test_half_a_frame_does_not_keep_a_connection(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PROVE_WITHIN_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", call.port.number)
    writer.write(b"\x05\x00abc")
    await is_hung_up_on(reader)
    writer.close()
    await eventually(lambda: len(call.port.streams.connections) == 1, "only one is there")


async def test_thousands_of_connections_are_taken_to_a_bound(call: Call) -> None:
    made = list[socket.socket]()
    for at in range(2000):
        rude = socket.socket()
        rude.setblocking(False)
        made.append(rude)
        rude.connect_ex(("127.0.0.1", call.port.number))
        if at % 50 == 0:
            await asyncio.sleep(0)
    await all_is_heard(call)
    streams = call.port.streams
    assert len(streams.connections) <= 1 + listening.UNPROVEN_OF_HOST
    assert streams.refused > 0
    for rude in made:
        rude.close()
    await eventually(lambda: len(streams.connections) == 1, "only one is there")


async def test_who_does_not_read_loses_pictures_and_not_the_call(call: Call) -> None:
    await all_is_heard(call, 5)
    call.way.reading.clear()
    dropped = call.port.dropped
    while call.port.dropped == dropped:
        call.other.speaks(50)
        await asyncio.sleep(0)
    for _ in range(100):  # and it stays so
        call.other.speaks(50)
        await asyncio.sleep(0)
    transport = call.link._transport
    assert transport is not None
    assert transport.get_write_buffer_size() < connection.MOST_WAITS
    call.way.reading.set()
    await hears(call.one, call.other)
    await hears(call.other, call.one)


async def test_who_never_reads_again_is_hung_up_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STUCK_S", 0.5)
    call.way.reading.clear()
    link = call.link
    while call.port.streams.connections.get(link.address) is link:
        call.other.speaks(50)
        await asyncio.sleep(0.001)
    call.other.speaks(50)  # what is for nobody's connection goes nowhere
    await asyncio.sleep(0.1)
    assert call.forwarder.rooms["room"].sessions["other"].up


async def test_who_comes_back_on_another_connection_is_found_there(call: Call) -> None:
    before = call.link
    async with relay(call.port.number) as second:
        call.way.writer.close()
        session = call.forwarder.rooms["room"].sessions["one"]
        call.one.caller._socket.connect(("127.0.0.1", second.number))
        call.one.caller._send_all(_check(session.path.credentials.name, session.path.credentials.password))
        await hears(call.other, call.one)
        await hears(call.one, call.other)
        assert call.link is not before


def _check(name: str, password: str) -> bytes:
    request = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{name}:them", "PRIORITY": 1, "ICE-CONTROLLING": 1, "USE-CANDIDATE": None},
    )
    request.add_message_integrity(password.encode())
    request.add_fingerprint()
    return bytes(request)
