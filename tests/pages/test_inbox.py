"""The team's inbox in real browsers: handed over and settled, by keyboard, and urgent ones on top of every page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.pages.threads import Scene, escalate, opened_scene

pytestmark = pytest.mark.browser


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def _writes(scene: Scene, who: Account, words: str) -> None:
    await scene.here.messaging.post(who.caller, scene.here.conversation, words, words)


async def test_a_question_is_taken_handed_over_with_a_reason_and_settled_in_sight_of_both(scene: Scene) -> None:
    clinic = scene.here.clinic
    await _writes(scene, clinic.patient, "May I have yoghurt with fruit?")
    amara = await scene.open(clinic.consultant)
    jonas = await scene.open(clinic.nutritionist)
    bar, other = amara.locator("[data-turn-bar]"), jonas.locator("[data-turn-bar]")
    await expect(bar).to_contain_text("Nobody has taken this yet")

    await bar.get_by_role("button", name="I answer this").click()
    await expect(bar).to_contain_text("You answer")
    await expect(other).to_contain_text("Amara Okafor answers")

    await bar.get_by_role("button", name="Hand over").first.click()
    dialog = amara.get_by_role("dialog")
    await dialog.get_by_label("Jonas Lindqvist").set_checked(True)
    await dialog.get_by_label("Why, for the team").fill("Food is yours")
    await dialog.get_by_role("button", name="Hand it over").click()
    await expect(other).to_contain_text("You answer")
    await other.locator("#turn-menu > summary").click()
    await other.get_by_role("button", name="How it came here").click()
    await expect(jonas.get_by_role("dialog")).to_contain_text("Food is yours")
    await jonas.get_by_role("dialog").get_by_role("button", name="Close").click()

    await jonas.keyboard.press("e")
    await jonas.get_by_role("dialog").get_by_role("button", name="Nothing is open").click()
    await expect(other).to_contain_text("Nothing is open here")
    await expect(bar).to_contain_text("Nothing is open here")
    await expect(amara.locator("[data-inbox]")).to_contain_text("Nobody is waiting for you.")


async def test_who_comes_second_is_told_what_is_so_now(scene: Scene) -> None:
    clinic = scene.here.clinic
    await _writes(scene, clinic.patient, "May I?")
    jonas = await scene.open(clinic.nutritionist)
    bar = jonas.locator("[data-turn-bar]")
    await expect(bar).to_contain_text("Nobody has taken this yet")
    # The page does not hear of it before it asks: both pressed at once.
    turn = {"state": "owed", "owner": {"account": str(clinic.consultant.id), "name": "Amara Okafor"}}
    refusal = {"status": 409, "code": "ledger_changed", "title": "Conflict", "detail": "…", "current": turn}
    await jonas.route(
        "**/claim", lambda route: route.fulfill(status=409, content_type="application/problem+json", json=refusal)
    )

    await bar.get_by_role("button", name="I answer this").click()

    said = "Meanwhile Amara Okafor has taken this. Nothing was changed by you; choose again if it should."
    await expect(jonas.locator("#toasts")).to_contain_text(said)


async def test_the_inbox_is_worked_by_keyboard_alone(scene: Scene) -> None:
    clinic = scene.here.clinic
    other = await build.person(scene.db, "patient", "Otto Berg")
    await build.care(scene.db, other, clinic.nutritionist)
    place = await scene.here.messaging.care_conversation(other.caller, other.id)
    assert place is not None
    await scene.here.messaging.post(other.caller, place.id, "1", "I was here first")
    await _writes(scene, clinic.patient, "And I came after")
    page = await scene.open(clinic.nutritionist)
    await page.goto("/messages")
    await expect(page.locator("[data-help]")).to_be_visible()
    assert ["Otto Berg", "Lena Hartmann"] == await page.locator(".inbox-name").all_inner_texts()

    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator("[data-conversation]:focus")).to_contain_text("Lena Hartmann")
    # Somebody answers Otto: the line says so at once, and stays where it is until the list is sorted.
    await scene.here.messaging.post(clinic.nutritionist.caller, place.id, "2", "So you were, Otto")
    await expect(page.locator("[data-moved]")).to_contain_text("2 conversations have moved")
    assert ["Otto Berg", "Lena Hartmann"] == await page.locator(".inbox-name").all_inner_texts()
    await expect(page.locator("[data-conversation]").first).to_contain_text("So you were, Otto")
    await page.keyboard.press("s")
    assert ["Lena Hartmann", "Otto Berg"] == await page.locator(".inbox-name").all_inner_texts()
    await expect(page.locator("[data-conversation]:focus")).to_contain_text("Lena Hartmann")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Lena Hartmann")
    await expect(page.locator("[data-turn-bar]")).to_contain_text("Nobody has taken this yet")
    await page.keyboard.press("c")
    await expect(page.locator("[data-turn-bar]")).to_contain_text("You answer")
    await page.keyboard.press("r")
    await page.keyboard.type("Good morning, Lena")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message-mine .message-body")).to_have_text("Good morning, Lena")
    await expect(page.locator("[data-turn-bar]")).to_contain_text("Nothing is open here")

    await page.locator("h1 a").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("I answer this")
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await expect(page.locator("[data-conversation]:focus")).to_contain_text("Lena Hartmann")


async def test_an_urgent_message_nobody_read_is_on_top_of_every_page_until_it_is_taken(
    scene: Scene, settings: Settings, database_url: str
) -> None:
    clinic = scene.here.clinic
    page = await scene.open(clinic.nutritionist)
    await page.goto("/account")
    await expect(page.locator("[data-feed]")).to_have_attribute("data-state", "live")
    banner = page.get_by_role("region", name="Urgent messages")
    await expect(banner).to_be_hidden()

    await _writes(scene, clinic.patient, "It hurts")
    assert 1 == await escalate(scene, settings, database_url)
    await expect(banner).to_contain_text("Lena Hartmann wrote something urgent, and nobody has read it yet.")
    await page.reload()
    await banner.get_by_role("button", name="I take it").click()

    await page.wait_for_url(re.compile(f"/messages/{scene.here.conversation}"))
    await expect(page.locator("[data-turn-bar]")).to_contain_text("You answer")
    await expect(banner).to_be_hidden()
