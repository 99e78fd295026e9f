"""Somebody joins the waitlist on a phone, a visit is cancelled, and the time that was kept for them is taken."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.db.engine import Database
from tests.flows.test_booking import signed_in
from tests.scheduling.conftest import GENEROUS, at, practice_in, text

pytestmark = pytest.mark.browser


async def test_a_time_is_waited_for_offered_and_taken_on_a_phone(browser: Any, db: Database, server: str) -> None:
    practice = await practice_in(db, replace(GENEROUS, quiet_from=time(0), quiet_until=time(0)))
    async with (
        ClientSession(f"{server}/api/v1/") as http,
        signed_in(browser, db, practice.patient, server) as page,
        signed_in(browser, db, practice.coordinator, server, width=1280) as desk,
    ):
        wanted = {"service": str(practice.short), "practitioners": [str(practice.consultant.id)], "start": text(at(5))}
        async with http.post("appointments", json=wanted, headers=practice.other.bearer) as answer:
            visit = await answer.json()

        await page.goto(f"/waitlist?service={practice.short}&practitioner={practice.consultant.id}")
        await page.get_by_role("button", name="Keep a time for me").click()
        await expect(page.get_by_text("First in line")).to_be_visible()
        await page.goto("/visits")
        await page.locator('[data-state="live"]').wait_for(state="attached")
        cancelled = {"version": visit["version"]}
        async with http.post(f"appointments/{visit['id']}/cancel", json=cancelled, headers=practice.other.bearer) as no:
            assert no.status == 200
        await expect(page.get_by_text("A time is kept for you:")).to_be_visible()  # the page was open all the while
        await page.goto("/waitlist")
        await expect(page.locator("[data-left]")).to_contain_text("left")
        await desk.goto("/waitlist")
        await expect(desk.get_by_role("heading", name="Kept at this moment")).to_be_visible()
        for one in (page, desk):
            found = await Axe().run(one)
            assert found.violations_count == 0, found.generate_report()

        await page.get_by_role("button", name="Take this time").click()

        await page.wait_for_url(re.compile(r"/visits\?booked="))
        await expect(page.locator("[data-visit]")).to_have_count(1)
        await desk.reload()
        await expect(desk.get_by_text("Nobody waits.")).to_be_visible()
