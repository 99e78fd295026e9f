"""Words for tests of the forwarder: media processes beside the test, and people who call it with real packets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from telegut.cli.calls import descriptions
from telegut.cli.calls.caller import Caller
from telegut.cli.calls.descriptions import OPUS, Line
from telegut.rooms.media import control, rtp
from telegut.rooms.media.aiortc_private import Certificate
from telegut.rooms.media.worker import Worker
from telegut.settings import Settings
from tests.rooms.visits import eventually

SOUND: Final = bytes(73)
"""As long as a packet of Opus."""


async def well(settings: Settings, number: int = 0) -> control.Health | None:
    """How the media process is, None while it does not answer."""
    try:
        return await control.ask_health(control.socket_path(settings.data, number))
    except control.MediaAway:
        return None


@asynccontextmanager
async def media(settings: Settings, number: int = 0) -> AsyncIterator[Worker]:
    """A media process, in this one, reached at this machine's own address."""
    worker = Worker(replace(settings, media_number=number, media_public_host="127.0.0.1"))
    task = asyncio.create_task(worker.run())
    await eventually(lambda: well(settings, number), "it answers")
    try:
        yield worker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page says to be connected."""

    offer: str
    sends: Mapping[str, str]
    shows: list[dict[str, str]]

    @property
    def body(self) -> dict[str, Any]:
        """For a message or a command."""
        return {"offer": self.offer, "sends": dict(self.sends), "shows": self.shows}


class Somebody:
    """Somebody who speaks, and hears up to *others* people. One certificate for many saves the test their making."""

    def __init__(self, certificate: Certificate, ssrc: int, others: int = 2) -> None:
        self.caller = Caller(certificate)
        self.ssrc = ssrc
        self.sequence = 1000
        self._others = others

    def offers(self) -> Offer:
        """One voice, and places for the others'."""
        lines = [Line("0", "audio", self.ssrc), *(Line(f"a{one}", "audio") for one in range(self._others))]
        text = descriptions.offer(lines, self.caller.credentials, self.caller.fingerprint)
        return Offer(text, {"0": "audio"}, [{"audio": f"a{one}"} for one in range(self._others)])

    def speaks(self, packets: int = 1) -> None:
        """Send so many packets of sound."""
        for _ in range(packets):
            self.sequence += 1
            rtp.HEADER.pack_into(
                self.caller.buffer.view, 0, 0x80, OPUS, self.sequence & 0xFFFF, self.sequence * 960, self.ssrc
            )
            self.caller.buffer.view[rtp.HEADER_BYTES : rtp.HEADER_BYTES + len(SOUND)] = SOUND
            self.caller.send(rtp.HEADER_BYTES + len(SOUND))

    @property
    def heard(self) -> int:
        """Packets that came."""
        return sum(one.packets for one in self.caller.heard.values())

    @property
    def lost(self) -> int:
        """Packets that did not, of those that were sent on."""
        return sum(one.highest - one.first + 1 - one.packets for one in self.caller.heard.values())


async def hears(one: Somebody, other: Somebody) -> None:
    """Wait until *one* hears *other*, who speaks all the while."""
    before = one.heard

    async def speaking() -> bool:
        other.speaks()
        return one.heard > before + 2

    await eventually(speaking, "somebody is heard")
