"""Guests and colleagues in a visit, in real browsers: what a guest is shown, and a visit that is handed over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from telegut.db.engine import Database
from tests import build
from tests.pages.calls import (
    LENA,
    PATIENCE_MS,
    PHONE,
    address,
    admits,
    browser,
    gets_ready,
    is_in_the_room,
    is_kind_to_everybody,
    link,
    meet,
    somebody,
    until,
)
from tests.pages.with_record import has_a_record
from tests.rooms.visits import Agreed, At, agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]

ADA = "Ada Lind"


async def invited(here: At, visit: Agreed, name: str, role: str) -> str:
    """A guest's link, as an address."""
    path = f"{here.url}/api/v1/visits/{visit.id}/guests"
    body = {"name": name, "role": role}
    async with here.session.post(path, json=body, headers=visit.consultant.bearer) as answer:
        made: dict[str, Any] = await answer.json()
    return here.url + str(made["url"])


async def asks_to_show(host: Page) -> None:
    """Under People, for the guest who is inside."""
    await host.get_by_role("button", name="People").click()
    people = host.get_by_role("dialog", name="Who is in this visit")
    await people.get_by_role("button", name=f"Ask to show them the panels {ADA}").click()
    await expect(people).to_contain_text("The patient is asked whether they may see", timeout=PATIENCE_MS)
    await people.get_by_role("button", name="Close").click()


async def test_a_guest_looks_at_what_is_shown_from_the_patients_yes_to_their_no(
    house: TestServer, db: Database, browser: Browser, worker: None
) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(address(house)) as here:
        await has_a_record(here, visit)
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        guests = await invited(here, visit, ADA, "supporter")
        async with somebody(browser, theirs) as host, somebody(browser, mine, size=PHONE) as patient:
            await meet(host, patient)
            async with somebody(browser, guests) as ada:
                await gets_ready(ada)
                await admits(host, ADA)
                await is_in_the_room(ada)
                shown = ada.locator("[data-shown]")
                await host.get_by_role("tab", name="Plan").click()
                await host.get_by_role("button", name="Show this").click()
                await expect(host.locator("[data-follow-words]")).to_have_text("The others see: Plan")
                await expect(shown).to_be_hidden()

                await asks_to_show(host)
                await expect(patient.locator("#asked")).to_contain_text(f"May {ADA} see what is shown")
                await is_kind_to_everybody(patient)
                await patient.get_by_role("button", name="Yes, they may").click()
                await expect(shown).to_contain_text("Oats at breakfast", timeout=PATIENCE_MS)
                assert 0 == await shown.locator("button, a.button, form, select, textarea").count()
                await host.get_by_role("tab", name="Report").click()
                await host.get_by_role("button", name="Show this").click()
                await expect(shown.locator('[data-panel="report"] [data-finding]').first).to_be_visible()
                assert 0 == await shown.locator("button, a.button, form, select, textarea").count()
                await is_kind_to_everybody(ada)
                await ada.set_viewport_size(PHONE)  # type: ignore[arg-type]
                await is_kind_to_everybody(ada)

                await patient.get_by_role("button", name="I would rather not any more").click()
                await expect(shown).to_be_hidden(timeout=PATIENCE_MS)
                assert "" == await ada.locator("[data-shown-place]").inner_text()


async def test_a_visit_is_handed_over_and_goes_on_by_the_links_that_people_have(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    jonas = await build.person(db, "nutritionist", "Jonas Lindqvist")
    await build.care(db, visit.patient, visit.consultant, jonas)
    async with at(address(house)) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as patient:
            await meet(host, patient)
            await host.get_by_role("button", name="People").click()
            people = host.get_by_role("dialog", name="Who is in this visit")
            await people.get_by_label("From the care team").select_option(label="Jonas Lindqvist")
            await people.get_by_role("button", name="Call in").click()
            await expect(people.locator("[data-call-in]")).to_have_count(0)
            await people.get_by_role("button", name="Close").click()
            async with somebody(browser, await link(here, jonas, visit)) as second:
                await is_in_the_room(second)
                await expect(patient.locator("[data-tile]")).to_have_count(2, timeout=PATIENCE_MS)
                await host.get_by_role("button", name="Leave", exact=True).click()
                await host.get_by_role("dialog").get_by_role("button", name="Leave").click()
                await expect(patient.locator("[data-tile]")).to_have_count(1, timeout=PATIENCE_MS)
                await expect(patient.locator(".tile-name", has_text="Jonas Lindqvist")).to_be_visible()
                await patient.reload()
                await is_in_the_room(patient)
                await expect(second.get_by_role("button", name="End visit")).to_be_visible()


async def test_the_chat_goes_on_for_who_waited_in_between_and_asks_for_nothing_meanwhile(
    house: TestServer, db: Database, browser: Browser
) -> None:
    """By a personal link the feed is theirs only in the room: out of it each try would be refused."""
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(address(house)) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as patient:
            feeds: list[Any] = []
            patient.on("websocket", lambda one: feeds.append(one) if one.url.endswith("/events") else None)
            await meet(host, patient)
            await host.get_by_role("tab", name="Chat").click()
            await writes(host, "Before")
            await expect(patient.locator("#tab-thread")).to_have_accessible_name("Chat, 1 new", timeout=PATIENCE_MS)

            await host.get_by_role("button", name="People").click()
            people = host.get_by_role("dialog", name="Who is in this visit")
            await people.get_by_role("button", name=f"Back to the waiting room {LENA}").click()
            await people.get_by_role("button", name="Close").click()
            await expect(patient.locator("#next")).to_contain_text("back in the waiting room", timeout=PATIENCE_MS)
            await until(patient, "document.querySelector('[data-preview]').srcObject?.active === true")
            await is_kind_to_everybody(patient)
            await admits(host, LENA)
            await is_in_the_room(patient)
            async with asyncio.timeout(PATIENCE_MS / 1000):
                while not feeds or feeds[-1].is_closed():
                    await asyncio.sleep(0.05)
            await writes(host, "After")
            await expect(patient.locator("#tab-thread")).to_have_accessible_name("Chat, 1 new", timeout=PATIENCE_MS)
            assert 2 == len(feeds), "nothing was asked for while they waited"


async def writes(host: Page, words: str) -> None:
    """A message in the thread beside the video."""
    await host.locator("[data-panel=thread] textarea").fill(words)
    await host.locator("[data-panel=thread] textarea").press("Control+Enter")
    await expect(host.locator("[data-panel=thread] .message", has_text=words).first).to_be_visible(timeout=PATIENCE_MS)
