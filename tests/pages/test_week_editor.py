"""Hours are edited on the week: with the keyboard alone, with the mouse, against somebody else's change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.pages.desks import desks

pytestmark = pytest.mark.browser

WEEK = "/availability?date=2027-02-01"
"""A Monday; no clock changes in Berlin in that week."""


class Desk:
    """A practitioner before the grid, and what the API says of their hours."""

    def __init__(self, page: Any, who: Account, url: str) -> None:
        self.page, self.who, self.url = page, who, url

    async def hours(self, **change: Any) -> dict[str, Any]:
        """The hours as they are stored; with *change*, as another device has just changed them."""
        path = f"/api/v1/practitioners/{self.who.id}/availability"
        async with ClientSession(self.url, headers=self.who.bearer) as program:
            async with program.get(path) as answer:
                found: dict[str, Any] = await answer.json()
            if change:
                async with program.put(path, json={**found, **change}) as answer:
                    assert answer.status == 200, await answer.text()
            return found

    def cell(self, day: int, minute: int) -> Any:
        """The cell of a weekday (0: Monday) at a minute."""
        return self.page.locator(f'[role="gridcell"][data-at="{day * 1440 + minute}"]')

    async def press(self, *keys: str) -> None:
        """One key after the other, each when the one before has been heard."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def stored(self, words: str) -> None:
        """The page says that a change is stored."""
        await expect(self.page.locator("#toasts")).to_contain_text(words)


@pytest.fixture
async def desk(browser: Any, db: Database, server: str) -> AsyncIterator[Desk]:
    """Somebody without any hours yet, before an empty week."""
    amara = await build.person(db, "consultant", "Amara Okafor", "Europe/Berlin")
    async with desks(browser, db, server) as sit:
        page = await sit(amara, WEEK, zone=amara.zone)  # elsewhere the page first asks for the zone
        await page.locator('[role="gridcell"][tabindex="0"]').wait_for()
        yield Desk(page, amara, server)


async def test_a_week_is_edited_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    await desk.cell(0, 9 * 60).focus()
    await desk.press("Enter", "ArrowDown", "ArrowDown", "Enter")
    await desk.stored("New hours: Mondays 09:00 to 10:30, every week.")

    await expect(desk.cell(0, 9 * 60)).to_be_focused()
    await desk.press("Shift+ArrowDown", "Shift+ArrowDown")
    await expect(page.locator("#announce")).to_contain_text("Monday 1 February, 09:00 to 11:30, 2 hours 30 minutes")
    await desk.press("Enter")
    await desk.stored("Mondays 09:00 to 11:30 instead of Mondays 09:00 to 10:30, every week.")

    await desk.press("Enter", "ArrowRight", "ArrowDown", "Enter")
    await desk.stored("Tuesdays 09:30 to 12:00 instead of Mondays 09:00 to 11:30, every week.")
    assert (await desk.hours())["rules"] == [{"weekdays": ["TU"], "start": "09:30", "end": "12:00"}]

    await desk.press("Enter", "ArrowDown", "Escape")
    await expect(page.locator("#announce")).to_contain_text("Left as it was.")
    await page.reload()
    await expect(page.locator("[data-rules] li")).to_contain_text("Tuesdays 09:30 to 12:00, Berlin time.")
    await expect(desk.cell(1, 570)).to_have_attribute("aria-label", "Tuesday 2 February, 09:30, hours 09:30 to 12:00")

    await desk.cell(1, 570).focus()
    await desk.press("Delete")
    await desk.stored("No hours any more: Tuesdays 09:30 to 12:00, every week.")
    assert (await desk.hours())["rules"] == []
    await desk.press("Control+z")
    await desk.stored("The last change is taken back.")
    assert (await desk.hours())["rules"] == [{"weekdays": ["TU"], "start": "09:30", "end": "12:00"}]
    await _is_kind(page)


async def test_a_week_is_drawn_by_mouse_and_only_this_week_stays_only_this_week(desk: Desk) -> None:
    page = desk.page
    await page.get_by_role("button", name="Mondays to Fridays 09:00 to 12:30").click()
    await desk.stored("Change whatever does not fit.")
    await page.get_by_role("radio", name="only this week").click()
    await desk.cell(2, 15 * 60).scroll_into_view_if_needed()
    lower = await _point(desk, 2, 12 * 60 + 30, -2)
    await page.mouse.move(*lower)
    await page.mouse.down()
    await page.mouse.move(lower[0], lower[1] + 20, steps=3)
    await page.mouse.move(*await _point(desk, 2, 14 * 60), steps=3)
    await page.mouse.up()
    await desk.stored("Wednesday 3 February, 09:00 to 14:00 instead of Wednesday 3 February, 09:00 to 12:30")
    hours = await desk.hours()

    assert hours["rules"] == [{"weekdays": ["MO", "TU", "WE", "TH", "FR"], "start": "09:00", "end": "12:30"}]
    assert hours["exceptions"] == [{"start": "2027-02-03T09:00:00", "end": "2027-02-03T14:00:00", "kind": "extra"}]


async def test_a_change_that_meets_another_is_kept_until_its_owner_decides(desk: Desk) -> None:
    page = desk.page
    await desk.hours(rules=[{"weekdays": ["FR"], "start": "13:00", "end": "15:00"}], exceptions=[])
    await desk.cell(0, 9 * 60).focus()
    await desk.press("Enter", "ArrowDown", "Enter")
    conflict = page.locator("#hours-conflict")
    await expect(conflict).to_contain_text("New: Fridays 13:00 to 15:00, Berlin time.")
    await expect(conflict).to_contain_text("New hours: Mondays 09:00 to 10:00, every week.")
    await expect(conflict.get_by_role("button", name="Store my change as well")).to_be_focused()
    await _is_kind(page)
    await desk.press("Enter")
    await expect(conflict).to_be_hidden()
    await expect(page.locator("[data-rules] li")).to_have_count(2)

    assert [rule["weekdays"] for rule in (await desk.hours())["rules"]] == [["FR"], ["MO"]]


async def _is_kind(page: Any) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def _point(desk: Desk, day: int, minute: int, offset: float = 1) -> tuple[float, float]:
    """Where a minute is on the screen; *offset*: so many pixels below."""
    row = await desk.cell(day, minute // 30 * 30).bounding_box()
    assert row is not None
    return row["x"] + row["width"] / 4, row["y"] + row["height"] * (minute % 30) / 30 + offset
