"""Every live note that somebody has open in this process, and what other processes say of them."""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import Any
from uuid import UUID

from telegut.careplan import frames
from telegut.careplan.events import NOTES_TOPIC
from telegut.careplan.frames import Sync
from telegut.careplan.notebook import Place
from telegut.careplan.notes.house import House, Limits
from telegut.careplan.notes.live import LiveNote
from telegut.careplan.seats import RESTART, Seat
from telegut.clock import Clock
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.errors import TooMany
from telegut.realtime.bus import Bus
from telegut.settings import Settings


class LiveNotes:
    """Every note that somebody has open in this process."""

    def __init__(self, db: Database, vault: Vault, bus: Bus, *, now: Clock, limits: Limits) -> None:
        self.limits = limits
        self._house = House(db, vault, now, limits, self.tell, self.pass_on)
        self._bus = bus
        self._me = secrets.token_hex(6)
        self._open: dict[UUID, LiveNote] = {}
        self._opening: dict[UUID, asyncio.Lock] = {}
        self._keepers: set[asyncio.Task[None]] = set()
        bus.subscribe(NOTES_TOPIC, self._heard)

    @property
    def open_notes(self) -> int:
        """How many are open."""
        return len(self._open)

    async def open(self, place: Place, seat: Seat) -> LiveNote:
        """
        Give *seat* its place in a note.

        Raises:
            TooMany: the note is open in as many windows as this process allows.
        """
        # Two who open a note at once must find the same one: the first loads it, the second waits.
        async with self._opening.setdefault(place.note, asyncio.Lock()):
            live = self._open.get(place.note)
            if live is None:
                live = LiveNote(place, self._house)
                await live.keeper.load()
                self._open[place.note] = live
                live.sit(seat)
                task = asyncio.create_task(self._keep(live), name="note keeper")
                self._keepers.add(task)
                task.add_done_callback(self._keepers.discard)
                return live
            if len(live.seats) >= self.limits.peers:
                raise TooMany("This note is open in many windows. Please close one.")
            live.sit(seat)
            return live

    async def _keep(self, live: LiveNote) -> None:
        try:
            while live.seats and not live.ended:
                # Somebody may come while the last snapshot is being written.
                await live.keep()
        finally:
            # Whatever happened, nobody is left typing into a note that is not kept: they come back to a fresh one.
            live.end(RESTART)
            del self._open[live.place.note]
            self._opening.pop(live.place.note, None)

    async def stop(self) -> None:
        """Store everything that was typed; sockets are closed already."""
        for live in list(self._open.values()):
            for seat in list(live.seats):
                live.rise(seat)
        if self._keepers:
            await asyncio.wait(self._keepers, timeout=5)

    def tell(self, place: Place, last: int) -> None:
        """Wake the other processes: the log of a note goes to *last*."""
        self._bus.publish(NOTES_TOPIC, {"by": self._me, "note": str(place.note), "last": last})

    def pass_on(self, place: Place, awareness: bytes) -> None:
        """Show the other processes where people are."""
        content = base64.b64encode(awareness).decode()
        self._bus.publish(NOTES_TOPIC, {"by": self._me, "note": str(place.note), "awareness": content})

    def _heard(self, fact: dict[str, Any]) -> None:
        live = self._open.get(UUID(fact["note"]))
        if live is None or fact["by"] == self._me:
            return
        if "last" in fact:
            live.keeper.grown(fact["last"])
        else:
            presences = frames.parse(base64.b64decode(fact["awareness"]))
            if not isinstance(presences, Sync):
                live.elsewhere(list(presences))


def build_live_notes(db: Database, vault: Vault, bus: Bus, now: Clock, settings: Settings) -> LiveNotes:
    """The notes of this process, with the installation's numbers."""
    limits = Limits(
        peers=settings.notes_peers,
        document_bytes=settings.notes_document_bytes,
        compact_every=settings.notes_compact_every,
        poll_s=settings.notes_poll_s,
    )
    return LiveNotes(db, vault, bus, now=now, limits=limits)
