"""Ways through a thread: to a day and back, by keyboard, urgent after a question, with a photo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.messaging import log
from telegut.messaging.log import NewEntry
from telegut.messaging.rules import EntryType
from telegut.settings import Settings
from tests import build
from tests.messaging.uploads.files import picture
from tests.pages.threads import Scene, opened_scene, write

pytestmark = pytest.mark.browser

SIZES = {390: 844, 1280: 800}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A clinic with numbers to call, where nobody reads at this hour."""
    return replace(settings, staffed_hours="", emergency_numbers=("Emergency services: 112",))


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


@pytest.fixture
async def scene_with_microphone(
    db: Database, settings: Settings, server: str, browser_with_camera: Any
) -> AsyncIterator[Scene]:
    """The same, where browsers have a microphone."""
    async with opened_scene(db, settings, server, browser_with_camera) as made:
        yield made


async def _write_before(scene: Scene, days: int, each: int) -> None:
    """*each* messages a day on *days* days before today, at noon UTC, as if they had been written then."""
    sender = scene.here.clinic.nutritionist.id
    today = utc_now().replace(hour=12, minute=0, second=0, microsecond=0)
    async with scene.db.begin(build.BUILDER) as tx:
        for before in range(days, 0, -1):
            head = await log.lock(tx, scene.here.conversation)
            entries = [
                NewEntry(type=EntryType.SENT, sender=sender, client_id=f"{before}-{n}", body=f"{before} days ago, {n}")
                for n in range(each)
            ]
            await log.append(tx, build.VAULT, head, entries, today - timedelta(days=before))


def _day(before: int) -> str:
    return (datetime.now(UTC) - timedelta(days=before)).date().isoformat()


@pytest.mark.long
async def test_a_day_of_long_ago_is_one_step_away_and_so_is_now(scene: Scene) -> None:
    await _write_before(scene, days=20, each=40)
    last = (await scene.here.messages())[-1]["seq"]
    await scene.here.messaging.read(scene.here.clinic.patient.caller, scene.here.conversation, last)
    patient = await scene.open(scene.here.clinic.patient)
    bodies = patient.locator(".message-body")
    await expect(bodies.last).to_have_text("1 days ago, 39")

    await patient.get_by_text("Go to a day").click()
    await patient.get_by_label("Show from this day on").fill(_day(15))
    await patient.get_by_role("button", name="Show", exact=True).click()

    await expect(patient.get_by_text("15 days ago, 0", exact=True)).to_be_in_viewport()
    await expect(patient.get_by_text("1 days ago, 39", exact=True)).to_have_count(0)
    later = patient.get_by_role("button", name="Show later messages")
    await later.click()
    await expect(patient.get_by_text("8 days ago, 0", exact=True)).to_have_count(1)
    await patient.get_by_role("button", name="Back to now").click()
    await expect(bodies.last).to_have_text("1 days ago, 39")
    await expect(bodies.last).to_be_in_viewport()
    await expect(later).to_be_hidden()


@pytest.mark.long
async def test_earlier_messages_come_in_above_without_a_jump(scene: Scene) -> None:
    await _write_before(scene, days=10, each=30)
    patient = await scene.open(scene.here.clinic.patient)
    # Where reading is begun at the unread: at the top of what is there.
    await patient.locator("[data-log]").evaluate("log => { log.scrollTop = log.scrollHeight / 2 }")
    marked = patient.get_by_text("3 days ago, 0", exact=True)
    await marked.scroll_into_view_if_needed()
    before = await marked.bounding_box()

    await patient.locator("[data-earlier]").evaluate("button => button.click()")

    await expect(patient.get_by_text("9 days ago, 0", exact=True)).to_have_count(1)
    after = await marked.bounding_box()
    assert abs(after["y"] - before["y"]) < 2


@pytest.mark.long
async def test_reading_begins_at_the_unread_and_marks_what_was_seen(scene: Scene) -> None:
    await _write_before(scene, days=1, each=40)
    nutritionist = await scene.open(scene.here.clinic.consultant)
    await expect(nutritionist.locator(".thread-unread")).to_be_in_viewport()
    await expect(nutritionist.locator(".thread-unread")).to_contain_text("New since")

    async def read_up_to() -> int:
        entries = await scene.here.log()
        return max((one["up_to"] for one in entries if one["type"] == "read"), default=0)

    last = max(one["seq"] for one in await scene.here.messages())
    assert await read_up_to() < last
    await nutritionist.locator(".message").last.scroll_into_view_if_needed()
    await expect(nutritionist.locator("[data-unread]").first).to_be_hidden()


