"""
The floor of a forwarder in Python: one UDP port, uvloop, every packet opened, sealed again with other keys, sent back.

Callers do not shake hands with it: both sides make the same keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final

from pylibsrtp import Policy, Session

from telegut.rooms.media.aiortc_private import Buffer, Keys

KEY: Final = bytes(range(44))
"""Of AES-256-GCM: 32 bytes of key, 12 of salt (RFC 7714)."""
AT_A_TIME: Final = 128
SOCKET_BUFFER: Final = 4 * 1024 * 1024


def keys() -> Keys:
    """The sessions of either side."""
    policies = []
    for direction in (Policy.SSRC_ANY_INBOUND, Policy.SSRC_ANY_OUTBOUND):
        policy = Policy(key=KEY, ssrc_type=direction, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM)
        policy.allow_repeat_tx = True
        policies.append(policy)
    return Keys(Session(policies[0]), Session(policies[1]))


class Echo:
    """Sends back what comes."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._buffer = Buffer()
        self._keys: dict[object, Keys] = {}

    def open(self) -> None:
        """Begin."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def _readable(self) -> None:
        buffer, view = self._buffer, self._buffer.view
        receive, send = self._socket.recvfrom_into, self._socket.sendto
        for _ in range(AT_A_TIME):
            try:
                length, address = receive(view)
            except OSError:
                return
            known = self._keys.get(address)
            if known is None:
                known = self._keys[address] = keys()
            length = known.unprotect(buffer, length)
            if length > 0 and (length := known.protect(buffer, length)) > 0:
                with contextlib.suppress(OSError):
                    send(view[:length], address)


async def serve() -> None:
    """Listen, and say where."""
    echoing = Echo()
    echoing.open()
    print(echoing.port, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    import uvloop

    uvloop.run(serve())


if __name__ == "__main__":
    main()
