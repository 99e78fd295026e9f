"""
The media process: one UDP port that answers STUN and forwards media, and the control socket through which web asks.

It knows no database and no person. A restart of web does not concern it: calls go on, and web asks how they are.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from telegut import logs
from telegut.rooms.media import commands, sdp
from telegut.rooms.media.commands import Drain, EndRecording, Join, Leave, Look, NotTaken, Record
from telegut.rooms.media.control import Door, socket_path
from telegut.rooms.media.forwarder import Forwarder
from telegut.rooms.media.port import Port
from telegut.rooms.media.recording.recorders import Recorders
from telegut.settings import Settings

log = logs.get("media")


class Worker:
    """Answers web's lines with what the forwarder does."""

    def __init__(self, settings: Settings) -> None:
        self.port = Port(settings.media_host, settings.media_port)
        self.path = socket_path(settings.data)
        self._door = Door(self.path, self._answer)
        self._key = commands.key_of(self.path.parent)
        addresses = [(host, self.port.number) for host in resolved(settings)]
        self.forwarder = Forwarder(self.port, addresses, self._door.tell)
        self.recorders = Recorders(self.forwarder.rooms, settings)
        self.reachable = bool(addresses)
        self._load = _Load()

    async def run(self) -> None:
        """Serve until cancelled."""
        self.port.open()
        await self._door.open()
        log.info("media listens", count=self.port.number)
        gc.collect()
        gc.freeze()  # what is here now stays; a collection in the middle of a call need not look at it
        recording = asyncio.create_task(self.recorders.run(), name="recordings")
        try:
            await self.forwarder.run()
        finally:
            recording.cancel()
            await asyncio.gather(recording, return_exceptions=True)
            self._door.close()
            await self.forwarder.stop()
            self.port.close()

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        match asked.get("ask"):
            case "health":
                return self._health()
            case "state":
                return {"ok": True, "state": self.forwarder.state()}
        try:
            return {"ok": True, **self._do(commands.read(self._key, asked, time.time()))}
        except (NotTaken, sdp.NotUnderstood) as exc:
            return {"ok": False, "problem": str(exc)}

    def _do(self, command: commands.Command) -> dict[str, Any]:
        match command:
            case Join(room, seat, offer, layout):
                if not self.reachable:
                    raise NotTaken("This process has no address that browsers can reach.")
                if self.forwarder.draining and room not in self.forwarder.rooms:
                    raise NotTaken("This process takes no new rooms.")
                return {"answer": self.forwarder.join(room, seat, offer, layout)}
            case Leave(room, ""):
                self.forwarder.close(room)
            case Leave(room, seat):
                self.forwarder.leave(room, seat)
            case Look(room, seat, hidden, small):
                self.forwarder.look(room, seat, hidden, small)
            case Record():
                return self.recorders.record(command)
            case EndRecording():
                return self.recorders.end(command)
            case Drain():
                self.forwarder.draining = True
        return {}

    def _health(self) -> dict[str, Any]:
        return {
            "ok": True,
            "udp_port": self.port.number,
            "answered": self.port.answered,
            "rooms": len(self.forwarder.rooms),
            "load": self._load.now(),
            "draining": self.forwarder.draining,
        }


class _Load:
    """How busy the process is: the part of the last second or more that it computed, 0 to 1."""

    def __init__(self) -> None:
        self._at, self._used, self._load = time.monotonic(), time.process_time(), 0.0

    def now(self) -> float:
        at, used = time.monotonic(), time.process_time()
        if at - self._at >= 1:
            self._load = (used - self._used) / (at - self._at)
            self._at, self._used = at, used
        return round(self._load, 3)


def resolved(settings: Settings) -> list[str]:
    """The addresses under which browsers reach this process, IPv4 first; none when its name is not known."""
    name = settings.media_public_host or urlsplit(settings.origin).hostname or settings.media_host
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError:
        log.warning("media has no address", problem="name not known")
        return []
    hosts = {str(one[4][0]): one[0] != socket.AF_INET for one in found}
    wanted = socket.AF_INET6 if ":" in settings.media_host else socket.AF_INET
    return sorted(
        (host for host, other in hosts.items() if wanted == socket.AF_INET6 or not other), key=hosts.__getitem__
    )


async def run(settings: Settings) -> None:
    """Answer until cancelled."""
    await Worker(settings).run()
