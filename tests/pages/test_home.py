"""Today and the list of patients, in a browser: what is answered stays answered, what is typed finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.pages.glance import Glance, glance
from tests.pages.pages import Shown
from tests.pages.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
async def today(browser: Any, world: World) -> AsyncIterator[Glance]:
    """The patient's today, open on a phone."""
    async with glance(browser, world, Shown("/today", "patient"), "light", 390) as seen:
        yield seen


async def test_how_a_step_went_is_kept(today: Glance) -> None:
    page = today.page
    step = page.locator("[data-step]").first
    async with page.expect_response(lambda answer: "/days/" in answer.url) as answered:
        await step.get_by_role("radio", name="Partly").check()
    assert (await answered.value).status == 200
    await page.reload()

    assert await step.get_by_role("radio", name="Partly").is_checked()
    assert await page.locator("[data-steps-done]").inner_text() == "1 of 2 done"


async def test_a_step_that_could_not_be_kept_goes_back_to_what_is_true(today: Glance) -> None:
    page = today.page
    step = page.locator("[data-step]").nth(1)
    await page.route("**/days/*", lambda route: route.fulfill(status=503, body="{}"))
    await step.get_by_role("radio", name="Done").click()
    await page.locator(".toast").wait_for()

    assert not await step.get_by_role("radio", name="Done").is_checked()


async def test_yesterday_is_told_and_stays_told(today: Glance) -> None:
    page = today.page
    mood = page.get_by_role("radiogroup", name="Mood")
    await mood.get_by_role("radio", name="4").check()
    await page.get_by_label("Anything to add").fill("A long walk.")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_text("Saved. Thank you.").wait_for()
    await page.reload()

    assert await mood.get_by_role("radio", name="4").is_checked()
    assert await page.get_by_label("Anything to add").input_value() == "A long walk."


async def test_nothing_chosen_is_nothing_sent(browser: Any, world: World) -> None:
    async with glance(browser, world, Shown("/today", "newcomer"), "light", 390) as seen:
        await seen.page.get_by_role("button", name="Save").click()
        await seen.page.get_by_text("Choose a number or write a line").wait_for()


async def test_the_page_says_that_it_is_up_to_date_and_when_it_is_not(today: Glance) -> None:
    page = today.page
    await page.locator('[data-feed][data-state="live"]').wait_for()
    await page.context.set_offline(True)
    await page.locator('[data-feed][data-state="waiting"]').wait_for()
    await page.context.set_offline(False)
    await page.locator('[data-feed][data-state="live"]').wait_for()


async def test_a_chosen_theme_holds_after_a_reload(today: Glance) -> None:
    page = today.page
    await page.locator("details.menu > summary").click()
    await page.get_by_role("radio", name="Dark").check()
    await page.reload()

    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


async def test_the_menu_closes_with_escape_and_gives_the_focus_back(today: Glance) -> None:
    page = today.page
    await page.locator("details.menu > summary").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Sign out").wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")

    assert not await page.locator("details.menu").evaluate("menu => menu.open")
    assert await page.evaluate("document.activeElement.tagName") == "SUMMARY"


async def test_the_keyboard_reaches_the_content_first(today: Glance) -> None:
    page = today.page
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await page.keyboard.press("Enter")

    assert await page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(("typed", "expected"), [("lena", 1), ("HART", 1), ("nobody", 0), ("", 2)])
async def test_typing_a_name_narrows_the_list(browser: Any, world: World, typed: str, expected: int) -> None:
    async with glance(browser, world, Shown("/patients", "consultant"), "light", 1280) as seen:
        await seen.page.get_by_label("Find by name").fill(typed)
        shown = await seen.page.locator("[data-name]:visible").count()

        assert shown == expected
        assert await seen.page.get_by_text("Nobody in your care has that name.").is_visible() == (expected == 0)
