"""My calendars in a real browser: an address is made, shown once, listed and removed; a calendar elsewhere is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.db.engine import Database
from telegut.scheduling import calendars, catalogue
from telegut.scheduling.rules import WEEKDAYS, Availability, WeeklyRule
from tests import build
from tests.build import Clinic
from tests.pages.desks import Sit, desks

pytestmark = pytest.mark.browser


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    """A clinic whose consultant takes visits."""
    made = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        if not await catalogue.providers(tx, {made.consultant.id}):
            await catalogue.add_provider(tx, made.consultant.id, "consultant", "Europe/Berlin", [])
        hours = Availability("Europe/Berlin", (WeeklyRule(WEEKDAYS, time(9), time(17)),))
        await calendars.replace(tx, made.consultant.id, hours, version=None, by=None)
    return made


@pytest.fixture
async def sit(browser: Any, db: Database, server: str) -> AsyncIterator[Sit]:
    """People at their own browsers."""
    async with desks(browser, db, server) as seats:
        yield seats


async def test_an_address_is_shown_once_listed_and_removed(sit: Sit, clinic: Clinic) -> None:
    lena = await sit(clinic.patient, "/calendars", width=390)
    await lena.get_by_role("button", name="Make an address").click()
    await expect(lena.get_by_text("This cannot stay empty.")).to_be_visible()
    await lena.get_by_label("What will read it").fill("Phone")
    await lena.get_by_role("button", name="Make an address").click()
    await expect(lena.locator("[data-made] p", has_text="Copy this now. It is not shown again.")).to_be_focused()
    url = await lena.get_by_label("Address for your calendar", exact=True).input_value()
    await lena.get_by_role("button", name="I have it").click()
    await expect(lena.locator("[data-key]", has_text="Phone")).to_be_visible()
    await expect(lena.locator("body")).not_to_contain_text(url)
    await lena.get_by_role("button", name="Remove Phone").click()
    await lena.get_by_role("button", name="Remove it").click()

    await expect(lena.get_by_text("No calendar reads your visits yet.")).to_be_visible()


async def test_a_calendar_elsewhere_is_named_and_a_wrong_address_keeps_what_was_typed(sit: Sit, clinic: Clinic) -> None:
    amara = await sit(clinic.consultant, "/calendars")
    await amara.get_by_label("What it is").fill("Private")
    await amara.get_by_label("Address", exact=True).fill("http://10.0.0.1/private.ics")
    await amara.get_by_role("button", name="Keep this time free").click()
    await expect(amara.get_by_text("An address begins with https://")).to_be_visible()
    await expect(amara.get_by_label("Address", exact=True)).to_be_focused()
    await amara.get_by_label("Address", exact=True).fill("https://calendar.example/private.ics")
    await amara.get_by_role("button", name="Keep this time free").click()

    await expect(amara.locator("[data-source]", has_text="calendar.example")).to_be_visible()
