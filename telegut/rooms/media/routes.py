"""
Whose datagrams come from which address; and when a session's own packets go to another one than before.

An address that asked with a session's password is one that its datagrams may come from. Requests can be recorded and
sent again from elsewhere (STUN has no protection against that), so a session that is up is only sent to an address from
which a packet came that its SRTP keys open, and that was not here before. An address that a living session uses is
never taken from it, whoever asks.

Source: RFC 8445, sections 7.3 and 12.1.1; RFC 3711, section 3.3.2 (replay lists); RFC 8489, section 16.1 (attacks).
"""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from telegut.rooms.media.aiortc_private import Buffer
from telegut.rooms.media.ice_lite import Address, Path

MOST_ADDRESSES: Final = 4
"""Of one session at once: Wi-Fi and mobile, each over IPv4 and IPv6."""
KEPT_S: Final = 5.0
"""An address whose session has been silent for so long may be another one's: NATs give ports away again."""


class Reached(Protocol):
    """Whom datagrams may be for."""

    path: Path
    heard_at: float
    up: bool
    over: bool

    def reached(self) -> None:
        """A way to it was shown."""

    def handshake(self, datagram: bytes) -> None:
        """DTLS for it."""

    def media(self, buffer: Buffer, length: int, now: float) -> bool:
        """SRTP or SRTCP for it; whether its keys opened it, for the first time."""


class _Arriving:
    """A session that may be on its way to another address: its first authentic packet from there decides."""

    __slots__ = ("_address", "_routes", "session")

    def __init__(self, routes: Routes, session: Reached, address: Address) -> None:
        self._routes = routes
        self._address = address
        self.session = session

    def handshake(self, datagram: bytes) -> None:
        """See `Reached`."""
        self.session.handshake(datagram)

    def media(self, buffer: Buffer, length: int, now: float) -> bool:
        """See `Reached`."""
        opened = self.session.media(buffer, length, now)
        if opened:
            self._routes.settle(self.session, self._address)
        return opened


class Routes:
    """Sessions by address."""

    def __init__(self) -> None:
        self.by_address: dict[Address, Reached | _Arriving] = {}
        self._of: dict[Reached, deque[Address]] = {}

    def is_free(self, address: Address, session: Reached, now: float) -> bool:
        """Whether *address* may become one of *session*'s."""
        owner = self._owner(address)
        return owner is None or owner is session or owner.over or now - owner.heard_at > KEPT_S

    def _owner(self, address: Address) -> Reached | None:
        found = self.by_address.get(address)
        return found.session if isinstance(found, _Arriving) else found

    def chosen(self, session: Reached, address: Address) -> None:
        """The browser of *session* says with its password that it is at *address*."""
        if self._owner(address) is not session:
            self._add(session, address)
        if session.path.address != address and not (session.up and session.path.address is not None):
            self.settle(session, address)

    def _add(self, session: Reached, address: Address) -> None:
        if (owner := self._owner(address)) is not None:
            self._of[owner].remove(address)
        own = self._of.setdefault(session, deque())
        if len(own) >= MOST_ADDRESSES:
            oldest = next(one for one in own if one != session.path.address)
            own.remove(oldest)
            del self.by_address[oldest]
        own.append(address)
        self.by_address[address] = _Arriving(self, session, address)

    def settle(self, session: Reached, address: Address) -> None:
        """From now on *session* is at *address*; it may come back to where it was."""
        before = session.path.address
        if before is not None and self._owner(before) is session:
            self.by_address[before] = _Arriving(self, session, before)
        session.path.address = address
        self.by_address[address] = session

    def forget(self, session: Reached) -> None:
        """Nothing comes for *session* any more."""
        for address in self._of.pop(session, ()):
            del self.by_address[address]
