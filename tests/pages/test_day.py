"""The day renews itself: whoever comes to the door changes the visit's one action, and the focus stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.clock import utc_now
from telegut.composition import build_foundation, build_services
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.rooms.rules.commands import Connect, Knock
from telegut.scheduling import catalogue
from telegut.scheduling.rules import VisitType
from telegut.settings import Settings
from tests import build
from tests.pages.desks import desks

pytestmark = pytest.mark.browser

SYSTEM = Caller.system("tests live a day")


async def test_who_comes_to_the_door_is_on_the_page_without_loading_it(
    browser: Any, db: Database, server: str, settings: Settings
) -> None:
    clinic = await build.clinic(db)
    kind = VisitType(new_id(), "Follow-up", timedelta(minutes=30), timedelta(0), timedelta(0), ("consultant",))
    services = build_services(build_foundation(settings))
    async with db.begin(build.BUILDER) as tx:
        await catalogue.add_visit_type(tx, kind)
        await catalogue.add_provider(tx, clinic.consultant.id, "consultant", clinic.consultant.zone, [kind.id])
    start = utc_now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    booked = await services.scheduling.book(
        SYSTEM, kind.id, [clinic.consultant.id], start, patient=clinic.patient.id, unasked=True
    )
    async with desks(browser, db, server) as sit:
        page = await sit(clinic.consultant, "/day")
        main = page.locator(f"#main-{booked.id}")
        await expect(main).to_contain_text("Open")
        await page.locator('[data-feed][data-state="live"]').wait_for()
        await main.focus()

        rooms = services.rooms.rooms
        await rooms.act(booked.visit, Connect(clinic.patient.id))
        await rooms.act(booked.visit, Knock(clinic.patient.id))
        await expect(main).to_contain_text("Admit")
        await expect(main).to_be_focused()
        await expect(page.locator("[data-waiting]")).to_contain_text("Lena Hartmann")
        await expect(main).to_have_attribute("href", f"/visits/{booked.visit}#admit={clinic.patient.id}")
