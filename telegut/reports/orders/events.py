"""What happens to orders of tests, told to the patient, guardians and care team: that it changed, and no more."""

from __future__ import annotations

from uuid import UUID

from telegut.realtime.events import Event
from telegut.reports.orders.rules import State


def changed(order: UUID, state: State, version: int, *, patient: UUID) -> Event:
    """*order* is now in *state*."""
    return Event("test_order.changed", patient=patient, facts={"order": str(order), "state": state, "version": version})
