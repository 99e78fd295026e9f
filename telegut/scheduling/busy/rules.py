"""Which addresses may be read, and what is wrong when one cannot be. Pure."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from telegut.errors import FieldError, Invalid

ADDRESS_LONGEST: Final = 2_000
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses that a gateway translates to IPv4 (RFC 6052): what is checked is the one inside."""
_SIX_TO_FOUR: Final = ipaddress.IPv6Network("2002::/16")
_TUNNELS: Final = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Teredo (RFC 4380), and translation with a local prefix (RFC 8215): nobody can say where they lead."""


class Kind(StrEnum):
    """How a calendar elsewhere is read: one file, or a CalDAV collection."""

    ICS = "ics"
    CALDAV = "caldav"


class Failure(StrEnum):
    """Why a calendar elsewhere could not be read."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    REFUSED = "refused"
    NOT_THERE = "not_there"
    WRONG_ANSWER = "wrong_answer"
    NOT_ALLOWED = "not_allowed"
    TOO_LARGE = "too_large"
    NO_CALENDAR = "no_calendar"


SAYS: Final[dict[Failure, str]] = {
    Failure.UNREACHABLE: "Nobody answers at this address.",
    Failure.TOO_SLOW: "Reading it takes too long.",
    Failure.REFUSED: "The user name or the password is not accepted there.",
    Failure.NOT_THERE: "There is no calendar at this address (any more).",
    Failure.WRONG_ANSWER: "The server there answers with an error.",
    Failure.NOT_ALLOWED: "This address leads into a private network. We read public HTTPS addresses only.",
    Failure.TOO_LARGE: "This calendar is larger than we read.",
    Failure.NO_CALENDAR: "What is there is no calendar that we can read.",
}
"""Each failure in one sentence for its owner."""


class Unreadable(Exception):
    """A calendar elsewhere could not be read, for the reason in *failure*."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


def checked_address(address: str, *, on_loopback: bool) -> str:
    """
    *address* as we ask for it: ``webcal://`` is HTTPS, a fragment is left out.

    on_loopback: plain HTTP is allowed too, for tests; where it leads is checked with every connection.

    Raises:
        Invalid: no HTTPS address, or one with a password in it.
    """
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError as exc:
        raise _no_address("This is not an address.") from exc
    scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme.lower(), parts.scheme.lower())
    if scheme not in ({"https", "http"} if on_loopback else {"https"}):
        raise _no_address("An address begins with https://")
    if not host or len(address) > ADDRESS_LONGEST or not address.strip().isprintable() or " " in address.strip():
        raise _no_address("This is not an address.")
    if parts.username is not None or parts.password is not None:
        raise _no_address("Give the user name and the password in their own fields.")
    return urlunsplit(SplitResult(scheme, parts.netloc, parts.path or "/", parts.query, ""))


def _no_address(message: str) -> Invalid:
    return Invalid(errors=[FieldError("url", message)])


def may_connect(address: str, *, on_loopback: bool) -> bool:
    """
    Whether a connection to this IP address is one to the public network.

    Loopback, private, link-local (where clouds keep their metadata), shared, multicast and reserved addresses are not,
    written as IPv6 or not. on_loopback: this machine is allowed as well.
    """
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = _inside(found)
        if inside is not None:
            return may_connect(str(inside), on_loopback=on_loopback)
        if any(found in network for network in _TUNNELS):
            return False
    if on_loopback and found.is_loopback:
        return True
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


def _inside(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if found.ipv4_mapped is not None:
        return found.ipv4_mapped
    if found in _NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.sixtofour if found in _SIX_TO_FOUR else None
