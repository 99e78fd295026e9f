"""
When a visit may be recorded: only while everybody who is in it has said yes, and anybody may end it at any time.

Pure: `step` takes a recording, a command, who is in the room, and the time; it returns the next recording. ::

    asked ──everybody here says yes──▶ running ⇄ paused (somebody is here who has not said yes, or nobody else is)
      └────────────── a no, a stop, the end of the visit, a full disk ──────────────▶ ended, for good

A yes is for one recording. Who leaves and comes back has said yes already; who says no ends it for everybody, kindly.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from telegut.errors import Conflict, Refused

COMPANY = 2
"""Alone in a room nobody is recorded."""


class State(StrEnum):
    """Where a recording is."""

    ASKED = "asked"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Ending(StrEnum):
    """Why it ended."""

    DECLINED = "declined"
    STOPPED = "stopped"
    OVER = "over"
    DISK = "disk"
    FULL = "full"


class Word(StrEnum):
    """What somebody said of being recorded; kept with the time."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"
    STOP = "stop"
    WITHDRAWN = "withdrawn"


class RecordingEnded(Conflict):
    """This recording has ended already."""


class NotInTheRoom(Refused):
    """Only who is in the room can say this."""


class OneAlready(Conflict):
    """A recording was asked for already."""


class NotRecorded(Refused):
    """This visit cannot be recorded."""


@dataclass(frozen=True, slots=True)
class Recording:
    """
    One recording of one visit. by: the practitioner who asked; agreed: everybody who said yes to it, *by* too.

    ended_by: who ended it; None when no person did.
    """

    id: UUID
    by: UUID
    state: State = State.ASKED
    agreed: frozenset[UUID] = frozenset()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    ending: Ending | None = None

    def missing(self, present: Set[UUID]) -> frozenset[UUID]:
        """Who of *present* has not said yes."""
        return frozenset(present) - self.agreed


@dataclass(frozen=True, slots=True)
class Answer:
    """*who* says yes or no."""

    who: UUID
    yes: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """*who* wants it to end."""

    who: UUID


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody may have come or gone."""


@dataclass(frozen=True, slots=True)
class Over:
    """The visit has ended."""


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot go on; *ending* says why."""

    ending: Ending


Command = Answer | Stop | Look | Over | Fail


def begin(id: UUID, by: UUID) -> Recording:
    """*by* asks, and agrees by that."""
    return Recording(id, by, agreed=frozenset({by}))


def step(recording: Recording, command: Command, present: Set[UUID], now: datetime) -> Recording:
    """
    What becomes of *recording*; *present*: everybody who is in the room, also with a connection that is lost right now.

    Raises:
        RecordingEnded: somebody answers what is over. NotInTheRoom: somebody speaks who is not there.
    """
    match command:
        case Answer(who, yes):
            _check(recording, who, present)
            if not yes:
                return _end(recording, Ending.DECLINED, who, now)
            return _settle(replace(recording, agreed=recording.agreed | {who}), present, now)
        case Stop(who):
            if recording.state is State.ENDED:
                return recording
            _check(recording, who, present)
            return _end(recording, Ending.STOPPED, who, now)
        case Look():
            return _settle(recording, present, now)
        case Over():
            return _end(recording, Ending.OVER, None, now)
        case Fail(ending):
            return _end(recording, ending, None, now)


def _check(recording: Recording, who: UUID, present: Set[UUID]) -> None:
    if recording.state is State.ENDED:
        raise RecordingEnded
    if who not in present:
        raise NotInTheRoom


def _end(recording: Recording, ending: Ending, by: UUID | None, now: datetime) -> Recording:
    if recording.state is State.ENDED:
        return recording
    return replace(recording, state=State.ENDED, ending=ending, ended_by=by, ended_at=now)


def _settle(recording: Recording, present: Set[UUID], now: datetime) -> Recording:
    if recording.state is State.ENDED:
        return recording
    may = len(present) >= COMPANY and not recording.missing(present)
    if may and recording.started_at is None:
        return replace(recording, state=State.RUNNING, started_at=now)
    if recording.started_at is None:
        return recording
    return replace(recording, state=State.RUNNING if may else State.PAUSED)
