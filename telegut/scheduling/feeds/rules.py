"""What a calendar shows of somebody's visits, and for how long. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from telegut.errors import FieldError, Invalid
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.rules import Status

RENDERING: Final = 1
"""Counts up whenever the same visit is written differently, so that calendars fetch it again."""
NAME_LONGEST: Final = 60


class Opens(StrEnum):
    """What a secret is for, and works for nothing else."""

    FEED = "feed"
    CALDAV = "caldav"


class Shows(StrEnum):
    """What a title says of the patient. Nothing unless a practitioner asks for initials in their own calendar."""

    NOTHING = "nothing"
    INITIALS = "initials"


@dataclass(frozen=True, slots=True)
class Window:
    """Which visits a calendar holds: those since *back* ago, and cancelled ones for *cancelled* after the change."""

    back: timedelta
    cancelled: timedelta

    def holds(self, one: Appointment, now: datetime) -> bool:
        """Whether *one* is in it as of *now*."""
        if one.end <= now - self.back:
            return False
        return one.status is not Status.CANCELLED or one.changed_at > now - self.cancelled


def checked_name(name: str) -> str:
    """
    *name* without blanks around it.

    Raises:
        Invalid: it is empty, too long, or not one line of text.
    """
    wanted = name.strip()
    if not 1 <= len(wanted) <= NAME_LONGEST or not wanted.isprintable():
        raise Invalid(errors=[FieldError("name", f"Give it a name of at most {NAME_LONGEST} letters, such as Phone.")])
    return wanted


def fingerprint(*words: str) -> str:
    """What every event of a calendar has in common: when it changes, all of them are new."""
    return hashlib.sha256("\0".join((str(RENDERING), *words)).encode()).hexdigest()[:12]


def etag(one: Appointment, common: str) -> str:
    """The strong entity tag (RFC 9110, 8.8.3) of one visit."""
    return f'"{one.version}-{common}"'


def whole_etag(found: Iterable[Appointment], common: str) -> str:
    """The entity tag of all of them together; also the ctag of the collection."""
    said = "\n".join([common, *(f"{one.id} {one.version}" for one in found)])
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


_TOKEN: Final = re.compile(r"urn:telegut:sync:(\d{1,12})")


def sync_token(now: datetime) -> str:
    """What a client shows next time to hear only of changes (RFC 6578); says when it was given."""
    return f"urn:telegut:sync:{int(now.timestamp())}"


def token_time(token: str, now: datetime, oldest: timedelta) -> datetime | None:
    """When *token* was given; None when it is not one of ours, or too old to tell what has gone since."""
    match = _TOKEN.fullmatch(token.strip())
    if match is None:
        return None
    given = int(match[1])
    if not (now - oldest).timestamp() <= given <= now.timestamp() + 1:
        return None
    return datetime.fromtimestamp(given, UTC)


def initials(name: str) -> str:
    """``Dr. Lena Hartmann`` → ``L. H.``; titles left out."""
    parts = [part for part in name.split() if not part.endswith(".") and part[0].isalpha()]
    return " ".join(f"{part[0].upper()}." for part in [*parts[:1], *parts[1:][-1:]])
