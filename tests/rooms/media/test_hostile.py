"""What strangers and guests with bad manners send harms nobody: a call that goes on beside it loses nothing."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aioice import stun

from telegut.rooms.media import port, rtp, sdp
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.forwarder import Forwarder
from telegut.rooms.media.ice_lite import Credentials
from telegut.rooms.media.port import Port
from telegut.rooms.media.session import Layout, Session
from tests.rooms.media.callers import Somebody, hears
from tests.rooms.visits import eventually

CERTIFICATE = Certificate()


@dataclass
class Call:
    """Two who hear each other, and the forwarder between them."""

    port: Port
    forwarder: Forwarder
    one: Somebody
    other: Somebody

    def join(self, seat: str, who: Somebody, fingerprint: str | None = None) -> str:
        """The answer to *who*'s offer."""
        offer = who.offers()
        text = offer.offer.replace(who.caller.fingerprint, fingerprint) if fingerprint else offer.offer
        shows = [dict(one) for one in offer.shows]
        return self.forwarder.join("room", seat, text, Layout({"0": "audio"}, shows))  # type: ignore[arg-type]

    def session(self, seat: str) -> Session:
        """Somebody's connection."""
        return self.forwarder.rooms["room"].sessions[seat]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """A call under way."""
    taken = Port("127.0.0.1", 0)
    taken.open()
    forwarder = Forwarder(taken, [("127.0.0.1", taken.number)], lambda room, seat, event: None)
    running = asyncio.create_task(forwarder.run())
    made = Call(taken, forwarder, Somebody(CERTIFICATE, 11), Somebody(CERTIFICATE, 22))
    for seat, who in (("one", made.one), ("other", made.other)):
        await who.caller.connect(made.join(seat, who), offered=False)
    await hears(made.other, made.one)
    await hears(made.one, made.other)
    yield made
    for who in (made.one, made.other):
        await who.caller.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await forwarder.stop()
    taken.close()


@asynccontextmanager
async def stranger(call: Call) -> AsyncIterator[socket.socket]:
    """A socket that nobody knows, connected with the forwarder's port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rude:
        rude.setblocking(False)
        rude.connect(("127.0.0.1", call.port.number))
        yield rude


def garbage(chance: random.Random) -> bytes:
    """A datagram of any kind, of any length, broken in any way."""
    length = chance.choice((0, 1, 2, 3, 11, 12, 13, 19, 20, 21, 40, 200, 548, 549, 1200, 1500))
    body = bytearray(chance.randbytes(length))
    if length:
        kinds = (0x00, 0x01, 0x03, 20, 22, 23, 63, 64, 128, 0x80, 0x90, 0xB0, 191, 192, 255)
        body[0] = chance.choice(kinds)
    if length > 8 and chance.random() < 0.5:
        body[1] = chance.choice((0x01, 0xC8, 0xC9, 0xCD, 0xCE, 111))
        body[4:8] = b"\x21\x12\xa4\x42"
    return bytes(body)


def check(who: Credentials, password: str) -> bytes:
    """A request of ICE that chooses the path it takes."""
    request = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{who.name}:them", "PRIORITY": 1, "ICE-CONTROLLING": 1, "USE-CANDIDATE": None},
    )
    request.add_message_integrity(password.encode())
    request.add_fingerprint()
    return bytes(request)


async def said_and_heard(call: Call, packets: int, beside: list[bytes], speaking: socket.socket | None) -> None:
    """One says so many packets, with *beside* sent between them by *speaking* or by one's own socket; all are heard."""
    await eventually(lambda: _settled(call.other), "what was said before is heard")
    before, rest = call.other.heard, list(beside)
    each = len(rest) // packets + 1
    for _ in range(packets):
        call.one.speaks()
        for raw in rest[:each]:
            _send(call.one, speaking, raw)
        del rest[:each]
        await asyncio.sleep(0)  # let the forwarder empty its buffer
    await eventually(lambda: call.other.heard >= before + packets, "every packet is heard")
    assert (packets, 0) == (call.other.heard - before, call.other.lost)


