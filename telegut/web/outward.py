"""
Connections that go out to addresses which somebody else named: only to the public network.

The check is made on the very address that a connection is about to go to: a name that changes its mind after it was
looked up (DNS rebinding) gains nothing. OWASP, Server Side Request Forgery Prevention; looked up 22 Nov 2026.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from aiohttp import AddrInfoType, TCPConnector
from aiohttp.resolver import ThreadedResolver

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses that a gateway translates to IPv4 (RFC 6052): what is checked is the one inside."""
_SIX_TO_FOUR: Final = ipaddress.IPv6Network("2002::/16")
_TUNNELS: Final = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Teredo (RFC 4380), and translation with a local prefix (RFC 8215): nobody can say where they lead."""


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


def may_be_named(host: str, *, on_loopback: bool) -> bool:
    """
    Whether an address with this host may be taken at all, before anybody looks it up.

    No, when it names this machine, or is an IP address, however written, that `may_connect` refuses. A name that leads
    to one is found out with the connection. on_loopback: this machine is allowed as well.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, 6.3
        return on_loopback
    if ":" in name:
        return may_connect(name, on_loopback=on_loopback)
    try:
        # As the resolver reads numbers: 2130706433, 0x7f.1 and 127.1 are 127.0.0.1 too.
        literal = socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, ValueError):
        return True
    return may_connect(literal, on_loopback=on_loopback)


def _inside(found: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if found.ipv4_mapped is not None:
        return found.ipv4_mapped
    if found in _NAT64:
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found.sixtofour if found in _SIX_TO_FOUR else None


class Gate:
    """Lets connections through to addresses of the public network, and remembers whether one was refused."""

    def __init__(self, *, on_loopback: bool) -> None:
        self._on_loopback = on_loopback
        self.refused = False

    def connector(self) -> TCPConnector:
        """What an HTTP client connects with: every connection comes by the gate, and none is kept."""
        return TCPConnector(
            resolver=ThreadedResolver(), use_dns_cache=False, force_close=True, limit=2, socket_factory=self.open_socket
        )

    def open_socket(self, there: AddrInfoType) -> socket.socket:
        """
        A socket for the very address that is connected to next.

        Everything comes by here, whatever was resolved or written as numbers (``2130706433`` is 127.0.0.1 too).

        Raises:
            OSError: the address is not one of the public network.
        """
        family, kind, protocol, _, address = there
        if not may_connect(str(address[0]), on_loopback=self._on_loopback):
            self.refused = True
            raise OSError("not an address of the public network")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made
