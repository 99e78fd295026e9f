"""The thread in real browsers: live, truthful, offline and back, by keyboard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from telegut.db.engine import Database
from telegut.settings import Settings
from tests.pages.threads import Scene, opened_scene, write

pytestmark = pytest.mark.browser


@pytest.fixture
async def scene(db: Database, settings: Settings, server: str, browser: Any) -> AsyncIterator[Scene]:
    """The patient's conversation behind a running server."""
    async with opened_scene(db, settings, server, browser) as made:
        yield made


async def test_two_people_write_and_see_each_other_type_arrive_and_read(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    nutritionist = await scene.open(scene.here.clinic.nutritionist)

    await nutritionist.locator("[data-text]").press_sequentially("How are the oats?")
    await expect(patient.locator("[data-typing]")).to_have_text("Jonas Lindqvist is writing …")
    await nutritionist.locator("[data-text]").press("Enter")

    await expect(patient.locator(".message-body")).to_have_text("How are the oats?")
    await expect(patient.locator("[data-typing]")).to_have_text("")
    await expect(nutritionist.locator(".message-state")).to_have_text("Read by Lena Hartmann")

    await write(patient, "Very good.", "The second line.")
    await expect(nutritionist.locator(".message-body").last).to_have_text("Very good.\nThe second line.")
    await expect(patient.locator(".message-state")).to_have_text("Read by Jonas Lindqvist")
    assert ["How are the oats?", "Very good.\nThe second line."] == await scene.messages()


async def test_what_is_written_offline_is_kept_and_sent_once_on_return(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    nutritionist = await scene.open(scene.here.clinic.nutritionist)
    await patient.context.set_offline(True)
    await expect(patient.locator("[data-state]").last).to_have_text("No connection. What you write is kept.")

    await write(patient, "Written in the cellar")
    await write(patient, "And on the stairs")
    await expect(patient.locator(".message-wish .message-state").first).to_have_text(
        re.compile("Kept on this device. It is sent as soon as you are connected.")
    )
    await write(nutritionist, "Meanwhile, upstairs")
    await expect(nutritionist.locator(".message:not(.message-wish)")).to_have_count(1)
    assert ["Meanwhile, upstairs"] == await scene.messages()
    await patient.context.set_offline(False)

    await expect(patient.locator(".message-wish")).to_have_count(0)
    await expect(patient.locator(".message")).to_have_count(3)
    await expect(nutritionist.locator(".message")).to_have_count(3)
    expected = ["Meanwhile, upstairs", "Written in the cellar", "And on the stairs"]
    assert expected == await scene.messages()
    assert expected == await patient.locator(".message-body").all_inner_texts()


async def test_a_message_is_changed_and_taken_back_in_sight_of_everybody(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    nutritionist = await scene.open(scene.here.clinic.nutritionist)
    await write(patient, "I like otas")

    await patient.locator(".message-menu > summary").click()
    await patient.get_by_role("button", name="Change it").click()
    await patient.get_by_label("Your message in other words").fill("I like oats")
    await patient.get_by_role("button", name="Save").click()
    await expect(nutritionist.locator(".message-row .message-body")).to_have_text("I like oats")
    await expect(nutritionist.locator(".message-history > summary")).to_have_text(re.compile("Edited"))
    await nutritionist.locator(".message-history > summary").click()
    await expect(nutritionist.locator(".message-before")).to_contain_text("I like otas")

    await patient.locator(".message-menu > summary").click()
    await patient.get_by_role("button", name="Take it back").click()
    await patient.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    await expect(nutritionist.locator(".message-gone")).to_have_text(re.compile("Taken back"))
    await expect(nutritionist.locator("body")).not_to_contain_text("I like")


async def test_what_is_new_is_divided_from_what_was_read(scene: Scene) -> None:
    clinic = scene.here.clinic
    messaging = scene.here.messaging
    await messaging.post(clinic.nutritionist.caller, scene.here.conversation, "1", "Read before")
    await messaging.read(clinic.patient.caller, scene.here.conversation, 5)
    await messaging.post(clinic.nutritionist.caller, scene.here.conversation, "2", "New today")

    patient = await scene.open(clinic.patient)

    order = await patient.locator(".thread-list > li").all_inner_texts()
    lines = [word for one in order for word in one.split("\n") if re.match("Read before|New since|New today", word)]
    assert [("Read before"), "New since", "New today"] == [re.sub("since .*", "since", one) for one in lines]
    await expect(patient.locator("[data-unread]").first).to_be_hidden()


async def test_the_inbox_shows_what_arrives_without_a_reload(scene: Scene) -> None:
    clinic = scene.here.clinic
    nutritionist = await scene.open(clinic.nutritionist)
    await nutritionist.goto("/messages")
    await expect(nutritionist.locator("[data-inbox]")).to_contain_text("Nobody is waiting for you.")
    await expect(nutritionist.locator("[data-feed]")).to_have_attribute("data-state", "live")

    await scene.here.messaging.post(clinic.patient.caller, scene.here.conversation, "1", "Are you there?")

    await expect(nutritionist.locator("[data-inbox]")).to_contain_text("Are you there?")
    await expect(nutritionist.locator("[data-inbox]")).to_contain_text("Answer by")
    await nutritionist.locator("[data-conversation]").press("Enter")
    await expect(nutritionist.locator(".message-body")).to_have_text("Are you there?")


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Hours in which somebody is always there, or, for the one test about that, never."""
    from dataclasses import replace

    hours = "" if "night" in request.node.name else "MO-SU 00:00-23:59"
    return replace(settings, staffed_hours=hours, emergency_numbers=("Emergency services: 112", "Crisis line: 116 123"))


async def test_at_night_a_patient_is_told_whom_to_call_before_they_write(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    nutritionist = await scene.open(scene.here.clinic.nutritionist)

    await expect(patient.locator("[data-outlook]")).to_contain_text("Nobody reads messages at this hour.")
    calls = patient.locator('[data-outlook] a[href^="tel:"]')
    assert ["tel:112", "tel:116123"] == [await one.get_attribute("href") for one in await calls.all()]
    await expect(nutritionist.locator("[data-outlook]")).to_be_empty()


async def test_at_night_the_promise_is_made_only_while_an_answer_is_owed(scene: Scene) -> None:
    clinic = scene.here.clinic
    await scene.here.messaging.post(clinic.nutritionist.caller, scene.here.conversation, "1", "Sleep well")
    patient = await scene.open(clinic.patient)
    told = patient.locator("[data-outlook]")

    await expect(told).to_have_text("If it cannot wait, call now: Emergency services: 112, Crisis line: 116 123")
    await write(patient, "I cannot sleep")
    await expect(told).to_contain_text("Nobody reads messages at this hour.")
    await scene.here.messaging.post(clinic.nutritionist.caller, scene.here.conversation, "2", "I am here")
    await expect(told).not_to_contain_text("Nobody reads")


async def test_an_answer_is_promised_from_when_the_waiting_began(scene: Scene) -> None:
    clinic = scene.here.clinic
    await scene.here.messaging.post(clinic.patient.caller, scene.here.conversation, "1", "Are oats good?")

    patient = await scene.open(clinic.patient)

    await expect(patient.locator("[data-outlook]")).to_contain_text("You get an answer by")
    await scene.here.messaging.post(clinic.nutritionist.caller, scene.here.conversation, "2", "Very.")
    await expect(patient.locator("[data-outlook]")).to_contain_text("If you write now, you get an answer by")


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("words", ["Short", "A long one. " * 20])
async def test_the_menu_of_the_newest_message_is_in_sight(scene: Scene, size: tuple[int, int], words: str) -> None:
    for n in range(12):
        await scene.here.messaging.post(scene.here.clinic.patient.caller, scene.here.conversation, str(n), words)
    patient = await scene.open(scene.here.clinic.patient)
    await patient.set_viewport_size({"width": size[0], "height": size[1]})

    await patient.locator(".message-menu > summary").last.click()

    for name in ("Change it", "Take it back"):
        button = patient.locator(".message-menu[open]").get_by_role("button", name=name)
        await expect(button).to_be_in_viewport(ratio=1)
        await button.click(trial=True)


async def test_in_the_box_for_other_words_enter_saves_and_escape_leaves(scene: Scene) -> None:
    patient = await scene.open(scene.here.clinic.patient)
    await write(patient, "I like otas")
    box = patient.get_by_label("Your message in other words")

    await patient.locator(".message-menu > summary").click()
    await patient.get_by_role("button", name="Change it").click()
    await box.press("Escape")
    await expect(box).to_have_count(0)
    await patient.locator(".message-menu > summary").click()
    await patient.get_by_role("button", name="Change it").click()
    await box.fill("I like oats")
    await box.press("Shift+Enter")
    await box.press_sequentially("a lot")
    await box.press("Enter")

    await expect(patient.locator(".message-row .message-body")).to_have_text("I like oats\na lot")
