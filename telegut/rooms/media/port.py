"""
The one port of a media process, UDP and beside it TCP: every datagram goes to the session it belongs to, with as little
work as possible.

Media is known by the address it comes from, and only an address that proved the session's password is known. Nothing
here is a task or a queue. What cannot be sent right now is dropped: media that waits is late.

Source: RFC 7983 (what a datagram is by its first byte).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Final

from telegut.rooms.media import ice_lite, stun
from telegut.rooms.media.aiortc_private import Buffer
from telegut.rooms.media.allowance import Allowance
from telegut.rooms.media.egress import Egress
from telegut.rooms.media.ice_lite import BY_TCP, Address
from telegut.rooms.media.routes import Reached, Routes
from telegut.rooms.media.tcp.listening import Listener

AT_A_TIME: Final = 128
"""Datagrams read before others get their turn."""
LOOK_EVERY_S: Final = 0.002
"""A packet waits half of it on average; a browser's own pacing moves it by more."""
MOST_WAKES: Final = 400
"""When the system wakes us more often than this in a second, as from about three people on, we look each `LOOK_EVERY_S`
instead, as network cards do: waking up costs as much as forwarding, and what came together leaves together."""
ENOUGH_LOOKS: Final = 150
"""When fewer looks than this in a second find something, we are woken again."""
JUDGED_S: Final = 0.1
SOCKET_BUFFER: Final = 4 * 1024 * 1024
"""Bytes; a key frame for a dozen people arrives at once. The system may give less."""
PLAIN_EACH: Final = 200
"""Plain STUN requests of one host in a second that are looked at; a whole clinic may share one address."""
PLAIN_ALL: Final = 1000
"""Of all hosts: under a tenth of a core."""
NAMED_EACH: Final = 50
"""Requests for one session from one address; browsers send one each 48 ms at most while they look for a way."""
NAMED_ALL: Final = 4000


class Port:
    """Reads and writes the socket. *answered* counts plain STUN requests, *dropped* what could not be sent."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        if family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._socket.bind((host, port))
        self.number: int = self._socket.getsockname()[1]
        self.answered = self.received = 0
        self._dropped = self._sent = 0
        self.streams = Listener(self)
        """Browsers that are connected by TCP, once it is opened."""
        self.egress = Egress(self._socket, self.streams.connections)
        """For what is forwarded; it goes when a batch was read."""
        self._looking: asyncio.TimerHandle | None = None
        self._turns, self._turns_since = 0, 0.0
        self._buffer = Buffer()
        self._routes = Routes()
        self._by_address = self._routes.by_address
        self._by_name: dict[str, Reached] = {}
        self._names: dict[Reached, tuple[str, ...]] = {}
        self._plain = Allowance(PLAIN_EACH, PLAIN_ALL)
        self._named = Allowance(NAMED_EACH, NAMED_ALL)
        self._sendto: Callable[..., int] = self._socket.sendto

    def open(self) -> None:
        """Read from now on."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def close(self) -> None:
        """Read no more."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        if self._looking is not None:
            self._looking.cancel()
        self.streams.close()
        self._socket.close()

    def expect(self, session: Reached) -> None:
        """*session* may be asked for under its present names, and no others."""
        self._unname(session)
        self._names[session] = session.path.names()
        for name in self._names[session]:
            self._by_name[name] = session

    def _unname(self, session: Reached) -> None:
        for name in self._names.pop(session, ()):
            del self._by_name[name]

    def forget(self, session: Reached) -> None:
        """Nothing is for *session* any more."""
        self._unname(session)
        self._routes.forget(session)

    def send(self, datagram: bytes | memoryview, address: Address) -> None:
        """Send now or not at all."""
        try:
            if address[0].startswith(BY_TCP):
                self._over(datagram, address)
            else:
                self._sendto(datagram, address)
        except OSError:
            self._dropped += 1
        else:
            self._sent += 1

    def _over(self, datagram: bytes | memoryview, address: Address) -> None:
        connection = self.streams.connections.get(address)
        if connection is None or not connection.send(datagram):
            raise BlockingIOError

    @property
    def sent(self) -> int:
        """Datagrams so far."""
        return self._sent + self.egress.sent

    @property
    def dropped(self) -> int:
        """Datagrams that the system did not take."""
        return self._dropped + self.egress.dropped

    def _readable(self) -> None:
        self._take()
        self._turns += 1
        now = time.monotonic()
        if now - self._turns_since >= JUDGED_S:
            if self._turns > JUDGED_S * MOST_WAKES:
                loop = asyncio.get_running_loop()
                loop.remove_reader(self._socket.fileno())
                self._looking = loop.call_later(LOOK_EVERY_S, self._look)
            self._turns, self._turns_since = 0, now

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        before = self.received
        self._take()
        self._turns += self.received > before
        now = time.monotonic()
        if now - self._turns_since < JUDGED_S or self._turns > JUDGED_S * ENOUGH_LOOKS:
            self._looking = loop.call_later(LOOK_EVERY_S, self._look)
        else:
            self._looking = None
            loop.add_reader(self._socket.fileno(), self._readable)
        if now - self._turns_since >= JUDGED_S:
            self._turns, self._turns_since = 0, now

    def _take(self) -> None:
        self._read()
        self.egress.flush()

    def _read(self) -> None:
        buffer = self._buffer
        view, receive, by_address = buffer.view, self._socket.recvfrom_into, self._by_address
        now = time.monotonic()  # one for all: what is read together was there
        for _ in range(AT_A_TIME):
            try:
                length, address = receive(view)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # what an earlier datagram of ours met (ICMP)
            self.received += 1
            first = view[0] if length else 0
            if 128 <= first <= 191:
                session = by_address.get(address)
                if session is not None:
                    session.media(buffer, length, now)
            elif 20 <= first <= 63:
                session = by_address.get(address)
                if session is not None:
                    session.handshake(bytes(view[:length]))
            elif first <= 3:
                self._stun(bytes(view[:length]), address)

    # --- by TCP

    def take(self, frame: memoryview, address: Address) -> bool:
        """See `tcp.listening.Takes`."""
        self.received += 1
        first, length = frame[0], len(frame)
        if first <= 3:
            name = ice_lite.meant_for(datagram := bytes(frame))
            return name is not None and self._check(name, datagram, address)
        session = self._by_address.get(address)
        if session is None:
            return False
        if 128 <= first <= 191:
            self._buffer.view[:length] = frame
            session.media(self._buffer, length, time.monotonic())
        elif 20 <= first <= 63:
            session.handshake(bytes(frame))
        return True

    def flush(self) -> None:
        """See `tcp.listening.Takes`."""
        self.egress.flush()

    # --- who is where

    def _stun(self, datagram: bytes, address: Address) -> None:
        name = ice_lite.meant_for(datagram)
        if name is not None:
            self._check(name, datagram, address)
        elif self._plain.take(address[0], time.monotonic()):
            reply = stun.answer(datagram, (address[0], address[1]))
            if reply is not None:
                self.answered += 1
                self.send(reply, address)

    def _check(self, name: str, datagram: bytes, address: Address) -> bool:
        """Answer a request to *name*; whether it showed the password, or cannot be looked at now."""
        now = time.monotonic()
        session = self._by_name.get(name)
        if session is None or not self._routes.is_free(address, session, now):
            return False
        if not self._named.take((name, address), now):
            return address in self._by_address
        heard = session.path.hear(name, datagram, address, self.send)
        if heard.chosen:
            self._routes.chosen(session, address)
            session.reached()
        return heard.known
