"""Every page, light and dark, on a phone and on a desk: nothing for axe, no sideways scrolling, a silent console."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.pages.glance import THEMES, WIDTHS, Glance, glance
from tests.pages.pages import PAGES, Shown
from tests.pages.world import World

pytestmark = pytest.mark.browser

_FETCH_FAILED = "Failed to load resource"


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
async def test_a_page_is_kind_to_everybody(browser: Any, world: World, shown: Shown) -> None:
    async with glance(browser, world, shown, THEMES[0], min(WIDTHS)) as seen:
        assert seen.status == shown.expected
        for theme in THEMES:
            await seen.page.emulate_media(color_scheme=theme)
            for width in WIDTHS:
                await _widen(seen, width)
                await _check(seen, f"{theme}, {width} px")
        await _enlarge(seen)
        await _check_width(seen, "twice the text")
        assert [one for one in seen.complaints if shown.expected == 200 or _FETCH_FAILED not in one] == []


async def _widen(seen: Glance, width: int) -> None:
    await seen.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    # Two frames: what listens to the size has heard of it, and has drawn.
    await seen.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def _enlarge(seen: Glance) -> None:
    """Text of twice the size, as people set it in their browser."""
    browser = await seen.page.context.new_cdp_session(seen.page)
    await browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    await _widen(seen, max(WIDTHS))
    assert await seen.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") >= 32


async def _check(seen: Glance, where: str) -> None:
    await _check_width(seen, where)
    found = await Axe().run(seen.page)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


async def _check_width(seen: Glance, where: str) -> None:
    overflow = await seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{where}: {overflow} px wider than the screen: {await _widest(seen.page)}"


async def _widest(page: Any) -> list[str]:
    """What sticks out, for who has to mend it."""
    script = """[...document.body.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map(one => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className}`).slice(0, 8)"""
    return list(await page.evaluate(script))
