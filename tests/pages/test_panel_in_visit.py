"""The report beside a call: what is folded up opens in place, and a genus that one side alone shows is pointed at."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.accounts import sessions
from telegut.accounts.rules import Lifetime
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.demonstration.lab_files import metaphlan_profile
from tests import build
from tests.pages.calls import (
    PATIENCE_MS,
    browser,
    is_kind_to_everybody,
    link,
    meet,
    somebody,
)
from tests.rooms.visits import Agreed, At, agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

BEYOND = 12
"""Place of a genus among the care team's fifteen that is not among the patient's ten."""


async def has_two_reports(here: At, visit: Agreed) -> None:
    for which, day in ((1, "2025-05-02"), (0, "2025-11-03")):
        form = FormData()
        profile = metaphlan_profile(which, f"S{which}", 12_100_000)
        form.add_field("file", profile, filename="profile.txt", content_type="text/plain")
        form.add_field("metadata", f'{{"collected_at": "{day}"}}')
        path = f"{here.url}/api/v1/patients/{visit.patient.id}/reports"
        async with here.session.post(path, data=form, headers=visit.consultant.bearer) as answer:
            assert answer.status == 202


async def signs_in(page: Page, db: Database, who: build.Account, here: At) -> None:
    """With a session: a personal link alone shows the report as its patient sees it."""
    async with db.begin(build.BUILDER) as tx:
        lifetime = Lifetime(timedelta(hours=1), None)
        _, token = await sessions.issue(tx, who.id, "browser", lifetime, device="a test", now=utc_now())
    await page.context.add_cookies([{"name": "telegut", "value": token, "url": here.url}])


async def opens(host: Page, part: str, inside: str) -> None:
    """Unfold it: its page's words appear, and nobody leaves the room."""
    address = host.url
    more = host.locator(f'details[data-part="{part}"]').first
    await more.locator("summary").first.click()
    await expect(more.locator(inside).first).to_be_visible(timeout=PATIENCE_MS)
    await expect(more.locator("h1")).to_have_count(0)
    assert address == host.url


async def test_the_panel_opens_in_place_and_any_genus_can_be_pointed_at(
    house: TestServer, db: Database, browser: Browser, worker: None
) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        await has_two_reports(here, visit)
        mine = await link(here, visit.patient, visit)
        async with somebody(browser, f"{here.url}/sign-in") as host, somebody(browser, mine) as guest:
            await signs_in(host, db, visit.consultant, here)
            await host.goto(f"{here.url}/visits/{visit.id}")
            await meet(host, guest)
            await host.get_by_role("tab", name="Report", exact=True).click()
            await expect(host.locator("[data-bars]")).to_be_visible(timeout=PATIENCE_MS)
            if os.environ.get("TELEGUT_LOOK"):
                await pictures(host, guest)
            await opens(host, "[data-context]", "[data-context] .seen")
            await opens(host, "[data-versus]", "[data-versus] h2")
            await host.locator("[data-rows] summary").click()
            await expect(host.locator("[data-rows] tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
            await is_kind_to_everybody(host)
            if os.environ.get("TELEGUT_LOOK"):
                await pictures(host, guest, "opened")

            beyond = host.locator("[data-bars] [data-finding]").nth(BEYOND)
            name = await beyond.get_attribute("data-finding") or ""
            await beyond.locator("[data-point]").click()
            await expect(guest.locator(".pointed-by")).to_contain_text(name, timeout=PATIENCE_MS)
            await expect(guest.locator(".pointed-by")).to_be_in_viewport()
            await is_kind_to_everybody(guest)


async def pictures(host: Page, guest: Page, name: str = "room") -> None:
    folder = Path(os.environ["TELEGUT_LOOK"])
    await host.set_viewport_size({"width": 1280, "height": 2600})
    await host.screenshot(path=folder / f"{name}-host-1280.png")
    await host.set_viewport_size({"width": 1280, "height": 800})
    await host.screenshot(path=folder / f"{name}-host-1280-screen.png")
    await guest.screenshot(path=folder / f"{name}-guest.png")
