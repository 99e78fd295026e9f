"""Names and places of the record in a thread: mentioned, pointed at, opened there; whose turn it is, in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.demonstration.lab_files import metaphlan_profile
from telegut.settings import Settings
from tests.pages.threads import Scene, on_its_way, opened_scene, write

pytestmark = pytest.mark.browser


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def _diary_day(scene: Scene) -> str:
    """A day of the diary, with a word about it."""
    day = (utc_now() - timedelta(days=2)).date().isoformat()
    patient = scene.here.clinic.patient
    await scene.ask(
        "POST", f"/patients/{patient.id}/diary", patient, {"day": day, "mood": 2, "note": "A restless night"}
    )
    return day


async def test_a_mention_and_a_day_of_the_diary_travel_with_a_message(scene: Scene) -> None:
    clinic = scene.here.clinic
    day = await _diary_day(scene)
    nutritionist = await scene.open(clinic.nutritionist)
    box = nutritionist.locator("[data-text]")
    await box.click()
    await box.press_sequentially(f"Dear @{clinic.patient.name[:3]}")
    await expect(nutritionist.locator('[data-mentions] [aria-selected="true"]')).to_contain_text(clinic.patient.name)
    await box.press("Enter")
    await expect(box).to_have_value(f"Dear @{clinic.patient.name} ")

    await nutritionist.get_by_text("More for this message").locator("xpath=ancestor::summary").press("Enter")
    await nutritionist.get_by_role("button", name="Point at something in the record").press("Enter")
    await nutritionist.get_by_role("dialog").locator(".cite", has_text="Diary").press("Enter")
    await expect(nutritionist.locator("[data-cites] .cite")).to_have_count(1)
    await expect(box).to_be_focused()
    await box.press_sequentially("how was it?")
    await box.press("Enter")
    await expect(nutritionist.locator(".message-cites")).to_be_visible()

    patient = await scene.open(clinic.patient)
    await expect(patient.locator(".mention-me")).to_have_text(f"@{clinic.patient.name}")
    await expect(patient.locator(".day-card")).to_contain_text("A restless night")
    (sent,) = await scene.here.messages()
    assert [str(clinic.patient.id)] == sent["mentions"]
    assert [("diary_day", day)] == [(one["kind"], one["id"]) for one in sent["cites"]]


@pytest.mark.long
async def test_a_place_chosen_offline_outlives_the_page(scene: Scene) -> None:
    clinic = scene.here.clinic
    await _diary_day(scene)
    patient = await scene.open(clinic.patient)
    await patient.get_by_text("More for this message").locator("xpath=ancestor::summary").click()
    await patient.get_by_role("button", name="Point at something in the record").click()
    await patient.get_by_role("dialog").locator(".cite", has_text="Diary").click()
    await patient.locator("[data-text]").fill("About that night")
    await expect(patient.locator("[data-compose]")).to_have_attribute("data-draft", "kept")
    await patient.reload()
    await expect(patient.locator("[data-text]")).to_have_value("About that night")
    await expect(patient.locator("[data-cites] .cite")).to_have_count(1)

    await patient.context.set_offline(True)
    await patient.locator("[data-text]").press("Enter")
    await expect(on_its_way(patient)).to_contain_text("Diary")
    await patient.context.set_offline(False)

    await expect(patient.locator(".message-wish")).to_have_count(0)
    await expect(patient.locator(".day-card")).to_contain_text("A restless night")
    assert ["diary_day"] == [one["kind"] for one in (await scene.here.messages())[0]["cites"]]


async def _report(scene: Scene) -> str:
    """A report that was read, as the worker leaves it."""
    clinic = scene.here.clinic
    form = FormData()
    form.add_field("file", metaphlan_profile(0, "S1", 12_100_000), filename="profile.txt", content_type="text/plain")
    form.add_field("metadata", "{}")
    return await scene.hand_in(f"/patients/{clinic.patient.id}/reports", clinic.consultant, form)


@pytest.mark.long
async def test_a_finding_is_written_about_and_opens_beside_the_thread(scene: Scene, worker: None) -> None:
    clinic = scene.here.clinic
    report = await _report(scene)
    patient = await scene.open(clinic.patient)
    await patient.goto(f"/reports/{report}")
    about = patient.get_by_role("link", name="Ask about Bacteroides")
    await expect(about).to_be_visible()
    await patient.reload()  # it may have been read while the page was open
    await about.click()
    await patient.get_by_role("link", name="Write my questions").click()
    await patient.wait_for_url(f"**/messages/{scene.here.conversation}")
    await expect(patient.locator("[data-cites] .cite")).to_contain_text("Bacteroides")
    assert "Bacteroides" not in patient.url
    await write(patient, "What is this?")
    await expect(patient.locator(".message-wish")).to_have_count(0)

    nutritionist = await scene.open(clinic.nutritionist)
    await nutritionist.set_viewport_size({"width": 1280, "height": 800})
    await nutritionist.locator(".message-cites .cite").click()
    found = nutritionist.locator('[data-cited] [data-finding="Bacteroides"]')
    await expect(found).to_be_focused()
    assert (await Axe().run(nutritionist)).violations_count == 0
    await nutritionist.set_viewport_size({"width": 390, "height": 844})
    await nutritionist.locator(".message-cites .cite").click()
    await nutritionist.wait_for_url(f"**/reports/{report}")
    await expect(nutritionist.locator('[data-finding="Bacteroides"]')).to_be_focused()


@pytest.mark.long
async def test_the_log_says_who_answers_and_the_team_reads_why(scene: Scene) -> None:
    clinic, here = scene.here.clinic, scene.here
    await here.messaging.post(clinic.patient.caller, here.conversation, "1", "Is yoghurt all right?")
    patient, nutritionist = await scene.open(clinic.patient), await scene.open(clinic.nutritionist)
    path = f"/conversations/{here.conversation}"
    turn = await scene.ask("GET", f"{path}/turn", clinic.consultant)
    handed = {"to": str(clinic.nutritionist.id), "reason": "Knows the story", "version": turn["version"]}
    turn = await scene.ask("POST", f"{path}/assign", clinic.consultant, handed)

    await expect(patient.locator(".thread-note")).to_contain_text(f"{clinic.nutritionist.name} answers from now on.")
    await expect(nutritionist.locator(".thread-note")).to_contain_text("You answer from now on.")
    await expect(nutritionist.locator(".thread-reason")).to_contain_text("Knows the story")
    await expect(patient.locator(".thread-reason")).to_have_count(0)
    await scene.ask("POST", f"{path}/wait", clinic.nutritionist, {"version": turn["version"]})
    await expect(patient.locator(".thread-note").last).to_contain_text("It is your turn.")
    await expect(nutritionist.locator(".thread-note").last).to_contain_text(f"Waiting for {clinic.patient.name}.")
