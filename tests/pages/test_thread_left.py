"""What changes under a reader: a message that was changed after its answer, and a team that goes on without them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.pages.threads import Scene, escalate, opened_scene, write

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def test_an_open_page_of_somebody_who_was_removed_closes_with_nothing_of_the_record(scene: Scene) -> None:
    clinic = scene.here.clinic
    await scene.here.messaging.post(clinic.patient.caller, scene.here.conversation, "1", "Between us")
    page = await scene.open(clinic.nutritionist)
    await expect(page.locator(".message-body")).to_have_text("Between us")

    await build.care(scene.db, clinic.patient, clinic.consultant)
    await scene.here.messaging.follow_care_team(clinic.patient.id)

    await expect(page.locator("[data-left]")).to_be_visible()
    words = await page.locator("body").inner_text()
    assert "Between us" not in words
    assert clinic.patient.name not in words + await page.title()
    assert await page.locator("[data-text]").count() == 0


async def test_an_open_inbox_forgets_whom_one_no_longer_cares_for(
    scene: Scene, settings: Settings, database_url: str
) -> None:
    clinic = scene.here.clinic
    await scene.here.messaging.post(clinic.patient.caller, scene.here.conversation, "1", "Between us")
    page = await scene.open(clinic.nutritionist)
    await page.goto("/messages")
    line = page.locator(f"[data-conversation='{scene.here.conversation}']")
    await expect(line).to_contain_text("Between us")
    await scene.here.messaging.post(clinic.patient.caller, scene.here.conversation, "2", "It hurts")
    assert 1 == await escalate(scene, settings, database_url)
    await expect(page.get_by_role("region", name="Urgent messages")).to_contain_text(clinic.patient.name)
    await line.hover()  # whoever is at the list keeps its order, and not what is no longer theirs

    await build.care(scene.db, clinic.patient, clinic.consultant)
    await scene.here.messaging.follow_care_team(clinic.patient.id)

    await expect(line).to_have_count(0)
    await expect(page.locator("body")).not_to_contain_text(clinic.patient.name)


async def test_other_words_after_the_answer_have_a_line_that_leads_there_and_are_read_there(scene: Scene) -> None:
    clinic, here = scene.here.clinic, scene.here
    patient = await scene.open(clinic.patient)
    await write(patient, "Thanks a lot")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    await here.messaging.post(clinic.nutritionist.caller, here.conversation, "2", "You are welcome")
    first = (await here.messages())[0]
    page = await scene.open(clinic.nutritionist)
    await expect(page.locator(".message-body")).to_have_count(2)
    await expect(patient.locator(".message-body")).to_have_count(2)

    await scene.ask(
        "POST",
        f"/conversations/{here.conversation}/messages/{first['id']}/edit",
        clinic.patient,
        {"body": "I fainted twice"},
    )

    line = page.locator(".thread-note", has_text="changed a message from before")
    await expect(line).to_be_visible()
    await expect(page.locator(".message-body").first).to_have_text("I fainted twice")
    await line.get_by_role("link", name="Look at it").click()
    await expect(page.locator(f"[data-message='{first['id']}']")).to_be_visible()
    await expect(patient.locator(".thread-note", has_text="You changed a message from before")).to_be_visible()


async def test_the_log_is_one_stop_of_the_tab_key_and_arrows_reach_every_menu(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    for words in ("First", "Second", "Third"):
        await write(patient, words)
    await expect(patient.locator(".message-body")).to_have_text(["First", "Second", "Third"])
    await expect(patient.locator(".message-wish")).to_have_count(0)
    menus = patient.locator(".message-menu > summary")

    async def stops() -> list[int]:
        indices: list[int] = await menus.evaluate_all("all => all.map(one => one.tabIndex)")
        return indices

    at_first = await stops()
    await patient.locator("[data-text]").press("ArrowUp")
    await patient.keyboard.press("Home")
    moved = await stops()
    await patient.keyboard.press("Tab")
    await patient.keyboard.press("Enter")

    assert ([-1, -1, 0], [0, -1, -1]) == (at_first, moved)
    await expect(patient.locator(".message-menu[open]")).to_have_count(1)
