"""Which addresses of push services are taken, and what a push message says. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from telegut.errors import FieldError, Invalid
from telegut.notices.rules import Kind, Link
from telegut.notices.words import Said, sentence
from telegut.web.outward import may_be_named

ENDPOINT_LONGEST: Final = 2_000
_NO_ADDRESS: Final = "This is not the address of a push service."


def checked_endpoint(endpoint: str, *, on_loopback: bool) -> str:
    """
    *endpoint*, if it is one that a browser could have been given.

    Where it leads is checked with every connection, see `telegut.web.outward`. on_loopback: plain HTTP is allowed too,
    and this machine.

    Raises:
        Invalid: no HTTPS address, one with a user or a fragment, or one that names a private network.
    """
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        raise Invalid(errors=[FieldError("endpoint", _NO_ADDRESS)]) from exc
    wrong = (
        parts.scheme not in ({"https", "http"} if on_loopback else {"https"})
        or not host
        or not may_be_named(host, on_loopback=on_loopback)
        or parts.username is not None
        or parts.fragment
        or len(endpoint) > ENDPOINT_LONGEST
        or not all("!" <= letter <= "~" for letter in endpoint)
    )
    if wrong:
        raise Invalid(errors=[FieldError("endpoint", _NO_ADDRESS)])
    return endpoint


def content(kind: Kind, said: Said, link: Link, topic: str, *, several: bool = False) -> bytes:
    """
    What a device shows: the clinic's name, one neutral sentence, and where a press of it leads, after sign-in.

    topic: a later message with the same one takes the place of this one on the device.
    """
    words = "A new message" if kind is Kind.MESSAGE and not several else sentence(kind, said, several=several)
    shown = {"title": said.clinic, "body": words, "link": link.path, "tag": topic}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def topic_of(key: bytes, kind: Kind, about: UUID) -> str:
    """A name for the thing a notice is about that says nothing of it: 24 hexadecimal digits of an HMAC-SHA-256."""
    return hmac.digest(key, f"{kind.value} {about}".encode(), hashlib.sha256).hex()[:24]
