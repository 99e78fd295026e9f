"""What is written in a browser and not stored yet: kept over a reload, sent once and in order, by one of many tabs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Error, expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests.pages.threads import Scene, on_its_way, opened_scene, write

pytestmark = pytest.mark.browser

REFUSE = """
    code => {
        const put = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
            const frame = JSON.parse(text);
            if (frame.type !== "send" || window.taken) return put.call(this, text);
            const problem = {status: code, code: "no", title: "No", detail: "Not at this moment."};
            const data = JSON.stringify({type: "refused", client_id: frame.client_id, problem});
            this.onmessage(new MessageEvent("message", {data}));
        };
    }
"""
"""From here on the server refuses what is sent with this status, until `window.taken`."""


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def test_what_was_written_offline_survives_a_reload_and_is_sent_once_and_in_order(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    await patient.context.set_offline(True)
    for words in ("First", "Second", "Third"):
        await write(patient, words)
    await expect(on_its_way(patient)).to_have_count(3)
    await expect(on_its_way(patient).first).to_contain_text("Kept on this device.")
    await patient.locator("[data-text]").press_sequentially("A thought for later")
    await expect(patient.locator("[data-compose]")).to_have_attribute("data-draft", "kept")

    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        await patient.reload()
    assert await scene.messages() == []
    await patient.context.set_offline(False)
    await patient.goto(f"/messages/{scene.here.conversation}")

    await expect(patient.locator(".message-wish")).to_have_count(0)
    await expect(patient.locator(".message-body")).to_have_text(["First", "Second", "Third"])
    await expect(patient.locator("[data-text]")).to_have_value("A thought for later")
    assert ["First", "Second", "Third"] == await scene.messages()


@pytest.mark.long
async def test_an_answer_that_was_lost_with_the_page_doubles_nothing(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    # The socket's answers are lost from here on, whatever the server stores.
    await patient.evaluate(
        "() => { const put = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (text) { this.onmessage = null; put.call(this, text); } }"
    )
    await write(patient, "Not answered yet")
    await expect(patient.locator('.message-wish[data-wish-state="sending"]')).to_have_count(1)

    await patient.reload()

    await expect(patient.locator(".message-body")).to_have_text("Not answered yet")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    assert ["Not answered yet"] == await scene.messages()


@pytest.mark.long
async def test_of_two_tabs_one_sends(scene: Scene) -> None:
    first = await scene.open(scene.here.clinic.patient)
    second = await scene.tab(first.context)
    await first.context.set_offline(True)
    await write(first, "In the first tab")
    await expect(on_its_way(second)).to_have_count(1)
    await write(second, "In the second tab")
    await expect(on_its_way(first)).to_have_count(2)

    await first.context.set_offline(False)

    for tab in (first, second):
        await expect(tab.locator(".message-wish")).to_have_count(0)
        await expect(tab.locator(".message-body")).to_have_text(["In the first tab", "In the second tab"])
    assert ["In the first tab", "In the second tab"] == await scene.messages()


@pytest.mark.long
async def test_the_tab_that_is_left_sends_what_the_other_one_could_not(scene: Scene) -> None:
    first = await scene.open(scene.here.clinic.patient)
    second = await scene.tab(first.context)
    await first.context.set_offline(True)
    await write(first, "Written and closed")
    await expect(on_its_way(second)).to_have_count(1)
    await first.close()

    await second.context.set_offline(False)

    await expect(second.locator(".message-body")).to_have_text("Written and closed")
    await expect(second.locator(".message-wish")).to_have_count(0)
    assert ["Written and closed"] == await scene.messages()


@pytest.mark.long
async def test_what_failed_is_tried_again_with_one_tap_and_later_words_wait_for_it(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    await patient.evaluate(REFUSE, 429)
    await write(patient, "Too fast")
    failed = patient.locator(".message-failed")
    await expect(failed).to_contain_text("Not sent. Your words are kept on this device. Not at this moment.")
    await write(patient, "Afterwards")
    await expect(on_its_way(patient)).to_have_count(1)
    assert [] == await scene.messages()

    await patient.evaluate("window.taken = true")
    await failed.get_by_role("button", name="Try again").click()

    await expect(patient.locator(".message-body")).to_have_text(["Too fast", "Afterwards"])
    await expect(patient.locator(".message-wish")).to_have_count(0)
    assert ["Too fast", "Afterwards"] == await scene.messages()


@pytest.mark.long
async def test_what_is_refused_for_good_can_be_changed_and_holds_up_nothing(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    await patient.evaluate(REFUSE, 422)
    await write(patient, "Not like this")
    failed = patient.locator(".message-failed")
    await expect(failed).to_be_visible()
    await expect(failed.get_by_role("button", name="Try again")).to_have_count(0)
    await patient.evaluate("window.taken = true")
    await write(patient, "Afterwards")
    await expect(patient.locator(".message-body", has_text="Afterwards")).to_be_visible()
    await expect(on_its_way(patient)).to_have_count(0)

    await failed.get_by_role("button", name="Change it").click()
    await expect(patient.locator("[data-text]")).to_have_value("Not like this")
    await patient.locator("[data-text]").fill("But like this")
    await patient.locator("[data-text]").press("Enter")

    await expect(patient.locator(".message-wish")).to_have_count(0)
    assert ["Afterwards", "But like this"] == await scene.messages()


@pytest.mark.long
async def test_who_signs_in_next_finds_nothing_of_who_was_here(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    nutritionist = await scene.open(scene.here.clinic.nutritionist)
    await patient.context.set_offline(True)
    await write(patient, "Between us")
    await expect(on_its_way(patient)).to_have_count(1)
    await patient.context.clear_cookies()
    await patient.context.add_cookies(await nutritionist.context.cookies())
    await patient.context.set_offline(False)

    await patient.goto(f"/messages/{scene.here.conversation}")

    await expect(patient.locator("[data-state]", has_text=re.compile("Up to date")).last).to_be_visible()
    await expect(patient.locator("[data-nothing]")).to_be_visible()
    kept = """new Promise(done => indexedDB.open("telegut messages").onsuccess = opened => opened.target.result
        .transaction("outbox").objectStore("outbox").count().onsuccess = counted => done(counted.target.result))"""
    assert await patient.evaluate(kept) == 0
    assert [] == await scene.messages()
