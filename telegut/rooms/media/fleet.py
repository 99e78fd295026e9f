"""All media processes that this web process is connected with, and how each of them is."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from telegut.rooms.media import commands
from telegut.rooms.media.contacts import Contact
from telegut.rooms.media.link import Changed, Heard, MediaLink
from telegut.rooms.placing.rules import Candidate, least_loaded


class Fleet:
    """The links to *contacts*; see `MediaLink` for what is called when. key: what commands are signed with."""

    def __init__(self, contacts: Sequence[Contact], key: Path, heard: Heard, back: Changed, lost: Changed) -> None:
        self.links = [MediaLink(one, lambda: commands.key_of(key), heard, back, lost) for one in contacts]

    def start(self) -> None:
        """Connect with everybody, and stay so."""
        for link in self.links:
            link.start()

    async def stop(self) -> None:
        """Let go of everybody."""
        for link in self.links:
            await link.stop()

    def up(self) -> Iterator[MediaLink]:
        """Those that are connected."""
        return (link for link in self.links if link.up)

    def of(self, instance: str) -> MediaLink | None:
        """The connection with this life of a process, None while there is none."""
        return next((link for link in self.up() if link.instance == instance), None)

    def gone_for(self, instance: str) -> float | None:
        """
        For how many seconds *instance* has been away that we were connected with; None: never, as far as we know.

        One whose process lives again as another instance is gone for good.
        """
        for link in self.links:
            if instance in link.former:
                return math.inf
            if link.instance == instance:
                return 0.0 if link.up else time.monotonic() - link.lost_at
        return None

    def pick(self) -> MediaLink | None:
        """The one that would take the next room, None when nobody would."""
        found = least_loaded(self.candidates())
        return self.of(found.instance) if found is not None else None

    def candidates(self) -> Iterable[Candidate]:
        """Those that might take a room."""
        for link in self.links:
            if (health := link.health) is not None:
                yield Candidate(
                    link.contact.name, link.instance, health.load, health.rooms, health.takes, link.promised
                )
