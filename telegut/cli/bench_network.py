"""
A network of this machine's own, for benches and tests of calls: empty but for loopback, with rules about what passes.

It is a network namespace of Linux: sockets made while one is inside belong to it, and nothing of the machine's own
network is touched. It ends with the last process that uses it.

Source: network_namespaces(7), nft(8).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator, Sequence
from typing import Final

CLONE_NEWNET: Final = 0x40000000
SIOCGIFFLAGS: Final = 0x8913
SIOCSIFFLAGS: Final = 0x8914
IFF_UP: Final = 1
TABLE: Final = "telegut"
EPHEMERAL: Final = (20000, 48000)
"""Ports that the system gives by itself in there: below those of relays, so that rules can tell them apart."""


class NoNetwork(RuntimeError):
    """This machine makes no network of its own for us; the text says why."""


class Network:
    """Rules about what passes in a network of our own. Use `own_network`."""

    def rules(self, *lines: str, but: Sequence[str] = ()) -> None:
        """
        Drop what *lines* (matches of nft) describe, and count it; no lines: everything passes. What *but* describes
        passes all the same: nft 1.0.6 reads `udp sport != 1 udp dport != 1` as "not both", so say it there.
        """
        passes = [f"{line} accept" for line in but]
        drops = "\n".join([*passes, *(f"{line} counter name dropped drop" for line in lines)])
        text = (
            f"table inet {TABLE}\ndelete table inet {TABLE}\n"
            f"table inet {TABLE} {{\ncounter dropped {{ }}\n"
            f"chain in {{ type filter hook input priority 0; policy accept;\n{drops}\n}}\n}}\n"
        )
        _run(["nft", "-f", "-"], text)

    def dropped(self) -> int:
        """Packets dropped since the rules changed last."""
        found = json.loads(_run(["nft", "-j", "list", "counter", "inet", TABLE, "dropped"]))
        return next(int(one["counter"]["packets"]) for one in found["nftables"] if "counter" in one)

    def cut(self, *passing: int) -> None:
        """Nothing arrives any more, but over TCP from and to the ports *passing*."""
        self.rules("meta l4proto { tcp, udp }", but=[line for port in passing for line in _with("tcp", str(port))])

    def lose(self, percent: int) -> None:
        """That share of UDP datagrams is lost, at random."""
        self.rules(f"meta l4proto udp numgen random mod 100 < {percent}")

    def block_udp(self, relays: tuple[int, int]) -> None:
        """No UDP but between relays and whom they reach, as in a network that lets only TCP out."""
        self.only_udp(*relays)

    def only_udp(self, first: int, last: int | None = None) -> None:
        """No UDP but from and to these ports."""
        self.rules("meta l4proto udp", but=_with("udp", f"{first}-{last or first}"))


def _with(protocol: str, ports: str) -> list[str]:
    """What comes from *ports*, and what goes to them."""
    return [f"{protocol} sport {ports}", f"{protocol} dport {ports}"]


@contextlib.contextmanager
def own_network() -> Iterator[Network]:
    """
    Be in a fresh network until the block ends: this thread, and processes and threads that it begins meanwhile.

    Raises:
        NoNetwork: the machine does not let us, or has no nft.
    """
    if shutil.which("nft") is None:
        raise NoNetwork("no nft on this machine: install the package nftables")
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(CLONE_NEWNET) != 0:
            raise NoNetwork(f"network namespaces cannot be made here: {os.strerror(ctypes.get_errno())}")
        try:
            network = _begin()
            yield network
        finally:
            if libc.setns(before, CLONE_NEWNET) != 0:
                raise RuntimeError(f"no way back from a network: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(before)


def _begin() -> Network:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(any_socket, SIOCGIFFLAGS, asked), 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
    with contextlib.suppress(OSError), open("/proc/sys/net/ipv4/ip_local_port_range", "w") as ports:
        ports.write(f"{EPHEMERAL[0]} {EPHEMERAL[1]}")
    network = Network()
    network.rules()
    return network


def _run(command: list[str], text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoNetwork(f"nft cannot be used here: {done.stderr.strip()[:200]}")
    return done.stdout
