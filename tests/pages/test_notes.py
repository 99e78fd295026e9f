"""Live notes in real browsers: two who write at once, one who loses the connection, one who must not see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.db.engine import Database
from tests import build
from tests.build import Clinic
from tests.pages.calls import PHONE, admits, gets_ready, is_in_the_room, link, somebody, until
from tests.pages.desks import PATIENCE_MS, Sit, desks
from tests.rooms.visits import agree, at

pytestmark = pytest.mark.browser

KEPT = "Object.keys(localStorage).some(key => key.startsWith('telegut.note'))"
"""Whether this device holds words that the server does not have yet."""


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


@pytest.fixture
async def sit(browser: Any, db: Database, server: str) -> AsyncIterator[Sit]:
    async with desks(browser, db, server) as seats:
        yield seats


def paper(page: Any) -> Any:
    return page.locator(".note-area")


async def is_state(page: Any, state: str) -> None:
    await expect(page.locator("[data-note-state]")).to_have_attribute("data-note-state", state, timeout=PATIENCE_MS)


async def write(page: Any, words: str, *, at: str = "End") -> None:
    """Type *words* as a person does, at the beginning (``Home``) or the end of the note."""
    await paper(page).focus()
    await page.keyboard.press(f"Control+{at}")
    await page.keyboard.type(words)


async def open_plan(sit: Sit, clinic: Clinic, who: str, *, width: int = 1280) -> Any:
    page = await sit(getattr(clinic, who), f"/patients/{clinic.patient.id}/plan", width=width)
    await is_state(page, "saved")
    return page


async def test_two_write_at_once_and_one_is_offline_for_a_while(sit: Sit, clinic: Clinic) -> None:
    lena = await open_plan(sit, clinic, "patient", width=390)
    amara = await open_plan(sit, clinic, "consultant")
    await write(lena, "I slept well.")
    await expect(paper(amara)).to_have_value("I slept well.")
    await is_state(lena, "saved")

    await lena.context.set_offline(True)
    await is_state(lena, "offline")
    await write(lena, " Written on the train. 🌱")
    await write(amara, "Monday: ", at="Home")
    await is_state(amara, "saved")
    await is_state(lena, "offline")
    await lena.context.set_offline(False)
    await is_state(lena, "saved")

    both = "Monday: I slept well. Written on the train. 🌱"
    await expect(paper(lena)).to_have_value(both)
    await expect(paper(amara)).to_have_value(both)


async def test_what_others_write_moves_nobodys_caret(sit: Sit, clinic: Clinic) -> None:
    lena = await open_plan(sit, clinic, "patient")
    amara = await open_plan(sit, clinic, "consultant")
    await write(lena, "Oats and apples")
    await expect(paper(amara)).to_have_value("Oats and apples")
    await paper(lena).evaluate("area => area.setSelectionRange(4, 4)")
    await write(amara, "Today: ", at="Home")
    await expect(paper(lena)).to_have_value("Today: Oats and apples")
    await lena.keyboard.type(", nuts")

    await expect(paper(amara)).to_have_value("Today: Oats, nuts and apples")
    await lena.keyboard.press("Control+z")
    await expect(paper(amara)).to_have_value("Today: Oats and apples")


async def test_what_was_typed_offline_survives_closing_the_page(sit: Sit, clinic: Clinic) -> None:
    lena = await open_plan(sit, clinic, "patient")
    await write(lena, "Before. ")
    await is_state(lena, "saved")
    await lena.context.set_offline(True)
    await is_state(lena, "offline")
    await write(lena, "After.")
    await until(lena, KEPT)
    context = lena.context
    await lena.close()
    await context.set_offline(False)
    again = await context.new_page()
    await again.goto(f"/patients/{clinic.patient.id}/plan")
    await is_state(again, "saved")

    await expect(paper(again)).to_have_value("Before. After.")
    amara = await open_plan(sit, clinic, "consultant")
    await expect(paper(amara)).to_have_value("Before. After.")
    await until(again, f"!({KEPT})")


async def test_a_team_note_is_not_on_the_patients_page(sit: Sit, clinic: Clinic) -> None:
    lena = await open_plan(sit, clinic, "patient")
    amara = await open_plan(sit, clinic, "consultant")
    jonas = await open_plan(sit, clinic, "nutritionist")
    await expect(lena.locator("[data-note-audience]")).to_have_count(0)
    for page in (amara, jonas):
        await page.locator("label", has_text="Team").click()
        await expect(page.locator("[data-note-word]")).to_have_text("Only the care team sees this")
        await is_state(page, "saved")
    await write(amara, "Watch the mood.")

    await expect(paper(jonas)).to_have_value("Watch the mood.")
    await expect(paper(lena)).to_have_value("")
    await amara.locator("label", has_text="Lena sees this").click()
    await is_state(amara, "saved")
    await expect(paper(amara)).to_have_value("")


async def test_who_else_is_here_is_said_by_name(sit: Sit, clinic: Clinic) -> None:
    lena = await open_plan(sit, clinic, "patient")
    amara = await open_plan(sit, clinic, "consultant")
    await expect(amara.locator("[data-note-people]")).to_contain_text("Lena Hartmann")
    await write(lena, "one\ntwo\nthree")
    await lena.keyboard.press("ArrowUp")
    await expect(amara.locator("[data-note-people]")).to_contain_text("Lena Hartmann · line 2")
    await lena.close()

    await expect(amara.locator("[data-note-people] li")).to_have_count(0)


async def test_both_sides_of_a_call_write_in_one_note(
    sit: Sit, clinic: Clinic, db: Database, browser: Any, server: str
) -> None:
    """The consultant signed in at a desk, the patient by the link on a phone; nobody leaves the call for it."""
    visit = await agree(db, clinic.patient, clinic.consultant)
    async with at(server) as here:
        mine = await link(here, visit.patient, visit)
    host = await sit(clinic.consultant, f"/visits/{visit.id}")
    await is_in_the_room(host)
    async with somebody(browser, mine, size=PHONE) as guest:
        await gets_ready(guest)
        await admits(host, "Lena Hartmann")
        await is_in_the_room(guest)
        for page in (host, guest):
            await page.get_by_role("tab", name="Plan", exact=True).click()
            await page.get_by_role("tab", name="Notes", exact=True).click()
            await is_state(page, "saved")
        await write(host, "Next time: bring the food diary.")
        await expect(paper(guest)).to_have_value("Next time: bring the food diary.")
        await write(guest, " And the pills.")

        await expect(paper(host)).to_have_value("Next time: bring the food diary. And the pills.")
        await is_state(guest, "saved")
        await expect(guest.locator("[data-note-audience]")).to_have_count(0)
        await expect(host.locator("[data-note-audience]")).to_have_count(3)
