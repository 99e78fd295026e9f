"""A patient's report in a browser: its levels, questions that are collected, reading aloud, paper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from tests.pages.glance import opened, window
from tests.pages.pages import Shown
from tests.pages.test_claims import until_read
from tests.pages.world import World

pytestmark = [pytest.mark.browser, pytest.mark.long]

VOICE = """
(() => {
  let current = null;
  const synth = new EventTarget();
  window.said = [];
  window.turning = false;
  window.SpeechSynthesisUtterance = class extends EventTarget {
    constructor(text) { super(); this.text = text; }
  };
  synth.getVoices = () => [
    { localService: false, lang: "en-US", default: true, name: "far away" },
    ...(window.far ? [] : [{ localService: true, lang: "en-GB", default: false, name: "here" }]),
  ];
  synth.speak = (one) => {
    window.said.push([one.text, one.voice.name]);
    current = one;
    if (window.turning) setTimeout(() => one.dispatchEvent(new Event("end")));
  };
  synth.cancel = () => { current?.dispatchEvent(new Event("error")); current = null; };
  window.turn = () => current.dispatchEvent(new Event("end"));
  Object.defineProperty(window, "speechSynthesis", { value: synth });
})();
"""
"""A voice of the device that speaks when the test says so, beside one from elsewhere."""


@pytest.fixture
async def page(browser: Any, world: World, http: ClientSession) -> AsyncIterator[Any]:
    """The patient's report, with a voice of the device."""
    await until_read(http, world)
    context = await window(browser, world, "patient")
    await context.add_init_script(VOICE)
    try:
        async with opened(context, world, Shown("/reports/{report}", "patient", "[data-bars]")) as seen:
            yield seen.page
            assert not seen.complaints
    finally:
        await context.close()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as made:
        yield made


async def test_a_level_is_chosen_and_kept(page: Any) -> None:
    lengths = {}
    for level in ("short", "full", "standard"):  # the last one is what others find here
        async with page.expect_navigation():
            await page.click(f"[data-level={level}]")
        await expect(page.locator(f"[data-level={level}]")).to_be_focused()
        await expect(page.locator(f"[data-level={level}]")).to_have_attribute("aria-pressed", "true")
        lengths[level] = len(await page.locator("main").inner_text())

    assert lengths["short"] < lengths["standard"] < lengths["full"]


async def test_questions_wait_in_the_message_with_their_places(page: Any) -> None:
    said = page.locator("[data-questions-said]")
    await page.click("[data-finding=Bacteroides] .ask")
    await expect(said).to_contain_text("One question")
    await page.locator("[data-step] .ask").first.click()
    await expect(said).to_contain_text("2 questions")
    await page.click("[data-finding=Roseburia] .ask")
    await expect(said).to_contain_text("3 questions")
    await page.click("[data-finding=Roseburia] .ask")
    await expect(said).to_contain_text("2 questions")
    await page.reload()
    await expect(said).to_contain_text("2 questions")
    await page.click("[data-questions] a")

    text = page.locator("[data-compose] textarea")
    await expect(text).to_have_value("About “Bacteroides”: what does this mean for me?\n" + await _about_the_step(page))
    await expect(page.locator(".cite-chosen")).to_have_count(2)


async def _about_the_step(page: Any) -> str:
    name = (await page.locator(".cite-chosen").nth(1).inner_text()).removeprefix("Step of the plan:").strip()
    return f"About “{name}”: what does this mean for me?"


async def test_it_is_read_aloud_paused_and_stopped(page: Any) -> None:
    marked = page.locator(".being-read")
    await page.click("[data-aloud-start]")
    await expect(marked).to_have_text("Your report")
    await page.evaluate("turn()")
    await expect(marked).to_have_text("Your goals")
    await page.click("[data-aloud-pause]")
    await expect(page.locator("[data-aloud-pause]")).to_have_attribute("aria-pressed", "true")
    await page.click("[data-aloud-pause]")
    await expect(marked).to_have_text("Your goals")
    await page.click("[data-aloud-stop]")
    await expect(marked).to_have_count(0)
    await expect(page.locator("[data-aloud-start]")).to_be_focused()

    await page.evaluate("said.length = 0; turning = true")
    await page.click("[data-aloud-start]")
    await expect(page.locator("[data-aloud-start]")).to_be_visible()
    said = await page.evaluate("said")
    assert {"here"} == {voice for _, voice in said}
    texts = [text for text, _ in said]
    assert texts.index("How you feel") < texts.index("The most common groups") < texts.index("What we do not know")
    assert not any("Ask" in text or "SHA-256" in text for text in texts)


async def test_no_voice_from_elsewhere_reads_it(page: Any) -> None:
    await page.context.add_init_script("window.far = true")
    await page.reload()
    await page.locator("[data-bars]").wait_for()

    await expect(page.locator("[data-aloud]")).to_be_hidden()


async def test_on_paper_nothing_is_pressed_and_nothing_folded(page: Any) -> None:
    await page.emulate_media(media="print")

    for gone in (".ask", "[data-level]", "[data-search]", ".page-head .button"):
        await expect(page.locator(gone).first).to_be_hidden()
    await expect(page.locator("[data-method] dl")).to_be_visible()
    await expect(page.get_by_text("SHA-256").first).to_be_visible()


async def test_a_search_says_found_and_no_more(page: Any) -> None:
    await page.fill("[data-search]", "akkermansia muc")
    found = page.locator("[data-search-found] li").first

    await expect(found).to_contain_text("species · found")
    assert "%" not in await found.inner_text()
