"""
Answers STUN binding requests: tells a browser under which address we see it. Bytes in, bytes out.

Anything that is not a well-formed binding request gets no answer at all, so that garbage costs nothing and the port
cannot be used to send more than was received to somebody else: an answer is at most 24 bytes longer than its request.

Source: RFC 8489, sections 6.3.1 and 14.2.
"""

from __future__ import annotations

import struct
from typing import Final

from aioice import stun

LONGEST_REQUEST: Final = 548
"""Bytes; a request fits into one unfragmented datagram (RFC 8489, section 6.1)."""


def answer(datagram: bytes, address: tuple[str, int]) -> bytes | None:
    """The answer to *datagram* from *address*, None when it deserves none."""
    if len(datagram) > LONGEST_REQUEST or len(datagram) < stun.HEADER_LENGTH or datagram[0] & 0xC0:
        return None
    try:
        request = stun.parse_message(datagram)
    except (ValueError, KeyError, struct.error, UnicodeDecodeError):
        return None
    if (request.message_method, request.message_class) != (stun.Method.BINDING, stun.Class.REQUEST):
        return None
    response = stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": plain_address(address)},
    )
    if "FINGERPRINT" in request.attributes:
        response.add_fingerprint()
    return bytes(response)


def plain_address(address: tuple[str, int]) -> tuple[str, int]:
    """*address* without the ``::ffff:`` that an IPv6 socket puts before IPv4 and without a scope."""
    host = address[0].partition("%")[0]
    return host.removeprefix("::ffff:") if "." in host else host, address[1]
