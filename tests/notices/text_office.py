"""A real SMS gateway on a free port of loopback, that tests can read and put in a bad mood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "a-token-of-the-gateway"


@dataclass
class TextOffice:
    """
    What it took, by id, and what it answers.

    moods: statuses to answer first, one for each message; 0: hang up without a word; -1: say nothing at all.
    """

    url: str = ""
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    moods: list[int] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take a message, or not; the same id again is the same message."""
        message = await request.json()
        self.asked.append(message)
        assert f"Bearer {TOKEN}" == request.headers["Authorization"]
        assert message["id"] == request.headers["Idempotency-Key"]
        mood = self.moods.pop(0) if self.moods else 202
        if mood == 0:
            assert request.transport is not None
            request.transport.abort()
        elif mood == -1:
            await asyncio.sleep(60)
        elif mood < 300:
            self.taken[message["id"]] = message
        headers = {"Location": f"{self.url}/elsewhere"} if 300 <= mood < 400 else {}
        return web.Response(status=max(mood, 200), text="an answer " * 10_000, headers=headers)

    @property
    def texts(self) -> list[str]:
        """The words of every message that was taken."""
        return [str(one["text"]) for one in self.taken.values()]


@asynccontextmanager
async def text_office() -> AsyncIterator[TextOffice]:
    """Open for the length of the block."""
    office = TextOffice()
    app = web.Application()
    app.router.add_post("/messages", office.receive)
    app.router.add_route("*", "/messages/elsewhere", office.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    office.url = f"http://{host}:{port}/messages"
    try:
        yield office
    finally:
        await runner.cleanup()
