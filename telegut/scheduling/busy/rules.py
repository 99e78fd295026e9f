"""Which addresses may be read, and what is wrong when one cannot be. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from telegut.errors import FieldError, Invalid
from telegut.web.outward import may_be_named

ADDRESS_LONGEST: Final = 2_000


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

    on_loopback: plain HTTP and this machine are allowed too, for tests. Where a name leads is checked with every
    connection.

    Raises:
        Invalid: no HTTPS address, one with a password in it, or one that names a private network.
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
    if not may_be_named(host, on_loopback=on_loopback):
        raise _no_address(SAYS[Failure.NOT_ALLOWED])
    return urlunsplit(SplitResult(scheme, parts.netloc, parts.path or "/", parts.query, ""))


def _no_address(message: str) -> Invalid:
    return Invalid(errors=[FieldError("url", message)])
