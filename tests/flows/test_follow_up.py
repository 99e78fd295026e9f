"""A consultant says when a patient should come again; the patient finds it where visits are booked."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.db.engine import Database
from tests.flows.test_booking import practice
from tests.pages.desks import desks

pytestmark = pytest.mark.browser


async def test_the_next_visit_is_suggested_on_the_plan_and_offered_on_the_phone(
    browser: Any, db: Database, server: str
) -> None:
    lena, amara = await practice(db)
    async with ClientSession(server, headers=lena.bearer) as program:
        async with program.get("/api/v1/services") as answer:
            service = (await answer.json())["items"][0]
        async with program.get("/api/v1/slots", params={"service": service["id"]}) as answer:
            start = (await answer.json())["items"][0]["start"]
        body = {"service": service["id"], "practitioners": [str(amara.id)], "start": start}
        async with program.post("/api/v1/appointments", json=body) as answer:
            assert answer.status == 201
    async with desks(browser, db, server) as sit:
        hers = await sit(amara, f"/patients/{lena.id}/plan")
        await hers.get_by_label("When").select_option("2")
        await hers.get_by_role("button", name="Suggest it").click()
        await expect(hers.get_by_text("The patient is asked to book it.", exact=True)).to_be_visible()
        assert (await Axe().run(hers)).violations_count == 0

        phone = await sit(lena, "/book", width=390)
        await expect(phone.get_by_text(f"{amara.name} suggested: {service['name']}, between")).to_be_visible()

        await hers.get_by_role("button", name="Take back").click()
        await expect(hers.get_by_role("button", name="Suggest it")).to_be_visible()
