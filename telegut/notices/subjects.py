"""What a notice is about, asked once more right before it leaves: whoever knows says whether it still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from telegut.db.engine import Transaction
from telegut.notices.rules import Channel, Kind


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that is about to be sent. *mail*: the recipient's address. *minutes_before*: of a reminder."""

    kind: Kind
    about: UUID
    version: int
    recipient: UUID
    mail: str
    channel: Channel
    minutes_before: int = 0


@dataclass(frozen=True, slots=True)
class Invitation:
    """
    A calendar file for the recipient (RFC 5545).

    method: ``REQUEST`` or ``CANCEL``, as it stands in the file; the mail's MIME type repeats it (RFC 6047, 2.4).
    """

    file: bytes
    method: str


@dataclass(frozen=True, slots=True)
class Still:
    """It holds. *zone*: where the time was agreed, told beside the reader's own. *invitation*: what goes with it."""

    zone: str | None = None
    invitation: Invitation | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Not at this hour; it is asked again with the next sweep."""


class Subject(Protocol):
    """Whoever knows what a kind of notice is about."""

    async def look(self, tx: Transaction, told: Told) -> Still | Later | None:
        """What goes with the notice; `Later` when it should wait; None when it is no longer so and is not sent."""
