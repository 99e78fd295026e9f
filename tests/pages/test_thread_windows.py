"""The windows of a thread: search, saved replies, messages for later, topics, side threads; each kind to everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import expect

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.messaging import log
from telegut.messaging.log import NewEntry
from telegut.messaging.rules import EntryType
from telegut.settings import Settings
from tests import build
from tests.messaging.uploads.files import GPS, picture
from tests.pages.threads import Scene, opened_scene

pytestmark = pytest.mark.browser

SIZES = {390: 844, 1280: 800}


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def _kind(page: Any) -> None:
    """Nothing for axe and no sideways scrolling, in both themes and widths."""
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)
        for width, height in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            found = await Axe().run(page)
            assert found.violations_count == 0, f"{theme}, {width}: {found.generate_report()}"
            assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


async def test_words_are_found_by_keyboard_and_gone_to(scene: Scene) -> None:
    here, clinic = scene.here, scene.here.clinic
    words = ["The yoghurt tasted sour", *(f"Message {n}" for n in range(30))]
    async with scene.db.begin(build.BUILDER) as tx:
        head = await log.lock(tx, here.conversation)
        said = [
            NewEntry(type=EntryType.SENT, sender=clinic.patient.id, client_id=str(n), body=body)
            for n, body in enumerate(words)
        ]
        await log.append(tx, build.VAULT, head, said, utc_now())
    patient = await scene.open(clinic.patient)
    message = patient.locator(".message", has_text="The yoghurt tasted sour")
    await expect(message).not_to_be_in_viewport()

    await patient.get_by_role("button", name="Search", exact=True).press("Enter")
    await expect(patient.get_by_label("Words to look for")).to_be_focused()
    await patient.keyboard.type("yogh")
    await patient.keyboard.press("Enter")
    hit = patient.locator(".search-hit")
    await expect(hit.locator("mark")).to_have_text("yoghurt")
    await hit.press("Enter")

    await expect(patient.get_by_role("dialog")).to_have_count(0)
    await expect(message).to_be_in_viewport()
    await expect(message).to_be_focused()


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.long
async def test_a_photo_from_a_phone_is_served_without_its_place(scene: Scene, worker: None) -> None:
    patient = await scene.open(scene.here.clinic.patient, **PHONE)
    camera = patient.get_by_role("button", name="Take a photo")
    async with patient.expect_file_chooser() as choosing:
        await camera.click()
    chooser = await choosing.value
    assert "environment" == await chooser.element.get_attribute("capture")
    taken = picture(size=(600, 400))
    assert Image.open(BytesIO(taken)).getexif().get_ifd(GPS)
    await chooser.set_files({"name": "rash.jpg", "mimeType": "image/jpeg", "buffer": taken})
    await expect(patient.locator('.tray-row[data-stage="ready"]')).to_contain_text("Ready to send")
    await patient.locator("[data-send]").click()
    await expect(patient.get_by_role("button", name="Photo rash.jpg")).to_be_visible()

    (sent,) = await scene.here.messages()
    answer = await patient.request.get(f"/api/v1/uploads/{sent['attachments'][0]['id']}")
    served = Image.open(BytesIO(await answer.body()))
    assert ((600, 400), {}) == (served.size, dict(served.getexif()))


REFUSE_URGENT = """
    () => {
        const put = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
            const frame = JSON.parse(text);
            if (frame.type !== "send" || window.asked) return put.call(this, text);
            window.asked = true;
            const helplines = [{label: "Ambulance", number: "112", dialled: "112"}];
            const problem = {status: 422, code: "urgent_unconfirmed", title: "Call", detail: "Call now.", helplines};
            const data = JSON.stringify({type: "refused", client_id: frame.client_id, problem});
            this.onmessage(new MessageEvent("message", {data}));
        };
    }