def _send(who: Somebody, speaking: socket.socket | None, raw: bytes) -> None:
    try:
        (speaking or who.caller._socket).send(raw)
    except OSError:
        return  # what the port answered to an earlier one, or a full buffer


async def _settled(who: Somebody) -> bool:
    before = who.heard
    await asyncio.sleep(0.1)
    return who.heard == before


async def test_garbage_from_a_stranger_is_not_heard(call: Call) -> None:
    chance = random.Random(5)
    async with stranger(call) as rude:
        await said_and_heard(call, 200, [garbage(chance) for _ in range(10_000)], rude)


async def test_garbage_from_an_address_that_is_known_is_not_heard_either(call: Call) -> None:
    chance = random.Random(6)
    await said_and_heard(call, 100, [garbage(chance) for _ in range(2_000)], None)
    assert call.session("one").up
    assert not call.session("one").over


async def test_packets_that_are_sealed_well_and_make_no_sense_harm_nobody(call: Call) -> None:
    chance, caller, raw = random.Random(7), call.one.caller, list[bytes]()
    assert caller.keys is not None
    for _ in range(1_000):
        body = bytearray(chance.randbytes(chance.choice((12, 13, 16, 20, 28, 60, 400))))
        body[0] = chance.choice((0x80, 0x90, 0xA0, 0xB0, 0x8F, 0xBF, 0x81, 0x9F))
        body[1] = chance.choice((96, 111, 200, 201, 203, 205, 206, 127, 255))
        body[8:12] = chance.choice((b"\0\0\0\x63", b"\0\0\0\x0c", body[8:12]))
        caller.buffer.view[: len(body)] = body
        seal = caller.keys.protect_rtcp if rtp.is_rtcp(body[1]) else caller.keys.protect
        if (length := seal(caller.buffer, len(body))) > 0:
            raw.append(bytes(caller.buffer.view[:length]))
    await said_and_heard(call, 100, raw, None)
    assert call.session("one").up


async def test_a_flood_from_one_address_is_answered_to_a_bound(call: Call) -> None:
    request = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    before, loop = call.port.answered, asyncio.get_running_loop()
    began = loop.time()
    async with stranger(call) as rude:
        await said_and_heard(call, 200, [request] * 8_000, rude)
    seconds = int(loop.time() - began) + 2

    assert 0 < call.port.answered - before <= port.PLAIN_EACH * seconds


async def test_checks_for_one_session_are_answered_to_a_bound(call: Call) -> None:
    mine = call.session("one").path.credentials
    sent, loop = call.port.sent, asyncio.get_running_loop()
    began = loop.time()
    async with stranger(call) as rude:
        await said_and_heard(call, 100, [check(mine, "x" * 24)] * 4_000, rude)
    seconds = int(loop.time() - began) + 2

    assert call.port.sent - sent <= port.NAMED_EACH * seconds + 100 + 200 * seconds, "the sound, and a bounded part"


async def test_a_wrong_name_or_password_leads_nowhere(call: Call) -> None:
    joining = Somebody(CERTIFICATE, 33)
    theirs = sdp.read(call.join("third", joining))
    async with stranger(call) as rude:
        for name, password in ((theirs.name, "x" * 24), ("nobody", theirs.password), (theirs.name + "x", "y" * 24)):
            rude.send(check(Credentials(name, ""), password))
        await said_and_heard(call, 20, [], rude)

    assert call.session("third").path.address is None
    await joining.caller.close()


async def test_another_certificate_than_was_named_is_not_spoken_with(call: Call) -> None:
    liar = Somebody(CERTIFICATE, 44)
    answer = call.join("liar", liar, fingerprint=Certificate().fingerprint())
    connecting = asyncio.create_task(liar.caller.connect(answer, offered=False))
    await eventually(lambda: call.session("liar").over, "the handshake is given up")
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)

    assert not call.session("liar").up
    await said_and_heard(call, 20, [], None)
    await liar.caller.close()


