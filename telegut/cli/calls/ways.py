"""
How callers get into a call: our own forwarder, Janus, or the echo of the floor. The callers are the same.

`join` connects somebody to what they send; `watch`, once everybody has joined, to what they are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from telegut.cli.calls import descriptions, echo
from telegut.cli.calls.caller import Caller
from telegut.cli.calls.descriptions import Line, Medium
from telegut.cli.calls.sending import Sending, Wide
from telegut.rooms.media import commands
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.contacts import Contact
from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.janus import videoroom
from telegut.rooms.media.janus.client import Client
from telegut.rooms.media.link import MediaLink
from telegut.rooms.media.sdp import Offer

KINDS = {"audio": "audio", "video": "camera"}


@dataclass(slots=True)
class Person:
    """Somebody in a room. lines: what they send; others: how many they are shown, in which media; level: loudness."""

    room: str
    seat: str
    lines: Sequence[Line]
    others: int
    media: Sequence[Medium]
    hides: Sequence[str] = ()
    level: int = 20
    callers: list[Caller] = field(default_factory=list)
    sending: list[Sending] = field(default_factory=list)

    def wanted(self, ssrc: int) -> None:
        """A key frame of a source of theirs is asked for."""
        for one, line in zip(self.sending, self.lines, strict=False):
            if line.ssrc == ssrc:
                one.again()

    def send(self, caller: Caller, taken: Mapping[str, Mapping[str, int]]) -> None:
        """Make the sources, with the header extensions that the other side takes, by mid."""
        wide = Wide()
        self.sending = [Sending(caller, line, taken.get(line.mid, {}), wide, self.level) for line in self.lines]


class Way(Protocol):
    """A server that people call."""

    async def open(self) -> None:
        """Be able to ask it."""

    async def join(self, person: Person) -> None:
        """Connect what *person* sends."""

    async def watch(self, person: Person, others: Sequence[Person]) -> None:
        """Connect what *person* is shown; everybody has joined."""

    async def close(self) -> None:
        """Let go of it."""


class Own:
    """Our forwarder, asked as web asks it: one connection a person for everything."""

    def __init__(self, path: Path) -> None:
        contact = Contact("media", path=path)
        self._there = asyncio.Event()
        self._link = MediaLink(
            contact, lambda: commands.key_of(path.parent / "media.key"), _unheard, self._back, _unheard
        )

        self._certificate = Certificate()

    def _back(self, link: MediaLink) -> None:
        self._there.set()

    async def open(self) -> None:
        """Connect to its control socket."""
        self._link.start()
        async with asyncio.timeout(10):
            await self._there.wait()

    async def join(self, person: Person) -> None:
        """One offer: what is sent, and places for everybody else."""
        caller = Caller(self._certificate, person.wanted)
        person.callers.append(caller)
        places = [[Line(f"{medium[0]}{one}", medium) for medium in person.media] for one in range(person.others)]
        lines = [*person.lines, *(line for place in places for line in place)]
        said = await self._link.do(
            do="join",
            room=person.room,
            seat=person.seat,
            offer=descriptions.offer(lines, caller.credentials, caller.fingerprint),
            sends={line.mid: KINDS[line.medium] for line in person.lines},
            shows=[{KINDS[line.medium]: line.mid for line in place} for place in places],
        )
        person.send(caller, _taken(await caller.connect(said["answer"], offered=False)))
        if person.hides:
            hidden = list(person.hides)
            await self._link.do(do="look", room=person.room, seat=person.seat, hidden=hidden, small=[])

    async def watch(self, person: Person, others: Sequence[Person]) -> None:
        """Nothing to do: the places are there."""

    async def close(self) -> None:
        """Let go."""
        await self._link.stop()


class Janus:
    """Janus's videoroom: one connection a person for what they send, one for all that they are shown."""

    def __init__(self, url: str) -> None:
        self._client = Client(url)
        self._certificate = Certificate()
        self._rooms: dict[str, asyncio.Task[None]] = {}

    async def open(self) -> None:
        """Connect, as soon as it listens."""
        async with asyncio.timeout(10):
            while True:
                try:
                    return await self._client.open()
                except MediaAway:
                    await asyncio.sleep(0.1)

    async def _create(self, room: str) -> None:
        await videoroom.create(self._client, await videoroom.attach(self._client), room, 64)

    async def join(self, person: Person) -> None:
        """Publish."""
        if person.room not in self._rooms:
            self._rooms[person.room] = asyncio.create_task(self._create(person.room))
        await self._rooms[person.room]
        if not person.lines:
            return
        caller = Caller(self._certificate, person.wanted)
        person.callers.append(caller)
        handle = await videoroom.attach(self._client)
        offer = descriptions.offer(person.lines, caller.credentials, caller.fingerprint)
        answer = await videoroom.publish(self._client, handle, person.room, person.seat, offer)
        person.send(caller, _taken(await caller.connect(answer, offered=False)))

    async def watch(self, person: Person, others: Sequence[Person]) -> None:
        """Subscribe to what everybody else sends and this person does not hide."""
        hidden = {key.partition("/")[0] for key in person.hides}
        wanted = [
            (one.seat, line.mid)
            for one in others
            if one is not person
            for line in one.lines
            if line.medium == "audio" or one.seat not in hidden
        ]
        if not wanted:
            return
        caller = Caller(self._certificate)
        person.callers.append(caller)
        handle = await videoroom.attach(self._client)
        offer, _ = await videoroom.subscribe(self._client, handle, person.room, wanted)
        sections = descriptions.sections_of(offer)
        answer = descriptions.answer(sections, caller.credentials, caller.fingerprint)
        connecting = asyncio.create_task(caller.connect(offer, offered=True))
        await videoroom.start(self._client, handle, answer)
        await connecting

    async def close(self) -> None:
        """Let go."""
        await self._client.close()


class Echo:
    """The floor: no signalling, no handshake."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._certificate = Certificate()

    async def open(self) -> None:
        """Nobody to ask."""

    async def join(self, person: Person) -> None:
        """Send what will come back."""
        caller = Caller(self._certificate)
        person.callers.append(caller)
        caller.connect_plainly(("127.0.0.1", self._port), echo.keys(), {descriptions.VP8, descriptions.OPUS})
        person.send(caller, {line.mid: descriptions.EXTENSIONS for line in person.lines})

    async def watch(self, person: Person, others: Sequence[Person]) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nobody to leave."""


def _unheard(*said: Any) -> None:
    """What a forwarder tells pages is of no use to callers."""


def _taken(answer: Offer) -> dict[str, dict[str, int]]:
    return {section.mid: section.extensions for section in answer.sections}


def way(order: dict[str, Any]) -> Way:
    """The way that an order names."""
    if order["kind"] == "janus":
        return Janus(order["url"])
    if order["kind"] == "echo":
        return Echo(order["port"])
    return Own(Path(order["path"]))
