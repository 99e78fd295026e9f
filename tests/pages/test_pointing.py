"""Pointing in a visit, with two browsers: the other side's panel goes there unless they look on their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.careplan.gates import GATES
from telegut.clock import utc_now
from telegut.db.engine import Database
from tests import build
from tests.careplan.plans import OATS
from tests.pages.calls import (
    AMARA,
    LENA,
    PATIENCE_MS,
    admits,
    browser,
    gets_ready,
    is_in_the_room,
    is_kind_to_everybody,
    link,
    somebody,
    until,
)
from tests.reports import lab
from tests.rooms.visits import Agreed, At, agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

HEAR_SPEECH = "window.spoken = []; speechSynthesis.speak = (one) => window.spoken.push(one.text); null;"
WATCH_PRESS = """
document.addEventListener('click', () => { window.pressed = performance.timeOrigin + performance.now(); }, true); null;
"""
WATCH_MARK = """
new MutationObserver(() => {
  if (document.querySelector('.pointed-by')) window.marked ??= performance.timeOrigin + performance.now();
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ['class'] }); null;
"""


async def has_a_record(here: At, visit: Agreed) -> str:
    """A report, a step and a day of the diary; gives the day."""
    record = f"{here.url}/api/v1/patients/{visit.patient.id}"
    form = FormData()
    form.add_field("file", lab.metaphlan_4(lab.STOOL), filename="profile.txt", content_type="text/plain")
    form.add_field("metadata", "{}")
    async with here.session.post(f"{record}/reports", data=form, headers=visit.consultant.bearer) as answer:
        assert answer.status == 202
    for gate in GATES:
        url = f"{record}/care-plan/gates/{gate.id}"
        async with here.session.put(url, json={"answer": "no"}, headers=visit.consultant.bearer) as answer:
            assert answer.status == 200
    async with here.session.post(f"{record}/care-plan/steps", json=OATS, headers=visit.consultant.bearer) as answer:
        assert answer.status == 201
    day = utc_now().date().isoformat()
    felt = {"day": day, "mood": 4, "note": "Slept through the night"}
    async with here.session.post(f"{record}/diary", json=felt, headers=visit.patient.bearer) as answer:
        assert answer.status == 201
    return day


@asynccontextmanager
async def both(house: TestServer, db: Database, browser: Browser) -> AsyncIterator[tuple[Page, Page]]:
    """Host and guest in the room, with a record beside the video."""
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        await has_a_record(here, visit)
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as guest:
            await is_in_the_room(host)
            await gets_ready(guest)
            await admits(host, LENA)
            await is_in_the_room(guest)
            await expect(host.locator("[data-followers]")).to_have_text(f"{LENA} follows.", timeout=PATIENCE_MS)
            yield host, guest


async def points(host: Page, tab: str, kind: str) -> str:
    """Point at the first place of its kind; gives the anchor."""
    await host.get_by_role("tab", name=tab, exact=True).click()
    button = host.locator(f'[data-point^="{kind}:"]').first
    await expect(button).to_be_visible(timeout=PATIENCE_MS)
    anchor = await button.get_attribute("data-point") or ""
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")
    return anchor


async def test_the_other_panel_goes_where_the_host_points(
    house: TestServer, db: Database, browser: Browser, worker: None, record_property: Callable[[str, object], None]
) -> None:
    async with both(house, db, browser) as (host, guest):
        await guest.evaluate(HEAR_SPEECH)
        marked = guest.locator(".pointed-by")
        for tab, kind, panel in (
            ("Report", "finding", "report"),
            ("Plan", "step", "plan"),
            ("Diary", "diary", "diary"),
        ):
            await points(host, tab, kind)
            await expect(guest.locator(f'[data-panel="{panel}"] .pointed-by')).to_be_visible(timeout=PATIENCE_MS)
            await expect(marked).to_be_in_viewport()
            await expect(guest.locator("#announce")).to_contain_text(f"{AMARA} points at:")
        await until(guest, "window.spoken.length === 3")
        assert "Slept through the night" in (await guest.evaluate("window.spoken"))[2]

        # The same again with the panel open: from the press to the mark, by the clock that both browsers share.
        await host.locator('[data-point^="diary:"]').first.click()
        await expect(marked).to_have_count(0)
        await asyncio.gather(host.evaluate(WATCH_PRESS), guest.evaluate(WATCH_MARK))
        began = time.monotonic()
        await host.locator('[data-point^="diary:"]').first.click()
        await until(guest, "window.marked > 0")
        took = await guest.evaluate("window.marked") - await host.evaluate("window.pressed")
        record_property("pointer_ms", round(took))
        print(f"from the press to the mark: {took:.0f} ms (seen after {time.monotonic() - began:.2f} s)")

        box = await host.locator("[data-diary-day]").first.bounding_box()
        assert box
        await host.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await expect(guest.locator(".pointer-dot")).to_have_count(1)
        await is_kind_to_everybody(host)
        await is_kind_to_everybody(guest)


async def test_who_looks_on_their_own_is_told_and_goes_there_when_they_wish(
    house: TestServer, db: Database, browser: Browser, worker: None
) -> None:
    async with both(house, db, browser) as (host, guest):
        await guest.get_by_role("button", name="Look on my own").click()
        await expect(host.locator("[data-followers]")).to_have_text(f"{LENA} looks on their own.")
        await points(host, "Plan", "step")
        alone = f"{AMARA} points at something. You look on your own."
        await expect(guest.locator("[data-follow-words]")).to_have_text(alone)
        await expect(guest.locator('[data-panel="report"]')).to_be_visible()
        await expect(guest.locator(".pointed-by")).to_have_count(0)

        await guest.reload()
        await is_in_the_room(guest)
        await expect(guest.locator("[data-follow-words]")).to_have_text(alone, timeout=PATIENCE_MS)
        await expect(host.locator("[data-followers]")).to_have_text(f"{LENA} looks on their own.")

        await guest.get_by_role("button", name="Follow").click()
        await expect(guest.locator('[data-panel="plan"] .pointed-by')).to_be_visible(timeout=PATIENCE_MS)
        await expect(host.locator("[data-followers]")).to_have_text(f"{LENA} follows.")