async def test_what_was_recorded_and_is_sent_again_changes_nothing(call: Call) -> None:
    recorded, send = list[bytes](), call.one.caller._send_all

    def record(datagram: bytes | memoryview) -> None:
        recorded.append(bytes(datagram))
        send(datagram)

    call.one.caller._send_all = record  # type: ignore[method-assign]
    await said_and_heard(call, 50, [], None)
    session = call.session("one")
    recorded.append(check(session.path.credentials, session.path.credentials.password))
    call.one.caller._send_all = send  # type: ignore[method-assign]
    here = session.path.address
    async with stranger(call) as rude:
        await asyncio.get_running_loop().sock_sendall(rude, recorded[-1])
        await asyncio.get_running_loop().sock_recv(rude, 2048)  # it is answered, as it has to be
        assert here == session.path.address, "and nothing is sent there"
        await said_and_heard(call, 50, recorded * 3, rude)
        await said_and_heard(call, 50, recorded * 3, None)

    assert here == call.session("one").path.address
    await hears(call.one, call.other)


async def test_nobody_takes_the_address_of_somebody_else(call: Call) -> None:
    guest = Somebody(CERTIFICATE, 55)
    theirs = sdp.read(call.join("guest", guest))
    # A guest of the same room sends checks for their own session from under another one's address.
    await said_and_heard(call, 50, [check(Credentials(theirs.name, ""), theirs.password)] * 50, None)

    assert call.session("guest").path.address is None
    await hears(call.one, call.other)
    await guest.caller.close()


async def test_who_moves_to_another_network_is_found_there(call: Call) -> None:
    session, caller = call.session("one"), call.one.caller
    loop, before = asyncio.get_running_loop(), session.path.address
    old = caller._socket
    loop.remove_reader(old.fileno())
    caller._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    caller._socket.setblocking(False)
    caller._socket.connect(("127.0.0.1", call.port.number))
    loop.add_reader(caller._socket.fileno(), caller._readable)
    caller._send_all(check(session.path.credentials, session.path.credentials.password))
    await hears(call.other, call.one)
    await hears(call.one, call.other)
    old.close()

    assert before != session.path.address == caller._socket.getsockname()


async def test_a_restart_of_ice_keeps_keys_and_numbers(call: Call) -> None:
    session, caller = call.session("one"), call.one.caller
    old = session.path.credentials
    caller.credentials = Credentials.fresh()
    answer = sdp.read(call.join("one", call.one))
    assert (old.name, old) != (answer.name, session.path.credentials)
    await hears(call.one, call.other)

    caller._send_all(check(Credentials(answer.name, ""), answer.password))
    await eventually(lambda: session.path.former is None, "the former password is forgotten")
    await said_and_heard(call, 20, [], None)
    await hears(call.one, call.other)

    assert call.session("one") is session
    assert (answer.name,) == session.path.names()


async def test_who_comes_just_before_numbers_wrap_may_miss_the_first_packets(call: Call) -> None:
    speaker, late = Somebody(Certificate(), 66, others=3), Somebody(Certificate(), 77, others=3)
    speaker.sequence = 0xFFF0
    await speaker.caller.connect(call.join("speaker", speaker), offered=False)
    await hears(call.other, speaker)
    await late.caller.connect(call.join("late", late), offered=False)
    await hears(late, speaker)

    # How often a stream's numbers have wrapped is part of its key. Those of a place do not for a long time yet.
    heard = [one for who in (late, call.one, call.other) for one in who.caller.heard.values()]
    assert all(one.first < 1 << 15 for one in heard)
    assert len(heard) >= 3
    for who in (speaker, late):
        await who.caller.close()
