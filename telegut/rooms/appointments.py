"""What rooms needs from scheduling: the facts a visit is made of, and a place for its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from telegut.db.engine import Transaction


class Guest(Protocol):
    """One patient whose visit it is, with the appointment that brings them."""

    @property
    def patient(self) -> UUID:
        """Their account."""

    @property
    def appointment(self) -> UUID:
        """Their appointment's id."""

    @property
    def outcome(self) -> str | None:
        """How it went for them, once that is known."""


class Facts(Protocol):
    """
    One appointment or one group session, as a room sees it.

    *start* and *end* are instants, *zone* is where it was agreed.
    """

    @property
    def appointment(self) -> UUID | None:
        """The appointment's id; None in a group, where each guest has their own."""

    @property
    def visit(self) -> UUID:
        """The visit's id."""

    @property
    def patient(self) -> UUID | None:
        """Whose visit it is; None in a group."""

    @property
    def guests(self) -> Sequence[Guest]:
        """Every patient whose visit it is: one, or several in a group."""

    @property
    def interpreter(self) -> UUID | None:
        """Who translates, when somebody does."""

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
