"""A visit is booked, moved and cancelled in a browser, between people whose clocks differ; somebody else is faster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from telegut.accounts import sessions
from telegut.accounts.rules import Lifetime
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.rules import WEEKDAYS, Availability, Policy, VisitType, WeeklyRule
from tests import build
from tests.build import Account

pytestmark = pytest.mark.browser

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def signed_in(browser: Any, db: Database, who: Account, url: str, width: int = 390) -> AsyncIterator[Any]:
    """A page of somebody who is signed in, whose machine's clock hangs in their zone."""
    async with db.begin(build.BUILDER) as tx:
        lifetime = Lifetime(timedelta(hours=1), None)
        _, token = await sessions.issue(tx, who.id, "browser", lifetime, device="a test", now=utc_now())
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, timezone_id=who.zone, locale="en-GB", base_url=url
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        await context.add_cookies([{"name": "telegut", "value": token, "url": url}])
        yield await context.new_page()
    finally:
        await context.close()


async def practice(db: Database) -> tuple[Account, Account]:
    """A patient in Berlin, and a consultant whose hours hang on a wall in New York."""
    lena = await build.person(db, "patient", "Lena Hartmann", BERLIN)
    amara = await build.person(db, "consultant", "Amara Okafor", NEW_YORK)
    talk = VisitType(new_id(), "First talk", timedelta(minutes=30), timedelta(0), timedelta(0), ("consultant",))
    async with db.begin(build.BUILDER) as tx:
        numbers = Policy(minimum_notice=timedelta(0), cancel_notice=timedelta(0), hold_for=timedelta(minutes=2))
        await catalogue.set_policy(tx, numbers)
        await catalogue.add_visit_type(tx, talk)
        await catalogue.add_provider(tx, amara.id, "consultant", NEW_YORK, [talk.id])
        rule = WeeklyRule(WEEKDAYS, time(10), time(12))
        await calendars.replace(tx, amara.id, Availability(NEW_YORK, (rule,)), version=None, by=None)
    return lena, amara


def shown(instant: str, zone: str) -> str:
    """The clock time of an instant on a wall."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%H:%M}"


async def choose_service(page: Any) -> None:
    """The first step."""
    await page.goto("/book")
    await page.get_by_text("First talk").click()
    await expect(page.get_by_text("Whoever is free first")).to_be_visible()
    await page.get_by_role("button", name="Show free times").click()
    await expect(page.locator(".book-time").first).to_be_visible()


async def later_day(page: Any, times: int = 4) -> None:
    """A day that is wholly ahead: the next week's second."""
    await page.get_by_role("button", name="The next week").click()
    await page.locator(".book-days label").nth(1).click()
    await expect(page.locator("[data-one-day] .book-time")).to_have_count(times)


async def test_a_visit_is_booked_moved_and_cancelled_across_zones(browser: Any, db: Database, server: str) -> None:
    lena, amara = await practice(db)
    async with signed_in(browser, db, lena, server) as page:
        await choose_service(page)
        await later_day(page)
        first = page.locator("[data-one-day] .book-time").first
        start = str(await first.get_attribute("data-start"))
        here, there = shown(start, BERLIN), shown(start, NEW_YORK)

        assert (here != there, there) == (True, "10:00")
        await expect(first).to_contain_text(f"{here}{there} New York")
        await first.click()
        await expect(page.locator("[data-summary]")).to_contain_text(f"{here} Berlin ({there} New York)")
        await expect(page.locator("[data-kept]")).to_contain_text("We keep it for")
        await page.get_by_label("What would you like to talk about?").fill("Sleep and meals")
        await page.reload()
        await expect(page.locator("[data-summary]")).to_contain_text(f"{here} Berlin ({there} New York)")
        await expect(page.get_by_label("What would you like to talk about?")).to_have_value("Sleep and meals")
        await page.get_by_role("button", name="Book this time").click()
        await expect(page.get_by_role("heading", name="Your visit is booked")).to_be_focused()

        await page.get_by_role("link", name="All my visits").click()
        card = page.locator("[data-visit]")
        await expect(card).to_contain_text(f"{here} Berlin ({there} New York)")
        await expect(card).to_contain_text("Sleep and meals")

        await card.get_by_role("link", name="Move").click()
        await later_day(page, 3)  # the fourth is where it is now
        later = page.locator("[data-one-day] .book-time").last
        moved = str(await later.get_attribute("data-start"))
        await later.click()
        await page.get_by_role("button", name="Move my visit").click()
        await expect(page.get_by_role("heading", name="Your visit has a new time")).to_be_visible()

        async with signed_in(browser, db, amara, server, width=1280) as hers:
            day = f"{datetime.fromisoformat(moved).astimezone(ZoneInfo(NEW_YORK)):%Y-%m-%d}"
            await hers.goto(f"/day?date={day}")
            row = hers.locator(".day-visit")
            await expect(row).to_contain_text("Lena Hartmann")
            await expect(row).to_contain_text(shown(moved, NEW_YORK))
            await expect(row).to_contain_text("Sleep and meals")
            await hers.goto(f"/week?date={day}")
            await expect(hers.locator(".agenda-visit")).to_contain_text("Lena Hartmann")

        await page.get_by_role("link", name="All my visits").click()
        await page.get_by_role("button", name="Cancel").click()
        asked = page.get_by_role("dialog")
        await expect(asked).to_contain_text(f"{shown(moved, BERLIN)} Berlin ({shown(moved, NEW_YORK)} New York), with")
        await page.get_by_role("button", name="Cancel the visit").click()
        said = page.get_by_role("status").filter(has_text="is cancelled.")
        await expect(said).to_be_focused()
        await expect(said.get_by_role("link", name="Choose a new time")).to_be_visible()
        await expect(page.get_by_text("No visit is booked.")).to_be_visible()
        await expect(page.get_by_role("region", name="Cancelled")).to_contain_text("by you")


