"""
Rooms on a Janus server, asked for as on our own forwarder: open a room, admit, hide, how it goes, leave, close.

Janus has a connection for what somebody sends and another one for what they are shown, and makes the offer of the
second itself. So `admit` answers the offer of what is sent, and `show` brings an offer that the other end answers with
`shown`. Who it is by seat names, as everywhere in `rooms/media`; what is not there is not an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from telegut.rooms.media.janus import videoroom
from telegut.rooms.media.janus.client import Body, Client

PUBLISHERS: Final = 16


@dataclass(slots=True)
class _Seat:
    """Handles of one person: what they send, what they are shown, and which m-line of that is whose."""

    sends: int
    shown: int | None = None
    streams: list[Body] = field(default_factory=list)


class JanusRooms:
    """The rooms of one Janus. Everything raises `MediaAway` when it does not answer, `JanusRefused` when it says no."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._rooms: dict[str, dict[str, _Seat]] = {}
        self._keeper: int | None = None

    async def open(self, room: str) -> None:
        """Make *room*, unless it is there."""
        await videoroom.create(self._client, await self._keeping(), room, PUBLISHERS)
        self._rooms.setdefault(room, {})

    async def _keeping(self) -> int:
        """The handle that rooms are made and closed with."""
        if self._keeper is None:
            self._keeper = await videoroom.attach(self._client)
        return self._keeper

    async def admit(self, room: str, seat: str, offer: str) -> str:
        """The answer to *offer* of what *seat* sends. A connection that the seat had before ends: never two voices."""
        await self.leave(room, seat)
        handle = await videoroom.attach(self._client)
        try:
            answer = await videoroom.publish(self._client, handle, room, seat, offer)
        except Exception:
            await self._client.detach(handle)
            raise
        self._rooms[room][seat] = _Seat(handle)
        return answer

    async def show(self, room: str, seat: str, others: Iterable[str]) -> str:
        """Janus's offer of all that *others* send; `shown` takes the answer."""
        mine = self._rooms[room][seat]
        if mine.shown is not None:
            await self._client.detach(mine.shown)
        mine.shown = await videoroom.attach(self._client)
        wanted = [(other, "") for other in others if other in self._rooms[room] and other != seat]
        offer, mine.streams = await videoroom.subscribe(self._client, mine.shown, room, wanted)
        return offer

    async def shown(self, room: str, seat: str, answer: str) -> None:
        """*answer* is to the last offer of `show`; packets flow."""
        handle = self._rooms[room][seat].shown
        if handle is not None:
            await videoroom.start(self._client, handle, answer)

    async def look(self, room: str, seat: str, hidden: Iterable[str]) -> None:
        """Send *seat* the pictures of everybody but *hidden*; voices always."""
        mine, out = self._rooms[room][seat], set(hidden)
        streams = [
            {"mid": stream["mid"], "send": str(stream.get("feed_id")) not in out}
            for stream in mine.streams
            if stream.get("type") == "video"
        ]
        if mine.shown is not None and streams:
            await videoroom.configure(self._client, mine.shown, streams)

    async def state(self, room: str) -> list[str]:
        """Who sends in *room*, as Janus says."""
        return await videoroom.publishers(self._client, await self._keeping(), room)

    async def leave(self, room: str, seat: str) -> None:
        """End both connections of *seat*."""
        mine = self._rooms.get(room, {}).pop(seat, None)
        for handle in (mine.sends, mine.shown) if mine is not None else ():
            if handle is not None:
                await self._client.detach(handle)

    async def close(self, room: str) -> None:
        """End everybody's connections there, and the room."""
        for seat in list(self._rooms.get(room, {})):
            await self.leave(room, seat)
        if self._rooms.pop(room, None) is not None:
            await videoroom.destroy(self._client, await self._keeping(), room)
