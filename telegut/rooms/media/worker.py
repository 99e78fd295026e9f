"""
The media process: one UDP port that answers STUN and forwards media, and the control socket through which web asks.

It knows no database and no person. A restart of web does not concern it: calls go on, and web asks how they are.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
import socket
import time
from typing import Any, Final
from urllib.parse import urlsplit

from telegut import logs
from telegut.rooms.media import commands, contacts, inbound, load, sdp
from telegut.rooms.media.commands import Drain, EndRecording, Full, Join, Leave, Look, NotTaken, Record
from telegut.rooms.media.control import Door, socket_path
from telegut.rooms.media.forwarder import Forwarder
from telegut.rooms.media.load import Load
from telegut.rooms.media.port import Port
from telegut.rooms.media.recording.recorders import Recorders
from telegut.settings import Settings

log = logs.get("media")

REPORT_S: Final = 1.0
MOST_CPU: Final = 0.75
"""In production, if the setting says nothing: what is left takes what calls grow by while they last."""
MOST_LAG_S: Final = 0.02
MOVE_S: Final = 10.0
"""How long people have to come away from a process that ends; a page needs about one second."""
EMPTY_EVERY_S: Final = 0.1


class Worker:
    """Answers web's lines with what the forwarder does."""

    def __init__(self, settings: Settings) -> None:
        number = settings.media_number
        self.port = Port(settings.media_host, settings.media_port + number if settings.media_port else 0)
        self.path = socket_path(settings.data, number)
        self.instance = secrets.token_hex(8)
        """This life of the process: what web says to another one is not for us."""
        self._settings = settings
        self._door = Door(self.path, self._answer, contacts.listening(settings))
        self._commands = commands.Reader(commands.key_of(contacts.key_path(settings)), self.instance)
        hosts = resolved(settings)
        self.host = hosts[0] if hosts else ""
        self.forwarder = Forwarder(self.port, [(host, self.port.number) for host in hosts], self._door.tell)
        self.recorders = Recorders(self.forwarder.rooms, settings)
        self._load = Load((_near(settings.media_host), self.port.number), lambda: bool(self.forwarder.rooms))
        self._draining: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Serve until cancelled, or drained."""
        self.port.open()
        if self._settings.media_tcp:
            self.forwarder.by_tcp = await self.port.streams.open(self._settings.media_host, self.port.number)
        await self._door.open()
        log.info("media listens", count=self.port.number)
        gc.collect()
        gc.freeze()  # what is here now stays; a collection in the middle of a call need not look at it
        beside = [self.forwarder.run(), self.recorders.run(), self._load.run(), self._report()]
        tasks = [asyncio.create_task(one, name="media") for one in (*beside, self._ended.wait())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for one in (*tasks, *((self._draining,) if self._draining else ())):
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._door.close()
            await self.forwarder.stop()
            self.port.close()

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            self._door.report(self._health())

    # --- the end

    def drain(self) -> None:
        """Take no new rooms, and end once the others are empty or elsewhere; a second time: end now."""
        if self._draining is not None:
            self._ended.set()
            return
        self.forwarder.draining = True
        log.info("media drains", count=len(self.forwarder.rooms))
        self._door.report(self._health())
        self._draining = asyncio.create_task(self._drain(), name="media drain")

    async def _drain(self) -> None:
        await self._wait_until_empty(self._settings.media_drain_s)
        if self.forwarder.rooms:
            log.info("media hands its rooms over", count=len(self.forwarder.rooms))
            for room in self.forwarder.rooms:
                self._door.tell(room, "", {"type": "move"})
            await self._wait_until_empty(MOVE_S)
        self._ended.set()

    async def _wait_until_empty(self, most_s: float) -> None:
        until = time.monotonic() + most_s
        while self.forwarder.rooms and time.monotonic() < until:  # noqa: ASYNC110 - the beat of rooms ends them
            await asyncio.sleep(EMPTY_EVERY_S)

    # --- what web asks

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        match asked.get("ask"):
            case "health":
                return self._health()
            case "state":
                return {"ok": True, "state": self.forwarder.state()}
        try:
            return {"ok": True, **self._do(self._commands.read(asked, time.time()))}
        except Full as exc:
            return {"ok": False, "full": True, "problem": str(exc)}
        except (NotTaken, sdp.NotUnderstood) as exc:
            return {"ok": False, "problem": str(exc)}

    def _do(self, command: commands.Command) -> dict[str, Any]:
        match command:
            case Join(room, seat, offer, layout):
                if room not in self.forwarder.rooms and (why := self._full()):
                    raise Full(why)
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
                self.drain()
        return {}

    def _full(self) -> str:
        """Why no new room is taken, "" when one is."""
        settings, limited = self._settings, self._settings.mode == "production"
        if not self.host:
            return "This process has no address that browsers can reach."
        if self.forwarder.draining:
            return "This process takes no new rooms."
        if len(self.forwarder.rooms) >= settings.media_most_rooms:
            return "This process has as many rooms as it may."
        if self._load.cpu > (settings.media_most_cpu or (MOST_CPU if limited else 1.0)):
            return "This process has as much to do as it may."
        if self._load.lag > (settings.media_most_lag_s or (MOST_LAG_S if limited else 1.0)):
            return "This process is behind with what it has to do."
        return ""

    def _health(self) -> dict[str, Any]:
        rooms, port = self.forwarder.rooms, self.port
        return {
            "ok": True,
            "udp_port": port.number,
            "answered": port.answered,
            "instance": self.instance,
            "host": self.host,
            "rooms": len(rooms),
            "seats": sum(len(room.sessions) for room in rooms.values()),
            "load": round(self._load.cpu, 3),
            "lag": round(self._load.lag, 5),
            "residence": round(self._load.residence, 6),
            "received": port.received,
            "sent": port.sent,
            "dropped": port.dropped,
            "memory": load.memory(),
            "rings": inbound.rings(),
            "streams": len(port.streams.connections),
            "draining": self.forwarder.draining,
            "takes": not self._full(),
        }


def _near(host: str) -> str:
    """Where this process reaches its own port that it took on *host*."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound


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