"""
"""The server asks first, once."""


@pytest.mark.long
async def test_numbers_that_the_server_names_are_one_press_away(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient, **PHONE)
    await patient.evaluate(REFUSE_URGENT)
    await patient.locator("[data-text]").fill("I feel very bad")
    await patient.locator("[data-send]").click()
    failed = patient.locator(".message-failed")
    await expect(failed.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
    await _kind(patient)
    await failed.get_by_role("button", name="Nobody is in danger").click()
    asked = patient.get_by_role("dialog", name="Is somebody in danger?")
    await expect(asked.get_by_role("link", name="112")).to_be_visible()
    await asked.get_by_role("button", name="Nobody is in danger").click()
    await expect(patient.locator(".message-wish")).to_have_count(0)
    assert ["I feel very bad"] == await scene.messages()


@pytest.mark.long
async def test_a_saved_reply_is_written_chosen_and_its_gap_is_asked_about(scene: Scene) -> None:
    nutritionist = await scene.open(scene.here.clinic.nutritionist)
    add = nutritionist.get_by_text("More for this message").locator("xpath=ancestor::summary")
    await add.click()
    await nutritionist.get_by_role("button", name="Saved replies").click()
    window = nutritionist.get_by_role("dialog", name="Saved replies")
    await window.get_by_role("button", name="Save a new one").click()
    await nutritionist.get_by_label("Title").fill("Before the visit")
    await nutritionist.get_by_label("Words", exact=True).fill("Hello {first_name}, see you {visit_time}.")
    await _kind(nutritionist)
    await nutritionist.get_by_role("button", name="Save", exact=True).click()
    await expect(window.locator(".reply-choose")).to_have_count(1)
    await _kind(nutritionist)
    await window.locator(".reply-choose").click()

    box = nutritionist.locator("[data-text]")
    first = scene.here.clinic.patient.name.split()[0]
    await expect(box).to_have_value(f"Hello {first}, see you {{visit_time}}.")
    await expect(nutritionist.locator("[data-gaps] mark")).to_have_text("{visit_time}")
    assert "{visit_time}" == await box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    await nutritionist.locator("[data-send]").click()
    asked = nutritionist.get_by_role("dialog", name="A gap is not filled in yet")
    await asked.get_by_role("button", name="Fill it in").click()
    assert [] == await scene.messages()
    await nutritionist.locator("[data-gaps] button").click()
    await nutritionist.keyboard.type("on Tuesday")
    await expect(nutritionist.locator("[data-gaps]")).to_be_hidden()
    await nutritionist.locator("[data-send]").click()
    await expect(nutritionist.locator(".message:not(.message-wish)")).to_have_count(1)
    assert [f"Hello {first}, see you on Tuesday."] == await scene.messages()


@pytest.mark.long
async def test_a_message_for_later_waits_is_changed_and_is_not_sent_after_all(scene: Scene) -> None:
    nutritionist = await scene.open(scene.here.clinic.nutritionist)
    await nutritionist.locator("[data-text]").fill("Good morning")
    await nutritionist.get_by_text("More for this message").locator("xpath=ancestor::summary").click()
    await nutritionist.get_by_role("button", name="Send it later").click()
    window = nutritionist.get_by_role("dialog", name="Send it later")
    await window.get_by_label("Time in").fill("23:00")
    await expect(window.locator(".later-quiet")).to_contain_text("A morning may be kinder.")
    await _kind(nutritionist)
    await window.get_by_label("Time in").fill("12:00")
    await expect(window.locator(".later-quiet")).to_have_count(0)
    await window.get_by_role("button", name="Send it then").click()
    await expect(nutritionist.locator("[data-text]")).to_have_value("")

    await nutritionist.reload()
    await nutritionist.locator("[data-waiting]").get_by_role("button", name="Look at it").click()
    window = nutritionist.get_by_role("dialog")
    await window.get_by_role("button", name="Change it").click()
    await window.get_by_label("Words").fill("Good morning, Lena")
    await window.get_by_role("button", name="Save").click()
    await expect(window.locator(".later-words")).to_have_text("Good morning, Lena")
    await _kind(nutritionist)
    await window.get_by_role("button", name="Do not send it").click()
    asked = nutritionist.get_by_role("dialog", name="Do not send this message?")
    await asked.get_by_role("button", name="Do not send it").click()
    await expect(window).to_contain_text("Nothing waits to be sent.")
    await expect(nutritionist.locator("[data-waiting]")).to_be_hidden()


@pytest.mark.long
async def test_a_side_thread_says_at_every_place_whose_it_is(scene: Scene) -> None:
    clinic = scene.here.clinic
    nutritionist = await scene.open(clinic.nutritionist)
    await nutritionist.get_by_role("button", name="Threads").click()
    await nutritionist.get_by_role("button", name="Open a side thread of the care team").click()
    await _kind(nutritionist)
    await nutritionist.get_by_label("What is it about?").fill("A worry")
    await nutritionist.get_by_role("button", name="Open it for the team").click()

    await expect(nutritionist.locator(".thread-team")).to_contain_text("Only the care team sees this.")
    await expect(nutritionist.locator(".thread-to")).to_contain_text("Only the care team sees this")
    await expect(nutritionist.get_by_role("button", name="Send to the team")).to_be_visible()
    ground = "one => getComputedStyle(one).backgroundColor"
    side = await nutritionist.locator("[data-compose]").evaluate(ground)
    await _kind(nutritionist)
    await nutritionist.goto(f"/messages/{scene.here.conversation}")
    assert side != await nutritionist.locator("[data-compose]").evaluate(ground)
    patient = await scene.open(clinic.patient)
    await patient.get_by_role("button", name="Threads").click()
    await expect(patient.locator(".thread-row")).to_have_count(1)
    await expect(patient.get_by_role("button", name="side thread")).to_have_count(0)
    await patient.get_by_role("button", name="Open a topic").click()
    await patient.get_by_label("What is it about?").fill("Recipes")
    await patient.get_by_role("button", name="Open it", exact=True).click()
    await expect(patient.get_by_role("heading", name="Recipes")).to_be_visible()
