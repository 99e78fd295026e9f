"""
The server's side of ICE: it has one address, begins nothing, and answers whoever knows the password of a session.

Source: RFC 8445, section 2.7 (lite) and 7.3 (responding); RFC 8489, sections 9.1 and 14; RFC 8839, section 5.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from aioice import stun

from telegut.rooms.media.stun import LONGEST_REQUEST, plain_address

Address = tuple[str, int]
"""Host and port where a browser is; one that is connected by TCP has `BY_TCP` before its host."""
BY_TCP: Final = "tcp:"
COOKIE: Final = b"\x21\x12\xa4\x42"
BINDING_REQUEST: Final = b"\x00\x01"
USERNAME: Final = 0x0006
_ATTRIBUTE = struct.Struct("!HH")
BAD_INTEGRITY: Final = (401, "Unauthorized")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password; RFC 8839, section 5.4 wants at least 4 and 22 characters."""

    name: str
    password: str

    @classmethod
    def fresh(cls) -> Credentials:
        """New ones that nobody can guess: 48 bits for the name, 144 for the password."""
        return cls(secrets.token_hex(6), secrets.token_urlsafe(18))


def meant_for(datagram: bytes) -> str | None:
    """
    Whose credentials a binding request names, by a look at its bytes alone.

    Cheap, so that garbage costs next to nothing; None for anything else.
    """
    size = len(datagram)
    if size < stun.HEADER_LENGTH or size > LONGEST_REQUEST or datagram[:2] != BINDING_REQUEST:
        return None
    if datagram[4:8] != COOKIE:
        return None
    at = stun.HEADER_LENGTH
    while at + 4 <= size:
        kind, length = _ATTRIBUTE.unpack_from(datagram, at)
        if kind == USERNAME and at + 4 + length <= size:
            return datagram[at + 4 : at + 4 + length].partition(b":")[0].decode("ascii", "replace")
        at += 4 + length + (-length % 4)
    return None


@dataclass(slots=True)
class Answered:
    """What to send back, and whether the asker was who they say and chose this path."""

    reply: bytes
    known: bool
    nominated: bool


def answer(datagram: bytes, address: Address, credentials: Credentials) -> Answered | None:
    """The answer to a binding request that names *credentials*; None when it is no proper request."""
    try:
        request = stun.parse_message(datagram)
    except (ValueError, KeyError, struct.error, UnicodeDecodeError):
        return None
    if (request.message_method, request.message_class) != (stun.Method.BINDING, stun.Class.REQUEST):
        return None
    if "MESSAGE-INTEGRITY" not in request.attributes:
        return None
    if not request.check_message_integrity(credentials.password.encode()):
        return Answered(_refusal(request), known=False, nominated=False)
    response = stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": plain_address((address[0].removeprefix(BY_TCP), address[1]))},
    )
    response.add_message_integrity(credentials.password.encode())
    response.add_fingerprint()
    return Answered(bytes(response), known=True, nominated="USE-CANDIDATE" in request.attributes)


def _refusal(request: stun.Message) -> bytes:
    response = stun.Message(
        stun.Method.BINDING,
        stun.Class.ERROR,
        transaction_id=request.transaction_id,
        attributes={"ERROR-CODE": BAD_INTEGRITY},
    )
    response.add_fingerprint()
    return bytes(response)


class Heard(NamedTuple):
    """Whether who asked knows the password, and says by it where they are."""

    known: bool
    chosen: bool


@dataclass(slots=True)
class Path:
    """
    How one session is reached: its credentials, those before a restart while they may still be used, and the address.

    The address is where the client is; `routes` says when it is another one. Media from elsewhere is not taken.
    """

    credentials: Credentials = field(default_factory=Credentials.fresh)
    former: Credentials | None = None
    address: Address | None = None

    def restart(self) -> None:
        """New credentials; the path goes on until the client chooses one with them (RFC 8445, section 9)."""
        self.former, self.credentials = self.credentials, Credentials.fresh()

    def names(self) -> tuple[str, ...]:
        """Under which names this session may be asked for."""
        return (self.credentials.name, self.former.name) if self.former else (self.credentials.name,)

    def hear(self, name: str, datagram: bytes, address: Address, send: Callable[[bytes, Address], None]) -> Heard:
        """Answer a request to *name*."""
        mine = self.credentials if name == self.credentials.name else self.former
        answered = answer(datagram, address, mine) if mine is not None else None
        if answered is None or mine is None:
            return Heard(known=False, chosen=False)
        send(answered.reply, address)
        if answered.known and answered.nominated and mine is self.credentials:
            self.former = None
        return Heard(answered.known, answered.known and (answered.nominated or self.address is None))