@pytest.mark.long
async def test_a_thread_by_keyboard_alone(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    box = patient.locator("[data-text]")
    await box.focus()
    await patient.keyboard.type("I like otas")
    await patient.keyboard.press("Control+Enter")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    await scene.here.messaging.post(scene.here.clinic.nutritionist.caller, scene.here.conversation, "1", "Do you?")
    await expect(patient.locator(".message")).to_have_count(2)
    await expect(box).to_be_focused()

    await patient.keyboard.press("ArrowUp")
    await expect(patient.locator(".message").last).to_be_focused()
    await patient.keyboard.press("ArrowUp")
    await expect(patient.locator(".message-mine")).to_be_focused()
    await patient.keyboard.press("e")
    await expect(patient.get_by_label("Your message in other words")).to_be_focused()
    await patient.keyboard.press("Control+a")
    await patient.keyboard.type("I like oats")
    await patient.keyboard.press("Control+Enter")
    await expect(patient.locator(".message-mine .message-row .message-body")).to_have_text("I like oats")
    await expect(box).to_be_focused()

    await patient.keyboard.press("ArrowUp")
    await patient.keyboard.press("Escape")
    await expect(box).to_be_focused()
    await patient.locator(".message-menu > summary").focus()
    await patient.keyboard.press("Enter")
    await expect(patient.locator(".message-menu[open]")).to_have_count(1)
    await patient.keyboard.press("Escape")
    await expect(patient.locator(".message-menu[open]")).to_have_count(0)
    await expect(patient.locator(".message-menu > summary")).to_be_focused()


async def test_urgent_asks_an_honest_question_first(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    await patient.get_by_text("Urgent", exact=True).click()
    await write(patient, "I feel very bad, see https://example.org/help. Now")
    asked = patient.get_by_role("dialog", name="Is somebody in danger?")
    await expect(asked.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
    found = await Axe().run(patient)
    assert found.violations_count == 0, found.generate_report()
    await asked.get_by_role("button", name="Back to my message").click()
    await expect(patient.locator("[data-text]")).to_be_focused()
    assert [] == await scene.messages()

    await patient.locator("[data-text]").press("Enter")
    await asked.get_by_role("button", name="Nobody is in danger").click()

    await expect(patient.locator(".message:not(.message-wish) .message-urgent")).to_be_visible()
    link = patient.locator(".message-body a")
    await expect(link).to_have_attribute("href", "https://example.org/help")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow external")
    assert [True] == [one["urgent"] for one in await scene.here.messages()]


@pytest.mark.long
async def test_a_photo_is_checked_sent_and_seen_by_the_other(scene: Scene, worker: None) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    await expect(patient.locator("[data-attach]")).to_be_visible()
    photo = {"name": "breakfast.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(600, 400))}
    await patient.locator("[data-files]").set_input_files([photo, photo | {"name": "lunch.jpg"}])
    await expect(patient.locator('.tray-row[data-stage="ready"]')).to_have_count(2)
    await patient.get_by_role("button", name="Remove lunch.jpg").click()
    await patient.locator("[data-send]").click()

    await expect(patient.locator(".message-wish")).to_have_count(0)
    await expect(patient.locator(".thread-tray")).to_be_hidden()
    nutritionist = await scene.open(scene.here.clinic.nutritionist)
    await nutritionist.get_by_role("button", name="Photo breakfast.jpg").click()
    await expect(nutritionist.get_by_role("dialog").locator("img")).to_be_visible()
    await nutritionist.wait_for_function("document.querySelector('dialog img').naturalWidth === 600")


@pytest.mark.long
async def test_a_voice_note_is_recorded_and_can_be_thrown_away(scene_with_microphone: Scene, worker: None) -> None:
    patient = await scene_with_microphone.open(scene_with_microphone.here.clinic.patient)
    await patient.context.grant_permissions(["microphone"])
    for button in ("Throw away", "Done"):
        await patient.get_by_role("button", name="Record a voice note").click()
        await expect(patient.locator("[data-recording] .figures")).to_have_text("0:01")
        await patient.get_by_role("button", name=button).click()
        await expect(patient.locator("[data-recording]")).to_be_hidden()
        await expect(patient.locator(".tray-row")).to_have_count(0 if button == "Throw away" else 1)
    await expect(patient.locator('.tray-row[data-stage="ready"]')).to_have_count(1)
    await patient.locator("[data-send]").click()

    await patient.locator(".message-voice button").click()
    await expect(patient.locator(".message-voice audio")).to_be_visible()


@pytest.mark.long
async def test_a_full_thread_is_kind_to_everybody(scene: Scene) -> None:
    await _write_before(scene, days=2, each=6)
    patient = await scene.open(scene.here.clinic.patient)
    await write(patient, "Sent")
    await expect(patient.locator(".message-wish")).to_have_count(0)
    await patient.context.set_offline(True)
    await write(patient, "Averylongwordwithoutanyspace" * 12)
    await expect(patient.locator(".message-wish")).to_contain_text("Kept on this device")
    await patient.context.set_offline(False)
    for theme in ("light", "dark"):
        await patient.emulate_media(color_scheme=theme)
        for width, height in SIZES.items():
            await patient.set_viewport_size({"width": width, "height": height})
            found = await Axe().run(patient)
            assert found.violations_count == 0, f"{theme}, {width}: {found.generate_report()}"
            assert await patient.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
