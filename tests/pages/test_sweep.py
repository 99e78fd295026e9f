"""Every page, light and dark, on a phone and on a desk: nothing for axe, no sideways scrolling, a silent console."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.pages.glance import THEMES, WIDTHS, glance
from tests.pages.pages import PAGES, Shown
from tests.pages.world import World

pytestmark = pytest.mark.browser

_FETCH_FAILED = "Failed to load resource"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
async def test_a_page_is_kind_to_everybody(browser: Any, world: World, shown: Shown, theme: str, width: int) -> None:
    async with glance(browser, world, shown, theme, width) as seen:
        overflow = await seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found = await Axe().run(seen.page)
        complaints = [one for one in seen.complaints if shown.expected == 200 or _FETCH_FAILED not in one]

        assert seen.status == shown.expected
        assert found.violations_count == 0, found.generate_report()
        assert overflow <= 0, f"{overflow} px wider than the screen: {await _widest(seen.page)}"
        assert complaints == []


@pytest.mark.parametrize("shown", [one for one in PAGES if one.expected == 200], ids=lambda shown: shown.name)
async def test_a_page_holds_text_of_twice_the_size(browser: Any, world: World, shown: Shown) -> None:
    async with glance(browser, world, shown, "light", 1280) as seen:
        await seen.page.evaluate("document.documentElement.style.fontSize = '200%'")
        overflow = await seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

        assert overflow <= 0, f"{overflow} px wider than the screen: {await _widest(seen.page)}"


async def _widest(page: Any) -> list[str]:
    """What sticks out, for who has to mend it."""
    script = """[...document.body.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map(one => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className}`).slice(0, 8)"""
    return list(await page.evaluate(script))
