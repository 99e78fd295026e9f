"""People in a visit, in real browsers: by keyboard alone, by a screen reader's tree, guests, hands, an interpreter."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, CDPSession, Page, expect

from telegut.db.engine import Database
from tests import build
from tests.pages.calls import (
    AMARA,
    LENA,
    PATIENCE_MS,
    PHONE,
    admits,
    browser,
    gets_ready,
    is_in_the_room,
    is_kind_to_everybody,
    link,
    meet,
    sees_and_hears,
    somebody,
    until,
)
from tests.rooms.visits import agree, at

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.long]


async def tabs_to(page: Page, name: str) -> None:
    """Press Tab until something called *name* has the focus."""
    found: list[str] = []
    for _ in range(80):
        await page.keyboard.press("Tab")
        words = await page.evaluate(
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText ?? ''"
        )
        words = " ".join(words.split())
        if words.startswith(name):
            return
        found.append(words[:40])
    raise AssertionError(f"the keyboard does not reach {name}: {found}")


async def test_with_only_a_keyboard_one_joins_is_admitted_speaks_and_leaves(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as guest:
            await is_in_the_room(host)
            await expect(guest.get_by_role("button", name="I'm ready")).to_be_visible(timeout=PATIENCE_MS)
            await tabs_to(guest, "I'm ready")
            await guest.keyboard.press("Enter")
            await expect(host.locator("#strip")).to_contain_text(LENA, timeout=PATIENCE_MS)
            await host.keyboard.press("a")  # admits who waits longest
            await asyncio.gather(is_in_the_room(guest), is_in_the_room(host))
            assert "stage" == await guest.evaluate("document.activeElement.id")

            mic = guest.locator("[data-mic]")
            await guest.keyboard.press("m")
            await expect(mic).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
            await guest.keyboard.down(" ")
            await expect(mic).to_have_attribute(
                "aria-pressed", "false", timeout=PATIENCE_MS
            )  # speaks while the bar is held
            await guest.keyboard.up(" ")
            await expect(mic).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)
            await tabs_to(guest, "Unmute")  # the letters can be switched off
            await guest.keyboard.press("Enter")
            await expect(mic).to_have_attribute("aria-pressed", "false", timeout=PATIENCE_MS)
            await guest.keyboard.press("Enter")
            await expect(mic).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)

            await guest.keyboard.down(" ")  # held on the button itself, it is no press of it
            await expect(mic).to_have_attribute("aria-pressed", "false", timeout=PATIENCE_MS)
            await asyncio.sleep(0.5)  # longer than a tap
            await guest.keyboard.up(" ")
            await expect(mic).to_have_attribute("aria-pressed", "true", timeout=PATIENCE_MS)

            await guest.keyboard.press("h")
            await expect(host.locator("[data-hand-mark]")).to_contain_text(f"{LENA} raises a hand", timeout=PATIENCE_MS)
            await tabs_to(host, f"Lower the hand of {LENA}")
            await host.keyboard.press("Enter")
            await expect(guest.locator("[data-hand]")).to_have_attribute("aria-pressed", "false", timeout=PATIENCE_MS)

            await guest.keyboard.press("?")
            await expect(guest.get_by_role("dialog", name="Keys in the call")).to_contain_text(
                "Speak while you are muted", timeout=PATIENCE_MS
            )
            await is_kind_to_everybody(guest)
            await guest.keyboard.press("Escape")
            await expect(guest.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE_MS)
            await guest.keyboard.press("l")
            await expect(guest.get_by_role("dialog", name="Leave the visit?")).to_be_visible(timeout=PATIENCE_MS)
            await tabs_to(guest, "Leave")
            await guest.keyboard.press("Enter")
            await expect(guest.locator("#next")).to_contain_text("You have left", timeout=PATIENCE_MS)
            await expect(host.locator("[data-tile]")).to_have_count(0, timeout=PATIENCE_MS)


class Reader:
    """What a screen reader is told: Chromium's accessibility tree, and nothing else of the page."""

    def __init__(self, line: CDPSession) -> None:
        self.line = line

    async def nodes(self) -> list[dict[str, Any]]:
        """Everything that is not ignored."""
        tree = await self.line.send("Accessibility.getFullAXTree")
        return [node for node in tree["nodes"] if not node.get("ignored")]

    async def finds(self, role: str, name: str) -> dict[str, Any]:
        """Wait for a node of *role* whose name begins with *name*."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while True:
                for node in await self.nodes():
                    told = str(node.get("name", {}).get("value", ""))
                    if node.get("role", {}).get("value") == role and told.startswith(name):
                        return node
                await asyncio.sleep(0.2)

    async def presses(self, role: str, name: str) -> None:
        """Do the default action of a node, as a screen reader does."""
        node = await self.finds(role, name)
        found = await self.line.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})
        told = {"objectId": found["object"]["objectId"], "functionDeclaration": "function() { this.click(); }"}
        await self.line.send("Runtime.callFunctionOn", told)


LISTEN = """
(() => {
  window.said = [];
  const hears = (place) => new MutationObserver(() => place.textContent && window.said.push(place.textContent))
    .observe(place, { childList: true, characterData: true, subtree: true });
  for (const id of ["announce", "announce-now"]) hears(document.getElementById(id));
})()
"""
"""What is read out by itself is kept: another sentence may follow at once."""


async def reader(page: Page) -> Reader:
    """A screen reader at *page*."""
    line = await page.context.new_cdp_session(page)
    await line.send("Accessibility.enable")
    return Reader(line)


async def test_by_the_accessibility_tree_one_joins_is_admitted_mutes_and_leaves(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as guest:
            await is_in_the_room(host)
            desk, phone = await reader(host), await reader(guest)
            await guest.evaluate(LISTEN)
            await phone.finds("heading", "Your visit with")
            await phone.presses("button", "I'm ready")
            await phone.finds("button", "Leave the waiting room")
            await desk.presses("button", f"Admit {LENA}")
            await phone.finds("group", "Call")
            await until(guest, "window.said.includes('You are in the room.')")  # wherever the reader is
            await phone.finds("Video", f"Picture of {AMARA}")
            await phone.presses("button", "Mute")
            unmute = await phone.finds("button", "Unmute")
            pressed = {one["name"]: one["value"]["value"] for one in unmute["properties"]}
            assert "true" == str(pressed["pressed"]).lower()
            await phone.presses("button", "Raise hand")
            await phone.finds("button", "Lower hand")
            await phone.presses("button", "Leave")
            await phone.finds("dialog", "Leave the visit?")
            for node in await phone.nodes():
                if node.get("role", {}).get("value") in {"button", "textbox", "combobox", "slider", "link"}:
                    assert node.get("name", {}).get("value"), node  # nothing to press is without a name
            await phone.presses("button", "Leave")  # of the question: what is behind it is not in the tree
            await phone.finds("button", "Ask to come in again")


async def test_a_student_by_link_is_asked_about_on_the_patients_own_screen(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine, size=PHONE) as guest:
            await meet(host, guest)
            await host.get_by_role("button", name="People").click()
            people = host.get_by_role("dialog", name="Who is in this visit")
            await people.get_by_label("Name, as everybody sees it").fill("Tom Brennan")
            await people.get_by_label("They are here as").select_option("student")
            await people.get_by_role("button", name="Make the link").click()
            made = await people.locator("[data-made]").text_content()
            assert made is not None
            await is_kind_to_everybody(host)
            await people.get_by_role("button", name="Close").click()

            async with somebody(browser, made) as student:
                await expect(student.get_by_role("heading", name="You are a guest in this visit")).to_be_visible(
                    timeout=PATIENCE_MS
                )
                await gets_ready(student)
                await expect(host.locator("#strip")).to_contain_text("The patient is asked first.", timeout=PATIENCE_MS)
                await expect(guest.locator("#asked")).to_contain_text(
                    "May Tom Brennan, a student, be there", timeout=PATIENCE_MS
                )
                await is_kind_to_everybody(guest)
                await guest.get_by_role("button", name="Yes, they may").click()
                await admits(host, "Tom Brennan")
                await is_in_the_room(student)
                await expect(student.get_by_role("tab")).to_have_count(0, timeout=PATIENCE_MS)
                await expect(guest.locator(".tile-name", has_text="student, here to learn")).to_be_visible(
                    timeout=PATIENCE_MS
                )

                await guest.get_by_role("button", name="I would rather not any more").click()
                await expect(student.locator("#stage")).to_be_hidden(timeout=PATIENCE_MS)
                await until(student, "window.connections.every((one) => one.connectionState === 'closed')")


async def test_while_an_interpreter_speaks_the_others_are_quieter_and_whoever_is_sent_out_stays_out(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        body = {"name": "Ines Duarte", "role": "interpreter"}
        path = f"{here.url}/api/v1/visits/{visit.id}/guests"
        async with here.session.post(path, json=body, headers=visit.consultant.bearer) as answer:
            theirs = here.url + (await answer.json())["url"]
        hosts, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, hosts) as host, somebody(browser, mine) as guest:
            await is_in_the_room(host)
            await gets_ready(guest)
            await admits(host, LENA)
            await asyncio.gather(is_in_the_room(guest), sees_and_hears(guest))
            async with somebody(browser, theirs) as interpreter:
                await gets_ready(interpreter)
                await admits(host, "Ines Duarte")
                await is_in_the_room(interpreter)
                # The fake microphone beeps: the patient hears Amara quieter while it does, and Ines as loud as chosen.
                of = f"document.querySelector('[data-tile=\"{visit.consultant.id}\"] video').volume"
                await until(guest, f"{of} < 0.5")
                await guest.get_by_role("slider", name="Volume of the interpreter").fill("60")
                told = '[data-role="interpreter"] video'
                await until(guest, f"document.querySelector('{told}').volume === 0.6")
                first = "getComputedStyle(document.querySelector('[data-role=\"interpreter\"]')).order"
                assert "-1" == await guest.evaluate(first)

                await host.get_by_role("button", name="People").click()
                people = host.get_by_role("dialog", name="Who is in this visit")
                await people.get_by_role("button", name=f"Back to the waiting room {LENA}").click()
                await expect(guest.locator("#lobby")).to_be_visible(timeout=PATIENCE_MS)
                await people.get_by_role("button", name=f"Send out {LENA}").click()
                await (
                    host.get_by_role("dialog", name=f"Send {LENA} out?").get_by_role("button", name="Send out").click()
                )
                await expect(guest.get_by_role("heading", name="You are not in this visit any more")).to_be_visible(
                    timeout=PATIENCE_MS
                )
                await guest.goto(mine)
                await expect(guest.get_by_role("heading", name="You are not in this visit any more")).to_be_visible(
                    timeout=PATIENCE_MS
                )
                await is_kind_to_everybody(guest)
