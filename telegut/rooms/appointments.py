"""What rooms needs from scheduling: the facts a visit is made of, and a place for its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from telegut.db.engine import Transaction


class Facts(Protocol):
    """One appointment, as a room sees it. *start* and *end* are instants, *zone* is where it was agreed."""

    @property
    def appointment(self) -> UUID:
        """The appointment's id."""

    @property
    def visit(self) -> UUID:
        """The visit's id."""

    @property
    def patient(self) -> UUID:
        """Whose visit it is."""

    @property
    def practitioners(self) -> Sequence[UUID]:
        """Who sees them: one, or several in a joint visit."""

    @property
    def start(self) -> datetime:
        """The agreed start."""

    @property
    def end(self) -> datetime:
        """The agreed end."""

    @property
    def status(self) -> str:
        """``booked``, ``cancelled`` or ``completed``."""

    @property
    def service_name(self) -> str:
        """What kind of visit, in neutral words."""

    @property
    def zone(self) -> str:
        """IANA name."""


class Appointments(Protocol):
    """Scheduling, as far as rooms needs it."""

    async def visit_facts(self, tx: Transaction, visit: UUID) -> Facts:
        """The appointment of *visit*; `NotFound` when there is none."""

    async def record_outcome(self, tx: Transaction, appointment: UUID, outcome: str) -> None:
        """Complete *appointment* with how it went."""
