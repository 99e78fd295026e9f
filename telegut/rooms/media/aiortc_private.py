"""
Everything private of aiortc and pylibsrtp that telegut touches, in one place. Pinned: aiortc 1.16.0, pylibsrtp 1.0.0.

aiortc does the DTLS handshake and makes the SRTP sessions; telegut carries the datagrams, and calls libsrtp in place
on a buffer of its own. ``tests/rooms/media/test_aiortc_private.py`` fails the day one of these names moves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, cast

from aiortc.rtcdtlstransport import (
    SRTP_PROFILES,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    State,
)
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from telegut.rooms.media.allowance import Allowance

BUFFER_BYTES: Final = 2048
"""A datagram of media has at most 1500 bytes; what libsrtp appends (16 bytes of tag and 128 of MKI) fits behind."""
LONGEST_PACKET: Final = 1500

DTLS_EACH: Final = 100
"""DTLS datagrams of one session in a second; a handshake has about ten."""

Send = Callable[[bytes], None]

_protect, _unprotect = lib.srtp_protect, lib.srtp_unprotect


class Buffer:
    """A piece of memory that libsrtp works on in place. *view* is its bytes, *length* what of it is a packet."""

    __slots__ = ("cell", "length", "memory", "view")

    def __init__(self) -> None:
        self.memory = ffi.new("char[]", BUFFER_BYTES)
        self.view = memoryview(ffi.buffer(self.memory))
        self.cell = ffi.new("int *")
        self.length = memoryview(ffi.buffer(self.cell)).cast("i")


class Keys:
    """
    The SRTP sessions of one transport. Every method works in place and answers the new length, -1 when it is refused.

    A packet that does not authenticate, or is a repeat, is refused.
    """

    __slots__ = ("_inbound", "_kept", "_outbound")

    def __init__(self, inbound: Session, outbound: Session) -> None:
        self._kept = (inbound, outbound)  # the sessions own the memory behind the pointers
        self._inbound = inbound._srtp[0]
        self._outbound = outbound._srtp[0]

    def unprotect(self, buffer: Buffer, length: int) -> int:
        """Open an SRTP packet."""
        size = buffer.length
        size[0] = length
        return -1 if _unprotect(self._inbound, buffer.memory, buffer.cell) else size[0]

    def unprotect_rtcp(self, buffer: Buffer, length: int) -> int:
        """Open an SRTCP packet."""
        size = buffer.length
        size[0] = length
        return -1 if lib.srtp_unprotect_rtcp(self._inbound, buffer.memory, buffer.cell) else size[0]

    def protect(self, buffer: Buffer, length: int) -> int:
        """Seal an RTP packet."""
        size = buffer.length
        size[0] = length
        return -1 if _protect(self._outbound, buffer.memory, buffer.cell) else size[0]

    def protect_rtcp(self, buffer: Buffer, length: int) -> int:
        """Seal an RTCP packet."""
        size = buffer.length
        size[0] = length
        return -1 if lib.srtp_protect_rtcp(self._outbound, buffer.memory, buffer.cell) else size[0]


class _Carrier:
    """What RTCDtlsTransport takes for an ICE transport: it is given datagrams, and gives those it wants sent."""

    role = "controlled"

    def __init__(self, send: Send) -> None:
        self._send_now = send
        self.arrived: asyncio.Queue[bytes | None] = asyncio.Queue(64)

    def forget(self) -> None:
        """Send nothing any more."""
        self._send_now = lambda datagram: None

    async def _recv(self) -> bytes:
        datagram = await self.arrived.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


class Certificate:
    """
    A certificate for DTLS, and what OpenSSL makes of it.

    One for a whole process: making one for each session would cost a third of a join, and its context a quarter.
    """

    def __init__(self) -> None:
        self.made = RTCCertificate.generateCertificate()
        """aiortc's own."""
        context = self.made._create_ssl_context(srtp_profiles=SRTP_PROFILES)
        setattr(self.made, "_create_ssl_context", lambda srtp_profiles: context)  # noqa: B010 - a method, to mypy

    def fingerprint(self) -> str:
        """SHA-256, as ``a=fingerprint`` says it (RFC 8122)."""
        found = next(one for one in self.made.getFingerprints() if one.algorithm == "sha-256")
        return f"sha-256 {found.value}"


class Handshake:
    """DTLS with one browser: `start` it, feed it with `take`, and it has `keys` when it is done."""

    def __init__(self, certificate: Certificate, send: Send) -> None:
        self._carrier = _Carrier(send)
        self._dtls = RTCDtlsTransport(cast(Any, self._carrier), [certificate.made])
        self._allowance = Allowance(DTLS_EACH, DTLS_EACH)
        self._stopped = False

    async def start(self, fingerprint: str, *, server: bool, ready: Callable[[Keys], None]) -> bool:
        """
        Shake hands with the owner of the certificate with *fingerprint* (``sha-256 AB:…``); whether that came about.

        server: the browser begins. ready: called with the keys before anything else is read.
        """
        algorithm, _, value = fingerprint.partition(" ")
        self._dtls._set_role("server" if server else "client")
        wanted = RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm=algorithm, value=value)])
        await self._dtls.start(wanted)
        if self._stopped:  # a cancellation that came together with the last datagram is swallowed (asyncio.wait_for)
            await self._dtls.stop()
            return False
        if self._dtls._state != State.CONNECTED:
            return False
        ready(Keys(self._dtls._rx_srtp, self._dtls._tx_srtp))
        return True

    def take(self, datagram: bytes) -> None:
        """A DTLS datagram arrived; those beyond a full queue or `DTLS_EACH` are dropped, DTLS repeats them."""
        if not self._carrier.arrived.full() and self._allowance.take("", time.monotonic()):
            self._carrier.arrived.put_nowait(datagram)

    def when_over(self, over: Callable[[], None]) -> None:
        """Call *over* when the other side closes, or the handshake fails."""

        def changed() -> None:
            if self._dtls._state in (State.CLOSED, State.FAILED):
                over()

        self._dtls.on("statechange", changed)

    async def stop(self) -> None:
        """Say goodbye. Nothing of ours is held any more then: what is not in a circle is freed at once."""
        self._stopped = True
        await self._dtls.stop()
        self._dtls.remove_all_listeners()
        self._carrier.forget()
