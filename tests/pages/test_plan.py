"""The plan in real browsers: proposing, deciding, reporting, racing; the check-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from telegut.careplan.gates import GATES
from telegut.db.engine import Database
from tests import build
from tests.build import Clinic
from tests.careplan.plans import OATS, path
from tests.pages.desks import Sit, desks

pytestmark = pytest.mark.browser


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


@pytest.fixture
async def sit(browser: Any, db: Database, server: str) -> AsyncIterator[Sit]:
    async with desks(browser, db, server) as seats:
        yield seats


@pytest.fixture
async def step(clinic: Clinic, server: str) -> dict[str, Any]:
    """A proposed step of a patient whose gates are open."""
    async with ClientSession(server, headers=clinic.nutritionist.bearer) as session:
        for gate in GATES:
            await session.put(path(clinic.patient, f"/gates/{gate.id}"), json={"answer": "no"})
        response = await session.post(path(clinic.patient, "/steps"), json=OATS)
        made: dict[str, Any] = await response.json()
        return made


async def test_a_step_is_decided_by_the_patient_and_seen_by_the_team(
    sit: Sit, clinic: Clinic, step: dict[str, Any]
) -> None:
    lena = await sit(clinic.patient, "/plan", width=390)
    jonas = await sit(clinic.nutritionist, f"/patients/{clinic.patient.id}/plan")
    await expect(jonas.get_by_text("Waiting for Lena")).to_be_visible()
    await lena.get_by_role("button", name="Yes, I will try it").click()
    await expect(jonas.locator(".step-card").get_by_text("Agreed")).to_be_visible()
    await lena.locator(".step-card label", has_text="Partly").click()
    await expect(jonas.locator(".step-partly")).to_have_count(1)
    await expect(jonas.locator(".step-day")).to_have_count(1)  # no day before it was agreed

    await expect(lena.locator(".step-card input[value=partly]")).to_be_checked()


async def test_the_form_keeps_what_was_typed_until_the_safety_questions_are_answered(sit: Sit, clinic: Clinic) -> None:
    amara = await sit(clinic.consultant, f"/patients/{clinic.patient.id}/plan")
    await amara.get_by_role("button", name="Propose a step").click()
    form = amara.locator("dialog")
    await form.get_by_label("What to do, in a few words").fill("A short walk after lunch")
    await form.get_by_label("What it is about").select_option("movement")
    await form.get_by_role("button", name="Propose it").click()
    await expect(form.get_by_text("These safety questions come first")).to_be_visible()
    await expect(form.locator("fieldset input").nth(0)).to_be_focused()
    await form.locator("fieldset label", has_text="No").first.click()
    await expect(form.get_by_text("Saved.")).to_be_visible()
    await form.get_by_role("button", name="Propose it").click()

    await expect(amara.get_by_role("heading", name="A short walk after lunch")).to_be_focused()
    await expect(form).to_have_count(0)


async def test_two_who_change_one_step_see_each_others_words(sit: Sit, clinic: Clinic, step: dict[str, Any]) -> None:
    pages = [await sit(who, f"/patients/{clinic.patient.id}/plan") for who in (clinic.consultant, clinic.nutritionist)]
    for page in pages:
        await page.locator("[data-act=edit-step]").click()
        await expect(page.locator("dialog")).to_be_visible()
    amara, jonas = pages
    await amara.get_by_label("How, in words").fill("With warm milk.")
    await amara.get_by_role("button", name="Save the change").click()
    await expect(amara.get_by_text("With warm milk.")).to_be_visible()
    await jonas.get_by_label("How, in words").fill("With yoghurt.")
    await jonas.get_by_role("button", name="Save the change").click()

    await expect(jonas.locator("blockquote")).to_contain_text("With warm milk.")
    await expect(jonas.get_by_label("How, in words")).to_have_value("With yoghurt.")
    await jonas.get_by_role("button", name="Save the change").click()
    await expect(amara.get_by_text("With yoghurt.")).to_be_visible()


async def test_signing_leaves_a_seal(sit: Sit, clinic: Clinic, step: dict[str, Any]) -> None:
    amara = await sit(clinic.consultant, f"/patients/{clinic.patient.id}/plan")
    lena = await sit(clinic.patient, "/plan")
    await amara.get_by_role("button", name="Sign this plan").click()
    await amara.get_by_role("button", name="Sign", exact=True).click()

    await expect(lena.get_by_text("Signed by Amara Okafor")).to_be_visible()
    await lena.get_by_role("button", name="Not for now").click()
    await expect(lena.get_by_text("Changed since.")).to_be_visible()


async def test_a_check_in_is_kept_and_drawn(sit: Sit, clinic: Clinic) -> None:
    lena = await sit(clinic.patient, "/check-in", width=390)
    for name in ("mood", "gut", "sleep"):
        await lena.locator(f"label:has(input[name={name}][value='4'])").click()
    await lena.get_by_label("A word about the day").fill("A quiet day.")
    await lena.get_by_role("button", name="Save").click()
    await expect(lena.locator("[data-diary] [data-said]")).to_have_text("Saved. Thank you.")
    await lena.goto(f"/patients/{clinic.patient.id}/scores")

    await expect(lena.get_by_role("heading", name="Mood")).to_be_visible()
    await expect(lena.get_by_text("A quiet day.")).to_be_visible()


async def test_an_empty_check_in_leads_to_why_it_was_not_kept(sit: Sit, clinic: Clinic) -> None:
    lena = await sit(clinic.patient, "/check-in")
    await lena.get_by_role("button", name="Save").click()

    await expect(lena.locator("[data-diary] [data-said]")).to_be_focused()


async def test_signing_says_which_questions_are_open(sit: Sit, clinic: Clinic) -> None:
    amara = await sit(clinic.consultant, f"/patients/{clinic.patient.id}/plan")
    await amara.get_by_role("button", name="Sign this plan").click()

    await expect(amara.get_by_role("dialog")).to_contain_text(f"{len(GATES)} safety questions are still open.")


async def test_an_open_question_is_asked_about_and_gives_no_total(sit: Sit, clinic: Clinic) -> None:
    lena = await sit(clinic.patient, "/check-in")
    await lena.locator("summary", has_text="GAD-7").click()
    form = lena.locator("[data-instrument=gad-7]")
    for name in ("nervous", "control", "worrying", "relaxing", "restless", "irritable"):
        await form.locator(f"label:has(input[name={name}][value='1'])").click()
    await form.get_by_role("button", name="Send the answers").click()
    await lena.get_by_role("button", name="Go back").click()
    await form.locator("label:has(input[name=afraid][value='0'])").click()
    await form.get_by_role("button", name="Send the answers").click()

    await expect(form.get_by_text("The total is 6")).to_be_visible()
