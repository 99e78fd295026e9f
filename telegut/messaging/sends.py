"""Sends that come over a socket: many may be under way, in their order; each is answered when it is stored."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from telegut.errors import TelegutError, Unavailable
from telegut.messaging.batch import Outcome, Send, Sent
from telegut.messaging.log import instant
from telegut.messaging.turns import Turns
from telegut.messaging.writer import Writer
from telegut.web import problems
from telegut.web.sockets import Socket

ROOM_WAIT_S = 5.0
"""How long a socket is not read while the writer's queue is full, before a send is refused."""


def answer(sent: Sent) -> dict[str, Any]:
    """What a sender is told about a stored message."""
    return {
        "id": str(sent.id),
        "conversation": str(sent.key.conversation),
        "seq": sent.seq,
        "client_id": sent.key.client_id,
        "sender": str(sent.key.sender),
        "sent_at": instant(sent.sent_at),
    }


@dataclass(slots=True)
class _Line:
    """One socket's sends under way, and answers that are ready to go out."""

    turns: Turns
    in_flight: int = 0
    ready: list[str] = field(default_factory=list)
    flushing: bool = False
    room: asyncio.Event = field(default_factory=asyncio.Event)


class SocketSends:
    """Takes ``send`` from sockets and answers ``sent`` or ``refused``, in the order the writer settles them."""

    def __init__(self, writer: Writer, *, in_flight: int) -> None:
        self._writer = writer
        self._in_flight = in_flight
        self._lines: WeakKeyDictionary[Socket, _Line] = WeakKeyDictionary()
        self._ready: dict[Socket, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        writer.on_answered(self._flush)

    async def take(self, socket: Socket, send: Send) -> None:
        """
        Queue *send*. Returns as soon as it is queued, so that the next one can follow; waits only for room.

        Raises:
            Busy: there was no room for `ROOM_WAIT_S`. OutOfTurn: an older one has to come again first.
        """
        line = self._lines.get(socket) or self._lines.setdefault(socket, _Line(Turns(4 * self._in_flight)))
        if line.in_flight >= self._in_flight:
            line.room.clear()
            await line.room.wait()
        turn = line.turns.arrive(send.key, _now())
        try:
            await self._writer.room(ROOM_WAIT_S)
            self._writer.queue(send, partial(self._settled, socket, line, send, turn))
        except Unavailable:
            line.turns.put_off(send.key, turn, _now())
            raise
        line.in_flight += 1

    def _settled(self, socket: Socket, line: _Line, send: Send, turn: int, outcome: Outcome | Exception) -> None:
        line.in_flight -= 1
        line.room.set()
        if isinstance(outcome, Unavailable):
            line.turns.put_off(send.key, turn, _now())
        line.ready.append(json.dumps(_answer(send, outcome)))
        self._ready[socket] = line

    def _flush(self) -> None:
        """The answers of one group leave in one write for each socket."""
        ready, self._ready = self._ready, {}
        for socket, line in ready.items():
            if line.flushing:
                continue
            if socket.push(line.ready):
                line.ready = []
                continue
            line.flushing = True
            task = asyncio.create_task(self._send(socket, line), name="answers")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, socket: Socket, line: _Line) -> None:
        """To somebody who reads slowly."""
        try:
            while line.ready:
                ready, line.ready = line.ready, []
                for text in ready:
                    await socket.send_json(None, text)
        except (ConnectionError, RuntimeError):
            line.ready.clear()  # gone: the sender asks again with the same client_id, or reads the log
        finally:
            line.flushing = False


def _now() -> float:
    return asyncio.get_running_loop().time()


def _answer(send: Send, outcome: Outcome | Exception) -> dict[str, Any]:
    if isinstance(outcome, Sent):
        return {"type": "sent", **answer(outcome)}
    refusal = outcome if isinstance(outcome, TelegutError) else Unavailable()
    return {
        "type": "refused",
        "conversation": str(send.conversation),
        "client_id": send.client_id,
        "problem": problems.of(refusal),
    }
