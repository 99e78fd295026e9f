"""Beside a call: a finding is written about in the chat, and what a message points at opens in its panel."""

from __future__ import annotations

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from telegut.db.engine import Database
from tests import build
from tests.pages.calls import PATIENCE_MS, browser, is_in_the_room, link, somebody
from tests.reports import lab
from tests.rooms.visits import agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]


async def test_a_finding_goes_to_the_chat_and_back(
    house: TestServer, db: Database, browser: Browser, worker: None
) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        form = FormData()
        form.add_field("file", lab.metaphlan_4(lab.STOOL), filename="profile.txt", content_type="text/plain")
        form.add_field("metadata", "{}")
        path = f"{here.url}/api/v1/patients/{visit.patient.id}/reports"
        async with here.session.post(path, data=form, headers=visit.consultant.bearer) as answer:
            assert answer.status == 202
        async with somebody(browser, await link(here, visit.consultant, visit)) as host:
            await is_in_the_room(host)
            about = host.locator("[data-write-about]").first
            await expect(about).to_be_visible(timeout=PATIENCE_MS)
            name = await host.locator("[data-finding]").first.get_attribute("data-finding")
            await about.click()
            await expect(host.locator("[data-cites] .cite")).to_contain_text(name or "", timeout=PATIENCE_MS)
            await host.locator("[data-text]").fill("Let us look at this together")
            await host.locator("[data-send]").click()
            cite = host.locator(".message:not(.message-wish) .cite")
            await expect(cite).to_contain_text(name or "", timeout=PATIENCE_MS)
            await cite.click()
            await expect(host.locator(f'[data-finding="{name}"]')).to_be_focused(timeout=PATIENCE_MS)
            await expect(host.get_by_role("tab", name="Report")).to_have_attribute("aria-selected", "true")
            await expect(host.get_by_role("button", name="Leave")).to_be_visible()
