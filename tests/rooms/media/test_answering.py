"""Offers of browsers read and answered; ICE of a server with one port; the private names of aiortc."""

from __future__ import annotations

import asyncio

import pytest
from aioice import stun

from telegut.rooms.media import answering, ice_lite, sdp
from telegut.rooms.media.aiortc_private import Buffer, Certificate, Handshake, Keys
from telegut.rooms.media.answering import Ours, Source
from telegut.rooms.media.ice_lite import Credentials, Path
from telegut.rooms.media.place import CHANGING, SEND_TIME_AT, Place

HEAD = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2 3
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 AB:CD:EF
a=setup:actpass
"""
AUDIO = """m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0
a=mid:0
a=sendonly
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=rtpmap:0 PCMU/8000
"""
CAMERA = """m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 45
a=mid:1
a=sendonly
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 H264/90000
a=fmtp:103 packetization-mode=0;profile-level-id=42e01f
a=rtpmap:45 AV1/90000
a=rid:h send
a=rid:l send
a=simulcast:send h;l
"""
SHOWN = CAMERA.replace("mid:1", "mid:2").replace("sendonly", "recvonly").partition("a=rid")[0] + (
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\n"
)
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:3\n"
OFFER = HEAD + AUDIO + CAMERA + SHOWN + DATA


def test_an_offer_is_answered_with_what_is_forwarded() -> None:
    offer = sdp.read(OFFER)
    ours = Ours(Credentials("name", "password"), "sha-256 11:22", [("192.0.2.1", 4000)], active=True)
    said = answering.answer(offer, ours, {"2": Source(5, 6, "place-0", "cname")})
    _, audio, camera, shown, data = said.split("\r\nm=")

    assert "a=group:BUNDLE 0 1 2" in said
    assert "a=ice-lite" in said
    assert audio.startswith("audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n")
    assert "a=recvonly" in audio
    assert camera.startswith("video 9 UDP/TLS/RTP/SAVPF 96 97 102\r\n")
    assert "a=simulcast:recv h;l" in camera
    assert "transport-cc" in camera
    assert "goog-remb" not in camera
    assert "a=sendonly" in shown
    assert "goog-remb" in shown
    assert "a=ssrc-group:FID 5 6" in shown
    assert "transport-wide" not in shown
    assert "192.0.2.1 4000 typ host" in shown
    assert data.startswith("application 0 ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0\n",
        HEAD,
        "no such thing",
        OFFER.replace("a=fingerprint:sha-256 AB:CD:EF\n", ""),
        OFFER.replace("abcdefghijklmnopqrstuvwx", "short"),
        OFFER.replace("a=mid:1", "a=mid:0"),
        OFFER.replace("a=mid:1", "a=mid:<x>"),
        OFFER.replace("m=audio 9", "m=audio x"),
        HEAD + DATA * 100,
        "v" * (sdp.LONGEST + 1),
    ],
)
def test_what_is_no_offer_is_refused_by_name(text: str) -> None:
    with pytest.raises(sdp.NotUnderstood):
        sdp.read(text)


def test_a_place_has_its_time_where_it_is_written() -> None:
    head = Place("2", 0x01020304, 5, {}, mid_id=4, time_id=2).head(0x01020304)

    assert 0 == len(head) % 4
    assert bytes((2 << 4 | 2,)) == head[SEND_TIME_AT - 1 : SEND_TIME_AT]
    assert b"\x402" == head[SEND_TIME_AT + 3 : SEND_TIME_AT + 5]
    assert b"\x01\x02\x03\x04" == head[8:12]
    assert 1 + CHANGING.size == 8


def request(name: str, password: str, *, nominated: bool = False) -> bytes:
    """A binding request as a browser sends it."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": f"{name}:abcd"})
    if nominated:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def test_only_who_knows_the_password_says_where_a_session_is() -> None:
    path, sent = Path(), list[bytes]()
    name, password = path.credentials.name, path.credentials.password

    def hear(datagram: bytes, address: tuple[str, int]) -> bool:
        assert ice_lite.meant_for(datagram) == name
        return path.hear(name, datagram, address, lambda said, _: sent.append(said)).chosen

    assert not hear(request(name, "x" * 24, nominated=True), ("192.0.2.9", 1))
    assert path.address is None
    assert 401 == stun.parse_message(sent[-1]).error_code
    assert hear(request(name, password), ("192.0.2.1", 1))
    path.address = ("192.0.2.1", 1)
    assert not hear(request(name, password), ("192.0.2.2", 2)), "only looked at, not chosen"
    assert hear(request(name, password, nominated=True), ("192.0.2.2", 2))
    assert ("192.0.2.2", 2) == stun.parse_message(sent[-1]).attributes["XOR-MAPPED-ADDRESS"]