async def test_somebody_is_faster_and_the_nearest_times_are_shown(browser: Any, db: Database, server: str) -> None:
    lena, amara = await practice(db)
    tom = await build.person(db, "patient", "Tom Brennan", BERLIN)
    async with signed_in(browser, db, lena, server) as page, ClientSession(server, headers=tom.bearer) as program:
        await choose_service(page)
        await later_day(page)
        wanted = page.locator("[data-one-day] .book-time").nth(1)
        start = str(await wanted.get_attribute("data-start"))
        async with program.get("/api/v1/services") as answer:
            service = (await answer.json())["items"][0]["id"]
        body = {"service": service, "practitioners": [str(amara.id)], "start": start}
        async with program.post("/api/v1/appointments", json=body) as answer:
            assert answer.status == 201
        await wanted.click()

        text = "That time was taken a moment ago. Nothing is booked. Here are the nearest ones."
        await expect(page.get_by_role("alert").filter(has_text=text)).to_be_visible()
        near = page.locator("[data-nearest] .book-time")
        await expect(near).to_have_count(4)
        assert start not in [await one.get_attribute("data-start") for one in await near.all()]
        await near.first.click()
        await page.get_by_role("button", name="Keep it 2 more minutes").click()
        await expect(page.get_by_role("button", name="Keep it 2 more minutes")).to_have_count(0)
        await expect(page.locator("[data-kept]")).to_contain_text("We keep it for 2 minutes.")
        await page.go_back()
        await expect(page.get_by_role("heading", name="When suits you?")).to_be_visible()
        await page.locator("[data-one-day] .book-time").first.click()
        await page.get_by_role("button", name="Book this time").click()
        await expect(page.get_by_role("heading", name="Your visit is booked")).to_be_visible()


async def test_hours_are_edited_in_words(browser: Any, db: Database, server: str) -> None:
    lena, amara = await practice(db)
    async with signed_in(browser, db, amara, server, width=1280) as page:
        await page.goto("/availability")
        await expect(page.locator("[data-rules] li")).to_have_text(
            [r"Every day 10:00 to 12:00, New York time.ChangeRemove"]
        )
        form = page.locator("#rule-form")
        await form.get_by_role("button", name="Add these hours").click()
        await expect(form.get_by_text("Choose at least one day.")).to_be_visible()
        for name in ("Monday", "Wednesday"):
            await form.get_by_label(name).check(force=True)
        await form.locator("#start").fill("14:00")
        await form.locator("#end").fill("17:30")
        await expect(form.locator("[data-preview]")).to_have_text(
            "Mondays and Wednesdays 14:00 to 17:30, New York time."
        )
        await form.get_by_role("button", name="Add these hours").click()
        await expect(page.locator("[data-rules] li")).to_have_count(2)

        away = page.locator("#exception-form")
        day = (utc_now() + timedelta(days=9)).astimezone(ZoneInfo(NEW_YORK)).date()
        await away.locator("#exception-first").fill(str(day))
        await away.get_by_role("button", name="Add it").click()
        await expect(page.locator("[data-exceptions] li")).to_contain_text("Away from")
        async with ClientSession(server, headers=lena.bearer) as program:
            noon = datetime.combine(day, time(12), UTC)
            span = {"from": (noon - timedelta(hours=12)).isoformat(), "to": (noon + timedelta(hours=16)).isoformat()}
            async with program.get("/api/v1/services") as answer:
                service = (await answer.json())["items"][0]["id"]
            async with program.get("/api/v1/slots", params={"service": service, **span}) as answer:
                days = {one["start"][:10] for one in (await answer.json())["items"]}

        assert str(day) not in days
