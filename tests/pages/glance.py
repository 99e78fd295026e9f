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


@asynccontextmanager
async def glance(browser: Any, world: World, shown: Shown, theme: str, width: int) -> AsyncIterator[Glance]:
    """Open *shown*; closes everything again."""
    context = await browser.new_context(
        viewport={"width": width, "height": WIDTHS.get(width, 800)},
        color_scheme=theme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        base_url=world.url,
        permissions=["camera", "microphone"],
    )
    try:
        if shown.visitor in world.cookies:
            await context.add_cookies([world.cookies[shown.visitor]])
        page = await context.new_page()
        seen = Glance(page, 0)
        page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        answer = await page.goto(world.address(shown.path), wait_until="load")
        seen.status = answer.status
        await page.locator(shown.ready).first.wait_for(state="visible", timeout=15_000)
        await page.evaluate("document.fonts.ready")
        yield seen
    finally:
        await context.close()