def test_a_restart_keeps_the_path_until_another_is_chosen() -> None:
    path = Path()
    old = path.credentials
    path.hear(old.name, request(old.name, old.password, nominated=True), ("192.0.2.1", 1), lambda *_: None)
    path.restart()
    new = path.credentials

    assert {old.name, new.name} == set(path.names())
    assert path.hear(
        new.name, request(new.name, new.password, nominated=True), ("192.0.2.7", 7), lambda *_: None
    ).chosen
    assert (new.name,) == path.names()


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\x01", b"\x00\x01\x00\x00" + b"x" * 16, request("a", "b" * 24)[:-9], b"\x80" * 600],
    ids=["nothing", "two bytes", "no cookie", "cut short", "media"],
)
def test_garbage_is_meant_for_nobody_or_answered_by_nothing(raw: bytes) -> None:
    name = ice_lite.meant_for(raw)
    assert name in (None, "a")
    assert ice_lite.answer(raw, ("192.0.2.1", 1), Credentials("a", "b" * 24)) is None


async def test_two_of_our_handshakes_understand_each_other_and_not_a_stranger() -> None:
    keys: dict[str, Keys] = {}
    one, other = Certificate(), Certificate()
    sides: dict[str, Handshake] = {}
    sides["client"] = Handshake(one, lambda datagram: sides["server"].take(datagram))
    sides["server"] = Handshake(other, lambda datagram: sides["client"].take(datagram))
    done = await asyncio.gather(
        sides["client"].start(other.fingerprint(), server=False, ready=lambda made: keys.update(client=made)),
        sides["server"].start(one.fingerprint(), server=True, ready=lambda made: keys.update(server=made)),
    )
    assert all(done)

    buffer = Buffer()
    raw = bytes((0x80, 96)) + bytes(10) + b"a picture"
    buffer.view[: len(raw)] = raw
    length = keys["client"].protect(buffer, len(raw))
    sealed = bytes(buffer.view[:length])
    assert b"a picture" not in sealed
    assert len(raw) == keys["server"].unprotect(buffer, length)
    assert raw == bytes(buffer.view[: len(raw)])
    buffer.view[:length] = sealed
    assert -1 == keys["server"].unprotect(buffer, length), "a packet that was here before"
    assert -1 == keys["server"].unprotect_rtcp(buffer, length)
    for side in sides.values():
        await side.stop()


async def test_another_certificate_than_was_named_is_refused() -> None:
    sides: dict[str, Handshake] = {}
    one, other, stranger = Certificate(), Certificate(), Certificate()
    sides["client"] = Handshake(one, lambda datagram: sides["server"].take(datagram))
    sides["server"] = Handshake(other, lambda datagram: sides["client"].take(datagram))
    shaken = asyncio.create_task(sides["server"].start(one.fingerprint(), server=True, ready=lambda _: None))

    assert not await sides["client"].start(stranger.fingerprint(), server=False, ready=lambda _: pytest.fail("no keys"))
    shaken.cancel()
    await asyncio.gather(shaken, return_exceptions=True)
