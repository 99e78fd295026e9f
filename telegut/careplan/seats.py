"""Who sits at a live note: their socket, what they may do there, and how a socket ends that may not stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from telegut.careplan.frames import Malformed
from telegut.db.caller import Caller
from telegut.errors import Refused, TooLarge

MALFORMED = 4400
NOT_YOURS = 4403
GONE = 4404
TOO_LARGE = 4413
RESTART = 1012
"""RFC 6455, IANA registry: the service restarts; come back."""


class ReadOnly(Refused):
    """You can read this note, and not write in it."""


class NoteFull(TooLarge):
    """This note is full."""


class Peer(Protocol):
    """One open socket, as a note sees it. Neither method waits."""

    def send(self, frame: bytes) -> None:
        """Queue *frame*."""

    def close(self, code: int) -> None:
        """End the socket with *code*."""


@dataclass(eq=False, slots=True)
class Seat:
    """
    One peer's place in a note.

    team: of the care team, who reads everything as it is typed. received: sync messages with content so far.
    answered: whether it has told us what it had when it came; until then an update that changes nothing may be waiting
    for that, and is not called saved.
    """

    peer: Peer
    caller: Caller
    writes: bool
    team: bool
    received: int = 0
    answered: bool = False
    waiting: list[bytes] = field(default_factory=list)
    clients: set[int] = field(default_factory=set)
    audited: bool = False


def close_code(refusal: Exception) -> int:
    """How a socket ends that sent something *refusal* names."""
    match refusal:
        case Malformed():
            return MALFORMED
        case ReadOnly():
            return NOT_YOURS
        case NoteFull():
            return TOO_LARGE
        case _:
            return GONE
