"""
What a browser says of its addresses to another one, without those that a policy hides. Pure.

Under ``relay`` only the TURN server's addresses may be told. Our own pages gather nothing else then; this is for every
other client, and for the day a browser has a fault. Names under ``.local`` that a browser makes up for one page
(mDNS candidates) tell no address and may pass, unless they stand beside one.

Sources: RFC 8839, sections 5.1 (candidate-attribute) and 5.3; RFC 8445, section 5.1.1; RFC 8866, sections 5.2 and 5.7;
draft-ietf-mmusic-mdns-ice-candidates.
"""

from __future__ import annotations

import re
from typing import Any, Final

from telegut.errors import Invalid

MOST_SDP: Final = 60_000
"""Characters of a description; a call's has about six thousand."""
MOST_CANDIDATE: Final = 1000
"""Characters of one candidate's line."""

_MDNS: Final = re.compile(r"[0-9a-f-]{1,63}\.local", re.IGNORECASE)
_HIDDEN: Final = {"raddr": "0.0.0.0", "rport": "9"}  # noqa: S104
"""What stands in place of the related address; its names, and those of extensions, are each followed by a value."""


def candidate(line: str) -> str | None:
    """One ``candidate:…`` as it may be told, None when it may not; a relay's does not say whom it relays for."""
    parts = line.removeprefix("a=").split()
    if len(parts) < 8 or not parts[0].startswith("candidate:") or parts[6] != "typ":
        return None
    address, kind = parts[4], parts[7]
    if kind == "relay":
        return _unrelated(line, parts)
    if kind == "host" and _MDNS.fullmatch(address) and "raddr" not in parts:
        return line
    return None


def _unrelated(line: str, parts: list[str]) -> str:
    """The same made anew of its words, without whom it relays for."""
    more = [
        word
        for name, value in zip(parts[8::2], parts[9::2], strict=False)
        for word in (name, _HIDDEN.get(name.lower(), value))
    ]
    return ("a=" if line.startswith("a=") else "") + " ".join([*parts[:8], *more])


def description(sdp: str) -> str:
    """*sdp* with such candidates alone, and without the addresses that its other lines give by default."""
    kept = []
    for line in re.split(r"\r\n|\r|\n", sdp):
        told: str | None = line
        if line.startswith("a=candidate:"):
            told = candidate(line)
        elif line.startswith("a=remote-candidates:"):
            told = None
        elif line.startswith("c="):
            told = "c=IN IP4 0.0.0.0"
        elif line.startswith("a=rtcp:"):
            told = re.sub(r" IN IP[46] \S+", " IN IP4 0.0.0.0", line)
        elif line.startswith("o="):
            told = re.sub(r" IN IP[46] \S+\s*$", " IN IP4 127.0.0.1", line)
        if told is not None:
            kept.append(told)
    return "\r\n".join(kept)


def signal(message: dict[str, Any]) -> dict[str, Any] | None:
    """
    A signal as it may be passed on under ``relay``; None when nothing of it may.

    Raises:
        Invalid: it is not built as signals are, so nobody could say what it tells.
    """
    told = dict(message)
    if message.get("description") is not None:
        given = message["description"]
        if not isinstance(given, dict) or set(given) - {"type", "sdp"}:
            raise Invalid("A description has a type and sdp.")
        told["description"] = {**given, "sdp": description(_text(given.get("sdp", ""), MOST_SDP))}
    if message.get("candidate") is not None:
        given = message["candidate"]
        if not isinstance(given, dict):
            raise Invalid("A candidate is an object as browsers make it.")
        line = _text(given.get("candidate", ""), MOST_CANDIDATE)
        if line == "":  # no more to come
            return told
        allowed = candidate(line)
        if allowed is None:
            return None
        known = ("sdpMid", "sdpMLineIndex", "usernameFragment")
        told["candidate"] = {"candidate": allowed, **{name: given[name] for name in known if name in given}}
    return told


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise Invalid("A signal's text is too long, or no text.")
    return value
