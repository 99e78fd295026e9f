"""
Where rooms are, as one web process finds and decides it: what it is connected with, and the row that all agree on.

A room stays with its media process for as long as anybody reaches that. Only when we have lost it for a while, or
nobody has been connected with it for as long as a dead web process is waited for, it is placed elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.fleet import Fleet
from telegut.rooms.media.link import Busy, MediaLink
from telegut.rooms.placing.rules import least_loaded
from telegut.rooms.placing.service import Placed, Places

TRIES = 5
"""Others may place the same room at the same time; each try knows of at least one more of their moves."""


class NotPlaced(MediaAway):
    """This visit does not go by the forwarder."""


class Whereabouts:
    """
    Rooms and their media processes. lost_s: how long one may be away from us before its rooms go elsewhere. silent: the
    same for one that only other web processes reach.
    """

    def __init__(self, places: Places, fleet: Fleet, lost_s: float, silent: timedelta) -> None:
        self.lost_s = lost_s
        self._places = places
        self._fleet = fleet
        self._silent = silent
        self._known: dict[UUID, str] = {}

    def known(self, visit: UUID) -> str | None:
        """The instance that has the room, as we last knew."""
        return self._known.get(visit)

    def is_at(self, visit: UUID, instance: str) -> bool:
        """Whether what *instance* says of *visit* counts: a process that has lost the room has nothing to say."""
        return self._known.get(visit, instance) == instance

    async def read(self, visit: UUID) -> Placed | None:
        """Where the room is now, None before it was placed."""
        return await self._places.of(visit)

    async def link_of(self, visit: UUID) -> MediaLink:
        """
        The way to the process that has the room.

        Raises:
            NotPlaced: there is none. MediaAway: it is not connected with us.
        """
        placed = await self._places.of(visit)
        if placed is None:
            raise NotPlaced
        self._known[visit] = placed.instance
        link = self._fleet.of(placed.instance)
        if link is None:
            raise MediaAway
        return link

    async def place(self, visit: UUID, without: Collection[str] = ()) -> MediaLink:
        """
        The way to the process that has the room: placed now if it is new, and elsewhere if its process is gone.

        without: instances that it cannot be at.

        Raises:
            MediaAway: its process is away, and may come back. Busy: no process takes it.
        """
        placed = await self._places.of(visit)
        for _ in range(TRIES):
            if placed is not None and placed.instance not in without:
                self._known[visit] = placed.instance
                link = self._fleet.of(placed.instance)
                if link is not None:
                    return link
                if not self._is_gone(placed):
                    raise MediaAway
            placed = await self._settle(visit, placed, without)
        raise MediaAway

    async def _settle(self, visit: UUID, placed: Placed | None, without: Collection[str]) -> Placed:
        found = least_loaded(self._fleet.candidates(), without)
        if found is None:
            raise Busy if self._fleet_is_there() else MediaAway
        link = self._fleet.of(found.instance)
        if link is not None:
            link.promised += 1
        to = Placed(found.process, found.instance)
        return await self._places.settle(visit, to, placed.instance if placed is not None else None)

    def _fleet_is_there(self) -> bool:
        return any(True for _ in self._fleet.up())

    def _is_gone(self, placed: Placed) -> bool:
        gone_for = self._fleet.gone_for(placed.instance)
        return placed.silent > self._silent if gone_for is None else gone_for >= self.lost_s

    async def forget(self, visit: UUID) -> None:
        """The visit is over."""
        instance = self._known.pop(visit, None)
        placed = await self._places.of(visit) if instance is None else None
        if instance is not None or placed is not None:
            await self._places.forget(visit, instance or (placed.instance if placed else ""))

    async def beat(self) -> None:
        """Say which processes we reach, and forget what we knew of the past."""
        await self._places.seen([link.instance for link in self._fleet.up()])
