"""The envelope of everything that happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """
    Something that happened.

    type: ``domain.fact``, such as ``appointment.booked``. facts: ids, versions and instants as JSON values; never text
    that a person wrote.
    """

    type: str
    patient: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)
