"""By the personal link alone, on a phone: a form is filled in, the visit moves and is cancelled. Nobody signs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.db.engine import Database
from telegut.scheduling.intake import forms
from telegut.scheduling.intake.rules import Content, Kind, Question
from tests import build
from tests.build import Account
from tests.flows.test_booking import BERLIN, NEW_YORK, PATIENCE_MS, practice, shown, signed_in

pytestmark = pytest.mark.browser

QUESTIONS = Content(
    "Before we talk",
    "Answer what you can.",
    3,
    (
        Question(id="reason", group="Why you come", kind=Kind.LONG_TEXT, text="What brings you?", required=True),
        Question(
            id="sleep", group="Why you come", kind=Kind.NUMBER, text="Hours of sleep", unit="hours", low=0, high=24
        ),
        Question(id="allergies", group="Your health", kind=Kind.TEXT, text="Allergies?", fact="allergies"),
        Question(id="coeliac", group="Your health", kind=Kind.YES_NO, text="Do you have coeliac disease?"),
    ),
)


@asynccontextmanager
async def by_link(browser: Any, url: str) -> AsyncIterator[Any]:
    """A phone on which nobody ever signed in."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, timezone_id=BERLIN, locale="en-GB", base_url=url
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def asked(db: Database, url: str, lena: Account, amara: Account) -> tuple[dict[str, Any], str]:
    """A visit in some days before which something is asked, and the patient's link to it."""
    async with ClientSession(url, headers=lena.bearer) as program:
        async with program.get("/api/v1/services") as answer:
            service = (await answer.json())["items"][0]["id"]
        async with db.begin(build.BUILDER) as tx:
            await forms.publish(tx, UUID(service), QUESTIONS, 0)
        async with program.get("/api/v1/slots", params={"service": service}) as answer:
            start = (await answer.json())["items"][-1]["start"]
        body = {"service": service, "practitioners": [str(amara.id)], "start": start}
        async with program.post("/api/v1/appointments", json=body) as answer:
            booked = await answer.json()
        async with program.get(f"/api/v1/visits/{booked['visit']}/link") as answer:
            return booked, (await answer.json())["url"]


async def test_a_form_is_filled_in_by_the_link_and_read_by_the_care_team(
    browser: Any, db: Database, server: str
) -> None:
    lena, amara = await practice(db)
    booked, link = await asked(db, server, lena, amara)
    async with by_link(browser, server) as page:
        await page.goto(link)
        await page.get_by_role("link", name="Fill in the form (3 minutes)").click()
        await page.get_by_role("button", name="Begin").click()
        await expect(page.get_by_text("1 of 2")).to_be_visible()
        await page.get_by_label("Hours of sleep").fill("40")
        await expect(page.get_by_text("Please give a number between 0 and 24.")).to_be_visible()
        await page.get_by_label("Hours of sleep").fill("6,5")
        await expect(page.locator("[data-saved]")).to_have_text("Saved")
        await page.get_by_role("button", name="Next").click()
        await expect(page.get_by_text("One answer is still missing.")).to_be_visible()
        await page.get_by_role("button", name="Next").click()
        await page.get_by_label("Allergies?").fill("Hazelnuts")
        await page.get_by_text("No", exact=True).click()
        await page.get_by_role("button", name="Hand it in").click()
        await expect(page.get_by_text("This one needs an answer.")).to_be_visible()
        await page.get_by_label("What brings you?").fill("Sleep and meals")
        await page.get_by_role("button", name="Next").click()
        await page.get_by_role("button", name="Hand it in").click()
        await expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
        assert (await Axe().run(page)).violations_count == 0
        await page.goto(link)
        await page.goto(f"/intake/{booked['id']}#2")
        await expect(page.get_by_text("By this link it is not shown again").first).to_be_visible()
        assert "Hazelnuts" not in await page.content()

    async with signed_in(browser, db, amara, server, width=1280) as hers:
        await hers.goto(f"/visits/{booked['visit']}/intake")
        for said in ("Sleep and meals", "6.5 hours", "Hazelnuts"):
            await expect(hers.get_by_text(said)).to_be_visible()


async def test_a_visit_is_moved_and_cancelled_by_the_link(browser: Any, db: Database, server: str) -> None:
    lena, amara = await practice(db)
    booked, link = await asked(db, server, lena, amara)
    was: datetime = datetime.fromisoformat(booked["start"])
    async with by_link(browser, server) as page:
        await page.goto(link)
        await page.get_by_role("button", name="Choose another time").click()
        await page.get_by_role("button", name="The next week").click()
        await page.locator(".book-days label").nth(1).click()
        time = page.locator("[data-one-day] .book-time").nth(2)
        moved = str(await time.get_attribute("data-start"))
        await expect(time).to_contain_text(f"{shown(moved, NEW_YORK)} New York")
        await time.click()
        await expect(page.get_by_role("heading", name="Move to this time?")).to_be_focused()
        assert (await Axe().run(page)).violations_count == 0
        await page.get_by_role("button", name="Move my visit").click()
        await expect(page.locator("[data-moved]")).to_contain_text("This visit is now on")
        await expect(page.locator(".lobby-head time")).to_contain_text(f"{shown(moved, BERLIN)} Berlin")
        async with page.expect_download() as downloaded:
            await page.locator("[data-moved]").get_by_role("link", name="Add to my calendar").click()
        assert "SEQUENCE:1" in (await (await downloaded.value).path()).read_text()

        await page.get_by_role("button", name="Cancel this visit").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Why?").select_option("time_does_not_suit")
        await dialog.get_by_role("button", name="Cancel the visit").click()
        await expect(page.get_by_role("heading", name="This visit does not take place")).to_be_visible()
        await expect(page.get_by_text("You cancelled it")).to_be_visible()
        await page.get_by_role("link", name="Choose a new time").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    async with ClientSession(server, headers=lena.bearer) as program:
        answer = await program.get(f"/api/v1/appointments/{booked['id']}")
        now = await answer.json()

    assert ("cancelled", 2, moved) == (now["status"], now["sequence"], now["start"])
    assert abs(datetime.fromisoformat(moved) - was) > timedelta(hours=1)
