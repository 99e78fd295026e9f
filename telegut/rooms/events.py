"""
What happens in a visit, in the past tense. The list of these is the visit's evidence.

Rules make them, the service keeps them in ``rooms_event`` in the order they happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

OPENED: Final = "opened"
MOVED: Final = "moved"
ARRIVED: Final = "arrived"
KNOCKED: Final = "knocked"
ADMITTED: Final = "admitted"
ENTERED: Final = "entered"
LOST: Final = "lost"
RETURNED: Final = "returned"
LEFT: Final = "left"
REMOVED: Final = "removed"
STARTED: Final = "started"
ENDED: Final = "ended"
CLOSED: Final = "closed"
FORWARDED: Final = "forwarded"
ENCRYPTED: Final = "encrypted"
DECRYPTED: Final = "decrypted"
SENT_BACK: Final = "sent_back"
LET_BACK: Final = "let_back"
INVITED: Final = "invited"
WITHDRAWN: Final = "withdrawn"
CALLED_IN: Final = "called_in"
HAND_RAISED: Final = "hand_raised"
HAND_LOWERED: Final = "hand_lowered"
CONSENTED: Final = "consented"
REFUSED: Final = "refused"
PANELS_ASKED: Final = "panels_asked"
PANELS_GIVEN: Final = "panels_given"
PANELS_REFUSED: Final = "panels_refused"
PANELS_ENDED: Final = "panels_ended"

MEDIA_FLOWS: Final = "media_flows"
MEDIA_FAILED: Final = "media_failed"
"""Reported by a browser, not decided by a rule: picture or sound of another person arrives, or would not."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: to *account* (or to the visit itself), by the host *by* where a host did it."""

    word: str
    account: UUID | None = None
    by: UUID | None = None
