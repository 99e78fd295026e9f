"""Opening a page as somebody, in a theme and at a width, and noticing what the browser complains about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.pages.pages import Shown
from tests.pages.world import World

WIDTHS: Final = {390: 844, 1280: 800}
THEMES: Final = ("light", "dark")


@dataclass(slots=True)
class Glance:
    """A page that is open and ready, with everything its console said."""

    page: Any
    status: int
    complaints: list[str] = field(default_factory=list)


async def window(browser: Any, world: World, visitor: str, theme: str = THEMES[0], width: int = min(WIDTHS)) -> Any:
    """A browser of *visitor*'s own, signed in; its owner closes it."""
    context = await browser.new_context(
        viewport={"width": width, "height": WIDTHS.get(width, 800)},
        color_scheme=theme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        base_url=world.url,
        permissions=["camera", "microphone"],
        service_workers="block",  # one that wakes late would complain to another page's test
    )
    if visitor in world.cookies:
        await context.add_cookies([world.cookies[visitor]])
    return context


@asynccontextmanager
async def opened(context: Any, world: World, shown: Shown) -> AsyncIterator[Glance]:
    """Open *shown* in a page of its own of *context*; closes the page again."""
    page = await context.new_page()
    try:
        seen = Glance(page, 0)
        page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        answer = await page.goto(world.address(shown.path), wait_until="load")
        seen.status = answer.status
        await page.locator(shown.ready).first.wait_for(state="visible", timeout=15_000)
        await page.evaluate("document.fonts.ready")
        yield seen
    finally:
        await page.close()


@asynccontextmanager
async def glance(browser: Any, world: World, shown: Shown, theme: str, width: int) -> AsyncIterator[Glance]:
    """Open *shown* in a window of its own; closes everything again."""
    context = await window(browser, world, shown.visitor, theme, width)
    try:
        async with opened(context, world, shown) as seen:
            yield seen
    finally:
        await context.close()
