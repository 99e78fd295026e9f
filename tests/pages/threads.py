"""A conversation behind a running server, and people who look at it in browsers of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
from aiohttp import ClientSession, FormData
from playwright.async_api import expect

from telegut.accounts import sessions
from telegut.accounts.rules import Lifetime
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.messaging.ledger.making import build_ledger
from telegut.notices.service import build_notices
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.messaging.places import Place, place

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True, slots=True)
class Scene:
    """A place with people, and a way to open it as one of them in a browser of their own."""

    here: Place
    db: Database
    server: str
    browser: Any
    contexts: list[Any] = field(default_factory=list)

    async def open(self, who: Account, **device: Any) -> Any:
        """The thread on a page of *who*, up to date; *device*: what kind of browser, as Playwright describes it."""
        async with self.db.begin(build.BUILDER) as tx:
            lifetime = Lifetime(timedelta(hours=1), None)
            _, token = await sessions.issue(tx, who.id, "browser", lifetime, device="a test", now=utc_now())
        context = await self.browser.new_context(
            base_url=self.server, reduced_motion="reduce", locale="en-GB", **device
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        await context.add_cookies([{"name": "telegut", "value": token, "url": self.server}])
        return await self.tab(context)

    async def tab(self, context: Any) -> Any:
        """One more tab of the same browser, up to date."""
        page = await context.new_page()
        await page.goto(f"/messages/{self.here.conversation}")
        await expect(page.locator("[data-state]", has_text="Up to date").last).to_be_visible()
        return page

    async def ask(self, method: str, path: str, who: Account, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the API answers *who*."""
        async with (
            ClientSession(self.server) as client,
            client.request(method, f"/api/v1{path}", json=body, headers=who.bearer) as answer,
        ):
            assert answer.status < 300, f"{method} {path} answered {answer.status}: {await answer.text()}"
            found: dict[str, Any] = await answer.json()
            return found

    async def hand_in(self, path: str, who: Account, form: FormData) -> str:
        """Hand in a file as *who*; its id."""
        async with (
            ClientSession(self.server) as client,
            client.post(f"/api/v1{path}", data=form, headers=who.bearer) as answer,
        ):
            assert answer.status < 300, await answer.text()
            return str((await answer.json())["id"])

    async def messages(self) -> list[Any]:
        """What the log holds."""
        return [one["body"] for one in await self.here.messages()]


@asynccontextmanager
async def opened_scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server; its browsers are closed behind the block."""
    scene = Scene(await place(db, settings), db, server, browser)
    try:
        yield scene
    finally:
        for context in scene.contexts:
            await context.close()


async def write(page: Any, *words: str) -> None:
    """Type lines and send them with Enter."""
    box = page.locator("[data-text]")
    await box.click()
    for n, line in enumerate(words):
        if n:
            await box.press("Shift+Enter")
        await box.press_sequentially(line)
    await box.press("Enter")


def on_its_way(page: Any) -> Any:
    """Messages that are kept on the device and not stored."""
    return page.locator('.message-wish[data-wish-state="queued"]')


async def escalate(scene: Scene, settings: Settings, database_url: str) -> int:
    """What was written is urgent and six minutes old; returns how many steps were taken for it."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "update messaging_entry set urgent = true, at = at - interval '6 minutes' where type = 'message.sent'"
    )
    await connection.close()
    messaging = scene.here.messaging
    notices = build_notices(scene.db, build.VAULT, messaging.now, settings)
    ledger = build_ledger(scene.db, build.VAULT, messaging.now, notices, messaging.replies, settings)
    return await ledger.escalations.look()
