"""
A visit of three on a real Janus, in a network of its own: a process that prints what happened as one JSON object.

It is a process because a network namespace belongs to a thread and what that thread begins.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from telegut.cli.bench_network import NoNetwork
from telegut.cli.calls import clip, descriptions, servers
from telegut.cli.calls.caller import Caller
from telegut.cli.calls.descriptions import Line
from telegut.cli.calls.sending import Sending, Wide
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.control import MediaAway
from telegut.rooms.media.janus.adapter import JanusRooms
from telegut.rooms.media.janus.client import Client

WITHIN_S = 60.0
SEATS = ("consultant", "patient", "interpreter")


class Visitor:
    """Somebody with a picture and a voice."""

    def __init__(self, rooms: JanusRooms, seat: str, certificate: Certificate) -> None:
        self.seat = seat
        self._rooms = rooms
        self._lines = [
            Line("a", "audio", 1000 + 2 * SEATS.index(seat)),
            Line("v", "video", 1001 + 2 * SEATS.index(seat)),
        ]
        self._sends = Caller(certificate, self._wanted)
        self.sees = Caller(certificate)
        self._sending: list[Sending] = []

    def _wanted(self, ssrc: int) -> None:
        for sending in self._sending:
            sending.again()

    async def enter(self, pictures: clip.Clip) -> None:
        """Be admitted, and send."""
        offer = descriptions.offer(self._lines, self._sends.credentials, self._sends.fingerprint)
        answer = await self._sends.connect(await self._rooms.admit("visit", self.seat, offer), offered=False)
        taken = {section.mid: section.extensions for section in answer.sections}
        wide = Wide()
        self._sending = [Sending(self._sends, line, taken[line.mid], wide, 20) for line in self._lines]
        for sending in self._sending:
            sending.start(pictures)

    async def look(self) -> None:
        """Be shown the others."""
        offer = await self._rooms.show("visit", self.seat, SEATS)
        answer = descriptions.answer(descriptions.sections_of(offer), self.sees.credentials, self.sees.fingerprint)
        connecting = asyncio.create_task(self.sees.connect(offer, offered=True))
        await self._rooms.shown("visit", self.seat, answer)
        await connecting

    def packets(self) -> dict[int, int]:
        """What was received so far, by source."""
        return {ssrc: heard.packets for ssrc, heard in self.sees.heard.items()}


async def until(true: Any) -> None:
    """Wait for it."""
    async with asyncio.timeout(WITHIN_S):
        while not true():
            await asyncio.sleep(0.1)


async def visit() -> dict[str, Any]:
    """Three come, one is hidden, one leaves, the room closes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip"
        clip.make(path, seconds=1)
        pictures = clip.load(path)
    async with servers.janus():
        client = await connected()
        rooms = JanusRooms(client)
        await rooms.open("visit")
        certificate = Certificate()
        people = {seat: Visitor(rooms, seat, certificate) for seat in SEATS}
        for person in people.values():
            await person.enter(pictures)
        for person in people.values():
            await person.look()
        patient = people["patient"]
        await until(lambda: all(len(one.packets()) == 4 for one in people.values()))
        found: dict[str, Any] = {"there": sorted(await rooms.state("visit"))}
        await rooms.look("visit", "patient", {"interpreter"})
        before = await settled(patient)
        await until(lambda: sum(count > before[ssrc] + 20 for ssrc, count in patient.packets().items()) >= 3)
        found["still"] = sum(count == before[ssrc] for ssrc, count in patient.packets().items())
        await rooms.leave("visit", "interpreter")
        found["left"] = sorted(await rooms.state("visit"))
        await rooms.close("visit")
        found["broken"] = sum(person.sees.broken for person in people.values())
        await client.close()
    return found


async def connected() -> Client:
    """A client of a Janus that has just been started."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            client = Client(f"ws://127.0.0.1:{servers.JANUS_PORT}")
            try:
                await client.open()
            except MediaAway:
                await asyncio.sleep(0.2)
            else:
                return client


async def settled(person: Visitor) -> dict[int, int]:
    """What *person* has received, once a stream has stood still while others went on for a while."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            before = person.packets()
            await until(lambda: sum(count > before[one] + 20 for one, count in person.packets().items()) >= 3)  # noqa: B023
            if any(count == before[ssrc] for ssrc, count in person.packets().items()):
                return person.packets()


def main() -> int:
    """Run it; exit code 3: this machine cannot, and why is on standard error."""
    try:
        with servers.network_for_janus():
            print(json.dumps(asyncio.run(visit())))
    except NoNetwork as missing:
        print(missing, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
