"""
Pictures of pages, for people who make them.

::

    python -m tests.pages.look                       every page of tests/pages/pages.py
    python -m tests.pages.look /today --as patient   one page (names in braces work: /patients/{patient})
    python -m tests.pages.look /today --as patient --themes light --widths 390 --out FOLDER
    python -m tests.pages.look /today --as patient --run "click:text=Open my visit"

Starts a clinic of its own (embedded PostgreSQL, furnished as in the page tests) and takes each page in both themes at
390 and 1280 px, as ``screenshots/NAME-THEME-WIDTH.png``. Prints what the console said and what axe found. Roles:
patient, guardian, newcomer, consultant, nutritionist, interpreter, coordinator, admin, auditor, nobody.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.pages.glance import THEMES, WIDTHS, glance
from tests.pages.pages import PAGES, Shown
from tests.pages.world import World, world


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="look", description="Pictures of pages in both themes and widths.")
    parser.add_argument("paths", nargs="*", help="paths; without any, every page of tests/pages/pages.py")
    parser.add_argument("--as", dest="visitor", default="patient", help="who looks (default: patient)")
    parser.add_argument("--ready", default="h1", help="a selector that is visible when the page is ready")
    parser.add_argument("--run", action="append", default=[], help="click:SELECTOR or press:KEY before the picture")
    parser.add_argument("--themes", nargs="+", default=list(THEMES), choices=THEMES)
    parser.add_argument("--widths", nargs="+", type=int, default=list(WIDTHS))
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--screen", action="store_true", help="one screen instead of the whole page")
    return parser.parse_args()


async def _take(browser: Any, made: World, shown: Shown, theme: str, width: int, wanted: argparse.Namespace) -> None:
    file = wanted.out / f"{shown.name}-{theme}-{width}.png"
    async with glance(browser, made, shown, theme, width) as seen:
        for act in wanted.run:
            verb, _, target = act.partition(":")
            await (seen.page.keyboard.press(target) if verb == "press" else seen.page.locator(target).first.click())
        await seen.page.wait_for_timeout(400)
        if not wanted.screen:
            height = await seen.page.evaluate("document.documentElement.scrollHeight")
            await seen.page.set_viewport_size({"width": width, "height": max(height, WIDTHS.get(width, 800))})
            await seen.page.wait_for_timeout(100)
        await seen.page.screenshot(path=file)
        found = await Axe().run(seen.page)
        print(f"{file}  {seen.status}  axe {found.violations_count}")
        for one in seen.complaints:
            print(f"    console: {one}")
        if found.violations_count:
            print(found.generate_report())


async def _main() -> None:
    wanted = _arguments()
    wanted.out.mkdir(parents=True, exist_ok=True)
    pages = [Shown(path, wanted.visitor, wanted.ready) for path in wanted.paths] or PAGES
    async with world() as made, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for shown in pages:
            for theme in wanted.themes:
                for width in wanted.widths:
                    try:
                        await _take(browser, made, shown, theme, width, wanted)
                    except Exception as failure:
                        print(f"{shown.name}-{theme}-{width}: {failure}")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_main())
