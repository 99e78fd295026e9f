"""A coordinator books for a patient where a time is free, decides against the rules, and sees who decided."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.rules import WEEKDAYS, Availability, Policy, VisitType, WeeklyRule
from tests import build
from tests.build import Account
from tests.pages.desks import desks

pytestmark = pytest.mark.browser

BERLIN = "Europe/Berlin"


async def _practice(db: Database) -> Account:
    """Two practitioners with mornings, three patients, and who arranges their visits."""
    talk = VisitType(new_id(), "First talk", timedelta(minutes=30), timedelta(0), timedelta(0), ("consultant",))
    team = [await build.person(db, "consultant", name, BERLIN) for name in ("Amara Okafor", "Henrik Vale")]
    for name in ("Lena Hartmann", "Tom Brennan", "Tom Barrow"):
        await build.person(db, "patient", name, BERLIN)
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, Policy(minimum_notice=timedelta(0)))
        await catalogue.add_visit_type(tx, talk)
        for one in team:
            await catalogue.add_provider(tx, one.id, "consultant", BERLIN, [talk.id])
            hours = Availability(BERLIN, (WeeklyRule(WEEKDAYS, time(9), time(12)),))
            await calendars.replace(tx, one.id, hours, version=None, by=None)
    return await build.person(db, "coordinator", "Noor Haddad", BERLIN)


async def test_a_coordinator_books_a_free_time_and_decides_about_another(
    browser: Any, db: Database, server: str
) -> None:
    noor = await _practice(db)
    day = (utc_now().astimezone(ZoneInfo(BERLIN)) + timedelta(days=3)).date()
    async with desks(browser, db, server) as sit:
        page = await sit(noor, f"/board?date={day}")
        await page.locator(".board.agenda-placed").wait_for()
        amara = page.get_by_role("region", name="Amara Okafor")
        await amara.get_by_role("button", name="09:30 free").focus()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Patient", exact=True)).to_be_focused()
        await page.locator("#board-patient[data-ready]").wait_for()
        await page.keyboard.type("tom")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("alert")).to_contain_text("Choose the patient from the list.")
        await dialog.get_by_label("Patient", exact=True).fill("Lena")
        await dialog.get_by_role("button", name="Book", exact=True).click()
        visit = amara.get_by_role("button", name="09:30 Lena Hartmann")
        await expect(visit).to_be_visible()

        await page.get_by_role("button", name="Book another time").click()
        await page.locator("#board-patient[data-ready]").wait_for()
        await dialog.get_by_label("Time").select_option(label="18:00")
        await dialog.get_by_label("Henrik Vale").set_checked(True, force=True)
        await dialog.get_by_label("Patient", exact=True).fill("Barrow")
        await dialog.get_by_role("button", name="Book", exact=True).click()
        await expect(dialog).to_contain_text("This speaks against it:")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        await dialog.get_by_label("Why all the same?").fill("He works by day, and Henrik agreed.")
        await dialog.get_by_role("button", name="Book all the same").click()
        late = page.get_by_role("region", name="Henrik Vale").get_by_role("button", name="18:00 Tom Barrow")
        await expect(late).to_contain_text("against the rules")
        await late.click()
        await expect(dialog).to_contain_text("Booked against the rules by Noor Haddad")
