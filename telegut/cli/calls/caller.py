"""
One connection of a bench's caller: ICE, DTLS and SRTP as a browser has them, on a socket of its own.

It counts what it receives by sequence number, before anything is asked for again, and opens one packet in `CHECKED` to
see that it is what it seems. Times are seconds of the monotonic clock.

Sources: RFC 8445, section 7 (checks); RFC 7675 (consent); RFC 3550, section 6.4 (reports).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aioice import stun

from telegut.cli.calls import descriptions
from telegut.rooms.media import ice_lite, rtcp, rtp, sdp
from telegut.rooms.media.aiortc_private import Buffer, Certificate, Handshake, Keys
from telegut.rooms.media.ice_lite import Address, Credentials

CHECK_AGAIN_S: Final = 0.1
CONSENT_S: Final = 4.0
CHECKED: Final = 64
WINS: Final = (1 << 64) - 1
"""The tie-breaker: whoever else wants to control gives way (RFC 8445, section 7.3.1.1)."""
AT_A_TIME: Final = 64
CONNECTED_WITHIN_S: Final = 20.0
SOCKET_BUFFER: Final = 4 * 1024 * 1024
_LOW, _HIGH = 192, 223


@dataclass(slots=True)
class Heard:
    """What was received of one source: packets, and the extended sequence numbers of the first and the highest."""

    packets: int
    first: int
    highest: int


class Caller:
    """A connection. *wanted* is called when the other side asks for a key frame of one of our sources."""

    def __init__(self, certificate: Certificate, wanted: Callable[[int], None] = lambda ssrc: None) -> None:
        self.credentials = Credentials.fresh()
        self.certificate = certificate
        self.heard: dict[int, Heard] = {}
        self.broken = 0
        """Packets that did not open."""
        self.keys: Keys | None = None
        self.buffer = Buffer()
        """Where what is sent next is written."""
        self._incoming = Buffer()
        self._wanted = wanted
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self._handshake = Handshake(certificate, self._send_all)
        self._reached = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._types: frozenset[int] = frozenset()
        self._own_ssrc = secrets.randbits(31) or 1
        self.refused = 0
        """Datagrams that the system did not take."""

    @property
    def fingerprint(self) -> str:
        """For descriptions."""
        return self.certificate.fingerprint()

    async def connect(self, text: str, *, offered: bool) -> sdp.Offer:
        """
        Call whoever described themselves with *text*; offered: it is an offer. What it says, once SRTP is ready.

        Raises:
            TimeoutError: nobody is there. ConnectionError: the handshake failed.
        """
        described = sdp.read(text)
        address = descriptions.candidate(text)
        self._types = frozenset(
            codec.payload_type
            for section in described.sections
            for codec in section.codecs.values()
            if codec.name in ("vp8", "opus")
        )
        self._socket.connect(address)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._readable)
        self._tasks.append(asyncio.create_task(self._check(described, address)))
        async with asyncio.timeout(CONNECTED_WITHIN_S):
            await self._reached.wait()
            # An offer is answered with "active"; the answer to ours says "active" itself.
            done = await self._handshake.start(described.fingerprint, server=not offered, ready=self._ready)
        if not done:
            raise ConnectionError("The handshake failed.")
        self._tasks.append(asyncio.create_task(self._report()))
        return described

    def connect_plainly(self, address: Address, keys: Keys, types: Iterable[int]) -> None:
        """Talk to *address* with *keys* that both sides have."""
        self._types, self.keys = frozenset(types), keys
        self._socket.connect(address)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def _ready(self, keys: Keys) -> None:
        self.keys = keys

    async def _check(self, theirs: sdp.Offer, address: Address) -> None:
        while True:
            self._send_all(self._request(theirs))
            await asyncio.sleep(CONSENT_S if self._reached.is_set() else CHECK_AGAIN_S)

    def _request(self, theirs: sdp.Offer) -> bytes:
        request = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={
                "USERNAME": f"{theirs.name}:{self.credentials.name}",
                "PRIORITY": 1845501695,
                "ICE-CONTROLLING": WINS,
                "USE-CANDIDATE": None,
            },
        )
        request.add_message_integrity(theirs.password.encode())
        request.add_fingerprint()
        return bytes(request)

    def _send_all(self, datagram: bytes | memoryview) -> None:
        try:
            self._socket.send(datagram)
        except OSError:
            self.refused += 1

    def send(self, length: int) -> None:
        """Seal what lies in the first *length* bytes of `buffer` and send it."""
        keys = self.keys
        if keys is not None and (sealed := keys.protect(self.buffer, length)) > 0:
            self._send_all(self.buffer.view[:sealed])

    def tell(self, packet: bytes) -> None:
        """Send RTCP."""
        keys = self.keys
        if keys is not None:
            self.buffer.view[: len(packet)] = packet
            if (sealed := keys.protect_rtcp(self.buffer, len(packet))) > 0:
                self._send_all(self.buffer.view[:sealed])

    # --- what comes

    def _readable(self) -> None:
        view, receive = self._incoming.view, self._socket.recv_into
        for _ in range(AT_A_TIME):
            try:
                length = receive(view)
            except OSError:
                return
            first = view[0] if length else 0
            if 128 <= first <= 191:
                if _LOW <= view[1] <= _HIGH:
                    self._control(length)
                else:
                    self._media(view, length)
            elif 20 <= first <= 63:
                self._handshake.take(bytes(view[:length]))
            elif first <= 3:
                self._stun(bytes(view[:length]))

    def _media(self, view: memoryview, length: int) -> None:
        if view[1] & 127 not in self._types:
            return
        ssrc, sequence = int.from_bytes(view[8:12]), int.from_bytes(view[2:4])
        heard = self.heard.get(ssrc)
        if heard is None:
            heard = self.heard[ssrc] = Heard(0, sequence, sequence)
        heard.packets += 1
        step = rtp.ahead(sequence, heard.highest & 0xFFFF)
        if step > 0:
            heard.highest += step
        if heard.packets % CHECKED == 0 and self.keys is not None and self.keys.unprotect(self._incoming, length) < 0:
            self.broken += 1

    def _control(self, length: int) -> None:
        keys = self.keys
        length = keys.unprotect_rtcp(self._incoming, length) if keys is not None else -1
        if length > 0:
            for said in rtcp.read(bytes(self._incoming.view[:length])):
                if isinstance(said, rtcp.KeyFrame):
                    self._wanted(said.ssrc)

    def _stun(self, datagram: bytes) -> None:
        with contextlib.suppress(ValueError, KeyError):
            message = stun.parse_message(datagram)
            if message.message_class == stun.Class.RESPONSE:
                self._reached.set()
            elif message.message_class == stun.Class.REQUEST:
                answered = ice_lite.answer(datagram, self._socket.getpeername(), self.credentials)
                if answered is not None:
                    self._send_all(answered.reply)

    async def _report(self) -> None:
        """A receiver report each second: how much was lost, nothing of delay."""
        before: dict[int, tuple[int, int]] = {}
        while True:
            await asyncio.sleep(1)
            blocks = []
            for ssrc, heard in self.heard.items():
                packets, highest = before.get(ssrc, (0, heard.first - 1))
                before[ssrc] = heard.packets, heard.highest
                lost = max(0, heard.highest - highest - (heard.packets - packets))
                fraction = min(255, lost * 256 // max(1, heard.highest - highest))
                blocks.append(rtcp.Block(ssrc, fraction, 0, heard.highest & 0xFFFFFFFF, 0, 0, 0))
            for at in range(0, max(1, len(blocks)), 31):
                self.tell(rtcp.receiver_report(self._own_ssrc, blocks[at : at + 31], b"caller"))

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(Exception):
            await self._handshake.stop()
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()


def now() -> float:
    """The clock of everything here."""
    return time.monotonic()
