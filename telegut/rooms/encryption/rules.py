"""
What may be said about keys, and when encryption may be switched. Pure.

Keys are made and sealed by the browsers in the room (``static/src/call/encryption``); the server passes on what it
cannot open. It sees that it is short and nothing else.
"""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from telegut.errors import Conflict, FieldError, Invalid
from telegut.rooms.rules import refusals
from telegut.rooms.rules.visit import Phase, Visit

MOST_HALF: Final = 100
"""Characters of one side's half of the exchange: an uncompressed P-256 point of 65 bytes has 87."""
MOST_SEALED: Final = 200
"""Characters of a sealed key: 12 bytes of nonce, 38 of key and id, 16 of tag have 88."""
_TEXT: Final = re.compile(r"[A-Za-z0-9_-]+")


class RecordingRuns(Conflict):
    """This visit is being recorded. What is encrypted end to end cannot be recorded: stop the recording first."""


def check_key(message: dict[str, Any]) -> dict[str, Any]:
    """
    What of *message* is passed on.

    Raises:
        Invalid: it is not for one person, or not a short text of our alphabet (RFC 4648, section 5).
    """
    problems = [
        FieldError(name, f"is at most {most} letters of base64url")
        for name, most in (("half", MOST_HALF), ("sealed", MOST_SEALED))
        if (name in message or name == "half") and not _short(message.get(name), most)
    ]
    if not isinstance(message.get("to"), str):
        problems.append(FieldError("to", "is the account it is meant for"))
    if problems:
        raise Invalid("A key is passed on sealed, to one person.", problems)
    return {name: message[name] for name in ("type", "to", "half", "sealed") if name in message}


def check_choice(visit: Visit, who: UUID, *, recorded: bool, on: bool) -> None:
    """
    See that *who* may switch encryption *on* or off.

    Raises:
        NotAPlaceHere: they have no seat. NotTheHost: a guest. VisitEnded: it is over. RecordingRuns: a recording runs.
    """
    if not visit.seat(who).host:
        raise refusals.NotTheHost
    if visit.phase is Phase.ENDED:
        raise refusals.VisitEnded
    if on and recorded:
        raise RecordingRuns


def _short(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and _TEXT.fullmatch(value) is not None
