"""
What coturn is told: the configuration of our TURN server. Pure; `deploy/turnserver.conf` is what this makes.

A relay sends packets to addresses that its users name. It must take only our own users, and must be no door into the
networks behind it: every range that is not the open internet is denied, and of those only what is named (the media
process) is let through.

Source: turnserver(1) of coturn; RFC 6890 (special addresses); draft-uberti-behave-turn-rest-00 (credentials).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DENIED: Final = (
    "0.0.0.0-0.255.255.255",
    "10.0.0.0-10.255.255.255",
    "100.64.0.0-100.127.255.255",
    "127.0.0.0-127.255.255.255",
    "169.254.0.0-169.254.255.255",
    "172.16.0.0-172.31.255.255",
    "192.0.0.0-192.0.0.255",
    "192.168.0.0-192.168.255.255",
    "198.18.0.0-198.19.255.255",
    "240.0.0.0-255.255.255.255",
    "::1",
    "64:ff9b::-64:ff9b::ffff:ffff",
    "::ffff:0.0.0.0-::ffff:255.255.255.255",
    "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)
"""Addresses that are nobody's on the open internet, IPv4 hidden in IPv6 among them."""
PLAIN_PORT: Final = 3478
TLS_PORT: Final = 5349
"""Both assigned to TURN (RFC 8656, section 18)."""
FIRST_RELAY: Final = 49160
LAST_RELAY: Final = 49260
ALLOCATIONS_EACH: Final = 12
"""Of one person in one visit; a call needs a few."""
ALLOCATIONS: Final = 400
BYTES_EACH_PER_S: Final = 1_000_000
"""Through one allocation; a picture and a voice need about 150,000 each way."""


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One TURN server. listen: its addresses, none for all of the machine. reachable: private addresses that relays may
    send to all the same: the media process beside it. certificate, key: PEM files for ``turns:``.
    """

    realm: str
    certificate: str
    key: str
    listen: Sequence[str] = ()
    reachable: Sequence[str] = ()
    plain_port: int = PLAIN_PORT
    tls_port: int = TLS_PORT
    relays: tuple[int, int] = (FIRST_RELAY, LAST_RELAY)
    lifetime_s: int = 600


def configuration(turn: Turn) -> str:
    """
    The text of coturn's configuration file.

    The shared secret is not in it: it comes by ``--static-auth-secret``, so that the file need not be secret.
    """
    sections = (
        ("", _who(turn)),
        ("Where it listens.", _where(turn)),
        ("Media goes over UDP only, through these ports.", _relays(turn)),
        ("A call needs a few allocations for each person; more than this is somebody else's traffic.", _quotas(turn)),
        ("Never a door into private networks.", _doors(turn)),
        ("No console, no name of the program, and addresses of callers are nobody's business: warnings only.", _QUIET),
    )
    return "\n".join("\n".join([f"# {title}"] * bool(title) + list(lines)) + "\n" for title, lines in sections)


def _who(turn: Turn) -> list[str]:
    return [
        "# coturn for telegut, made by telegut/rooms/turnserver.py. The shared secret comes on the command line",
        "# (--static-auth-secret, the same as TELEGUT_TURN_SECRET).",
        f"realm={turn.realm}",
        "use-auth-secret",
        "fingerprint",
    ]


def _where(turn: Turn) -> list[str]:
    return [
        *(f"{what}-ip={address}" for address in turn.listen for what in ("listening", "relay")),
        *(() if turn.listen else _BEHIND_NAT),
        f"listening-port={turn.plain_port}",
        f"tls-listening-port={turn.tls_port}",
        f"cert={turn.certificate}",
        f"pkey={turn.key}",
        "no-tlsv1",
        "no-tlsv1_1",
    ]


_BEHIND_NAT: Final = (
    "# Behind NAT, say how the world sees this machine, and let relays reach each other and the media process:",
    "# external-ip=PUBLIC/PRIVATE",
    "# allowed-peer-ip=PRIVATE",
)


def _relays(turn: Turn) -> list[str]:
    return [f"min-port={turn.relays[0]}", f"max-port={turn.relays[1]}", "no-tcp-relay"]


def _quotas(turn: Turn) -> list[str]:
    return [
        f"user-quota={ALLOCATIONS_EACH}",
        f"total-quota={ALLOCATIONS}",
        f"max-bps={BYTES_EACH_PER_S}",
        "# Credentials live ten minutes at most; a session that goes on renews what it has.",
        f"stale-nonce={turn.lifetime_s}",
    ]


def _doors(turn: Turn) -> list[str]:
    loopback = any(address == "::1" or address.startswith("127.") for address in turn.reachable)
    return [
        "no-multicast-peers",
        *(f"denied-peer-ip={one}" for one in DENIED),
        *(f"allowed-peer-ip={address}" for address in turn.reachable),
        *(["allow-loopback-peers"] if loopback else []),
    ]


_QUIET: Final = ("no-cli", "no-software-attribute", "log-file=stdout")
