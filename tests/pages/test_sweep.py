"""Every page, light and dark, on a phone and on a desk: nothing for axe, no sideways scrolling, a silent console."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults

from tests.pages.glance import THEMES, WIDTHS, Glance, opened, window
from tests.pages.pages import PAGES, Shown, again
from tests.pages.world import World

pytestmark = pytest.mark.browser

_FETCH_FAILED = "Failed to load resource"

Look = tuple[str, int]
"""A theme and a width."""
LOOKS: Final = tuple(itertools.product(THEMES, WIDTHS))


def looks_read(place: int, *, everything: bool) -> tuple[Look, ...]:
    """
    In which looks axe reads the page at *place*: one after the other, so that what pages share is read in all four.

    *everything*, which ``--all`` wants, reads each page in all four.
    """
    return LOOKS if everything else (LOOKS[place % len(LOOKS)],)


@pytest.fixture(scope="module")
async def windows(browser: Any, world: World) -> AsyncIterator[dict[str, Any]]:
    """One signed-in browser for each visitor: pages of one share what is loaded, as they do for people."""
    made = {visitor: await window(browser, world, visitor) for visitor in dict.fromkeys(one.visitor for one in PAGES)}
    yield made
    for one in made.values():
        await one.close()


SWEPT: Final = [
    pytest.param(place, one, id=one.name, marks=[pytest.mark.long] if again(place) else [])
    for place, one in enumerate(PAGES)
]
"""Every page; whoever sees much the same as somebody before them is looked at with ``--all``."""


@pytest.mark.parametrize(("place", "shown"), SWEPT)
async def test_a_page_is_kind_to_everybody(
    windows: dict[str, Any], world: World, place: int, shown: Shown, pytestconfig: pytest.Config
) -> None:
    read = looks_read(place, everything=pytestconfig.getoption("--all"))
    async with opened(windows[shown.visitor], world, shown) as seen:
        assert seen.status == shown.expected
        await seen.page.evaluate(AXE_SCRIPT)
        for theme, width in LOOKS:
            await seen.page.emulate_media(color_scheme=theme)
            await _widen(seen, width)
            await _check_width(seen, f"{theme}, {width} px")
            if (theme, width) in read:
                await _read(seen, f"{theme}, {width} px")
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


async def _read(seen: Glance, where: str) -> None:
    """What axe says to the page as it stands."""
    found = AxeResults(await seen.page.evaluate("axe.run({resultTypes: ['violations']})"))
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
