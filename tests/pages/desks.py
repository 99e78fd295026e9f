"""People at their own browsers, for tests in which several look at the same thing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import expect

from telegut.db.engine import Database
from tests.build import Account
from tests.pages.world import _cookie

PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)

Sit = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def desks(browser: Any, db: Database, url: str) -> AsyncIterator[Sit]:
    """``page = await sit(account, "/plan")``: a browser of their own, signed in; *width* 390 is a phone."""
    contexts: list[Any] = []

    async def sit(who: Account, path: str, *, width: int = 1280, zone: str | None = None) -> Any:
        context = await browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 800},
            locale="en-GB",
            timezone_id=zone,
            reduced_motion="reduce",
            base_url=url,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_cookies([await _cookie(db, who, url)])
        page = await context.new_page()
        await page.goto(path)
        return page

    try:
        yield sit
    finally:
        for context in contexts:
            await context.close()
