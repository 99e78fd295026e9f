"""Networks that forget a connection without a word, or let no socket pass: a page notices, says so, and goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests.pages.threads import Scene, opened_scene, write

pytestmark = [pytest.mark.browser, pytest.mark.long]

NOTICED_MS = 60_000
"""A dead way is noticed within this (product rule), and the page is back soon after."""
OPENING_MS = 11_000
"""Less than a page waits for the first word of a socket (``lib/lines/pulse.ts``)."""


@dataclass(slots=True)
class Forgetful:
    """A relay before a server that can forget the connections it has, without closing them; new ones work."""

    host: str
    port: int
    forgotten: set[asyncio.Task[None]] = field(default_factory=set)
    open: set[asyncio.Task[None]] = field(default_factory=set)
    made: int = 0

    def forget(self) -> None:
        """Nothing passes any more on what is open now, in either direction, and nobody is told."""
        self.forgotten |= self.open

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.made += 1
        there, to_server = await asyncio.open_connection(self.host, self.port)
        pumps = {asyncio.create_task(self._pump(reader, to_server)), asyncio.create_task(self._pump(there, writer))}
        self.open |= pumps
        try:
            await asyncio.wait(pumps)
        finally:
            self.open -= pumps
            writer.close()
            to_server.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        this = asyncio.current_task()
        try:
            while data := await source.read(65_536):
                if this in self.forgotten:
                    continue
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        if this not in self.forgotten:
            sink.close()


@asynccontextmanager
async def relayed(server: str) -> AsyncIterator[tuple[str, Forgetful]]:
    """An address before *server*, and what can be made to forget."""
    where = urlsplit(server)
    relay = Forgetful(str(where.hostname), int(where.port or 80))
    listening = await asyncio.start_server(relay.take, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", relay
    finally:
        listening.close()
        for task in list(relay.open):
            task.cancel()


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def test_a_page_on_a_forgotten_connection_sends_and_receives_again_by_itself(scene: Scene) -> None:
    async with relayed(scene.server) as (address, relay):
        patient = await replace(scene, server=address).open(scene.here.clinic.patient)
        relay.forget()
        await write(patient, "Does anybody hear me?")
        await expect(patient.locator(".message-wish")).to_have_count(1)
        await scene.ask(
            "POST",
            f"/conversations/{scene.here.conversation}/messages",
            scene.here.clinic.nutritionist,
            {"client_id": "theirs", "body": "From the team"},
        )

        await expect(patient.locator(".message-wish")).to_have_count(0, timeout=NOTICED_MS)
        await expect(patient.locator(".message-body", has_text="From the team")).to_be_visible(timeout=NOTICED_MS)
        await expect(patient.locator("[data-state]", has_text="Up to date").last).to_be_visible()

    assert sorted(await scene.messages()) == ["Does anybody hear me?", "From the team"]


async def test_a_page_that_only_listens_notices_a_forgotten_connection_too(scene: Scene) -> None:
    async with relayed(scene.server) as (address, relay):
        patient = await replace(scene, server=address).open(scene.here.clinic.patient)
        relay.forget()
        await scene.ask(
            "POST",
            f"/conversations/{scene.here.conversation}/messages",
            scene.here.clinic.nutritionist,
            {"client_id": "theirs", "body": "From the team"},
        )

        await expect(patient.locator(".message-body", has_text="From the team")).to_be_visible(timeout=NOTICED_MS)


async def test_where_no_socket_passes_messages_come_and_go_by_long_polls_until_one_does(scene: Scene) -> None:
    first = await scene.open(scene.here.clinic.patient)
    patient = await first.context.new_page()
    passes: list[bool] = []

    async def socket(route: Any) -> None:
        if passes:
            route.connect_to_server()
        else:
            await route.close(code=1011)

    await patient.route_web_socket("**/events", socket)
    await first.close()
    await patient.goto(f"/messages/{scene.here.conversation}")
    await expect(patient.locator("[data-state]", has_text="a little slower").last).to_be_visible()
    await write(patient, "By the slow way")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    await scene.ask(
        "POST",
        f"/conversations/{scene.here.conversation}/messages",
        scene.here.clinic.nutritionist,
        {"client_id": "theirs", "body": "It came"},
    )
    await expect(patient.locator(".message-body")).to_have_text(["By the slow way", "It came"])

    passes.append(True)

    await expect(patient.locator("[data-state]", has_text="a little slower")).to_have_count(0, timeout=180_000)
    await write(patient, "By the socket")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    assert await scene.messages() == ["By the slow way", "It came", "By the socket"]


async def test_a_network_that_swallows_sockets_is_waited_for_once_and_not_by_every_page(scene: Scene) -> None:
    first = await scene.open(scene.here.clinic.patient)
    patient = await first.context.new_page()
    # Opened, and never a word: neither welcomed nor refused.
    await patient.route_web_socket("**/events", lambda route: None)
    await first.close()
    await patient.goto(f"/messages/{scene.here.conversation}")
    slower = patient.locator("[data-state]", has_text="a little slower").last
    await expect(slower).to_be_visible(timeout=NOTICED_MS)

    await patient.reload()

    await expect(slower).to_be_visible(timeout=OPENING_MS)
    await write(patient, "At once")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    assert await scene.messages() == ["At once"]
