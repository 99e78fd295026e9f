"""Who is here: where each client of a live note is, under the name that the server knows. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from telegut.careplan import frames
from telegut.careplan.frames import Presence
from telegut.careplan.seats import Seat

CLIENTS_OF_A_SEAT = 4
"""Yjs clients that one socket may speak for; a page is one."""


class Company:
    """The clients of a note that *seats* and other processes have named; *most* of them at once."""

    def __init__(self, seats: Collection[Seat], most: int) -> None:
        self._seats = seats
        self._most = most
        self._known: dict[int, Presence] = {}

    def everybody(self) -> bytes | None:
        """Where everybody is, as one message; None: nobody has said."""
        return frames.awareness(list(self._known.values())) if self._known else None

    def moved(self, seat: Seat, presences: tuple[Presence, ...]) -> bytes | None:
        """
        Show the others where *seat* is; return the message that says so, None when nothing of it was to be believed.

        Nobody speaks for somebody else's client.
        """
        others = {client for other in self._seats if other is not seat for client in other.clients}
        accepted = []
        for one in presences:
            before = self._known.get(one.client)
            full = one.client not in seat.clients and len(seat.clients) >= CLIENTS_OF_A_SEAT
            if full or one.client in others or (before is not None and one.clock < before.clock):
                continue
            caller = seat.caller
            named = one.state and {**one.state, "account": str(caller.account), "name": caller.name}
            accepted.append(replace(one, state=named))
            (seat.clients.add if named else seat.clients.discard)(one.client)
        return self.spread(accepted, apart_from=seat) if accepted else None

    def gone(self, seat: Seat) -> bytes | None:
        """Show that *seat* has left; return the message, None when it had never said where it is."""
        left = [Presence(one, self._known[one].clock + 1, None) for one in seat.clients if one in self._known]
        return self.spread(left, apart_from=None) if left else None

    def spread(self, presences: list[Presence], *, apart_from: Seat | None) -> bytes:
        """Remember and show where people are; return the message."""
        for one in presences:
            if one.state is None:
                self._known.pop(one.client, None)
            elif len(self._known) < self._most or one.client in self._known:
                self._known[one.client] = one
        frame = frames.awareness(presences)
        for other in self._seats:
            if other is not apart_from:
                other.peer.send(frame)
        return frame
