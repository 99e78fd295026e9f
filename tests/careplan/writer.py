"""Somebody who writes in a live note: pycrdt over the real socket, as a page does it with Yjs."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any

import aiohttp
from pycrdt import Doc, Text

from telegut.careplan.document import ROOT
from telegut.careplan.frames import (
    HELD,
    MISSING,
    NOTHING,
    SAVED,
    STATE_VECTOR,
    UPDATE,
    Presence,
    Sync,
    awareness,
    parse,
    sync,
)
from telegut.careplan.frames import _Reader as Reader
from tests.build import Account

PATIENCE_S = 60.0


class Writer:
    """One open document, with or without a connection."""

    def __init__(self, who: Account, plan: str, audience: str = "shared") -> None:
        self.who = who
        self.place = f"/notes/{plan}?audience={audience}"
        self.doc: Doc[Any] = Doc()
        self.text = self.doc.get(ROOT, type=Text)
        self.here: dict[int, Presence] = {}
        self.sent = self.saved = 0
        self.greeted = asyncio.Event()
        self.code: int | None = None
        self.held: list[str] = []
        self._session: aiohttp.ClientSession | None = None
        self._stream: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._remote = False
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._watching = self.doc.observe(self._changed)

    def _changed(self, event: Any) -> None:
        if self._remote or event.update == NOTHING or self._stream is None or not self.greeted.is_set():
            return
        self._send_content(UPDATE, event.update)

    def _send_content(self, step: int, payload: bytes) -> None:
        self.sent += 1
        self._out.put_nowait(sync(step, payload))

    async def connect(self, url: str) -> None:
        """Open the socket and wait until both sides have told what they had."""
        self._session = aiohttp.ClientSession(url)
        self._stream = await self._session.ws_connect(self.place, headers=self.who.bearer, max_msg_size=0)
        self.sent = self.saved = 0
        self.greeted.clear()
        self._out = asyncio.Queue()
        self._out.put_nowait(sync(STATE_VECTOR, self.doc.get_state()))
        self._reading = asyncio.create_task(self._run())
        async with asyncio.timeout(PATIENCE_S):
            await self.greeted.wait()

    async def _run(self) -> None:
        assert self._stream is not None
        sending = asyncio.create_task(self._pass_on())
        try:
            async for message in self._stream:
                self._heard(message.data)
        finally:
            self.code = self._stream.close_code
            sending.cancel()

    async def _pass_on(self) -> None:
        assert self._stream is not None
        while True:
            await self._stream.send_bytes(await self._out.get())

    def _heard(self, frame: bytes) -> None:
        if frame[0] == SAVED:
            self.saved = Reader(frame[1:]).number()
            return
        if frame[0] == HELD:
            self.held = json.loads(Reader(frame[1:]).bytes())
            return
        message = parse(frame)
        if not isinstance(message, Sync):
            self.here.update({one.client: one for one in message})
        elif message.step == STATE_VECTOR:
            self._send_content(MISSING, self.doc.get_update(message.payload))
        else:
            self._remote = True
            try:
                self.doc.apply_update(message.payload)
            finally:
                self._remote = False
            if message.step == MISSING:
                self.greeted.set()

    def say_where(self, caret: int) -> None:
        """Tell the others where the caret is, under a name that is not ours."""
        client = int(self.doc.client_id)
        self._out.put_nowait(awareness([Presence(client, 1, {"name": "Somebody else", "caret": caret})]))

    async def send_raw(self, frame: bytes) -> None:
        """Send what no page would send."""
        assert self._stream is not None
        await self._stream.send_bytes(frame)

    async def type(self, edits: int, mark: str, chance: random.Random) -> None:
        """Insert and delete at random places, giving the others a turn in between."""
        for number in range(edits):
            length = len(str(self.text).encode())
            self.text.insert(chance.randint(0, length), mark)
            if length > 20 and number % 7 == 0:
                at = chance.randint(0, length - 1)
                del self.text[at : at + 1]
            if number % 10 == 0:
                await asyncio.sleep(0)

    async def all_saved(self) -> None:
        """Wait until the server has called everything stored that was sent."""
        await until(lambda: self.saved == self.sent)

    async def leave(self) -> None:
        """Close the socket; the document stays, for writing offline."""
        if self._stream is not None:
            await self._stream.close()
            self._stream = None
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=5)
        if self._session is not None:
            await self._session.close()

    def __str__(self) -> str:
        return str(self.text)


async def until(true: Callable[[], Any]) -> None:
    """Wait for *true*, with a deadline that only a broken build reaches."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)
