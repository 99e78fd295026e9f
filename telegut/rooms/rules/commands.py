"""What may be asked of a visit. Pure: who asks and about whom, nothing about whether it is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from telegut.rooms.events import Event
from telegut.rooms.rules.visit import Visit


@dataclass(frozen=True, slots=True)
class Pass:
    """Time has passed; the clock alone may open a visit."""


@dataclass(frozen=True, slots=True)
class Connect:
    """*who* has come to the page with a good ticket."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The last connection of *who* is gone."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Knock:
    """*who* is ready and asks to come in."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Admit:
    """The host *by* lets *guest* in."""

    by: UUID
    guest: UUID


@dataclass(frozen=True, slots=True)
class Enter:
    """*who* was let in, is connected, and takes the seat."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Remove:
    """The host *by* sends *guest* out."""

    by: UUID
    guest: UUID


@dataclass(frozen=True, slots=True)
class Leave:
    """*who* goes, meaning to."""

    who: UUID


@dataclass(frozen=True, slots=True)
class End:
    """The host *by* ends the visit for everybody."""

    by: UUID


@dataclass(frozen=True, slots=True)
class Forward:
    """*who* cannot be reached directly, or not any more."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Close:
    """The time of the visit is over, or its appointment is cancelled: nobody pressed End."""


Happened = tuple[Event, ...]


@runtime_checkable
class Change(Protocol):
    """A command of a feature that has its own rules; asked only while the room is open or live."""

    def act(self, visit: Visit, now: datetime) -> tuple[Visit, Happened]:
        """The next visit, and what happened."""


Command = Pass | Connect | Disconnect | Knock | Admit | Enter | Remove | Leave | End | Forward | Close | Change
