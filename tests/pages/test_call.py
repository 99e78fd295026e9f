"""Two people in one call, in real browsers: let in, seen, heard, back after every kind of loss."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from telegut.db.engine import Database
from telegut.rooms.socket import SWITCHBOARD
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
from tests.reports import lab
from tests.rooms.visits import At, agree, at, outcome_of

__all__ = ["browser"]
pytestmark = pytest.mark.browser

ELSEWHERE = "You are in this visit on another device."


def cut_line(app: web.Application, account: UUID) -> None:
    """The server loses the line to somebody, as when a proxy in between breaks."""
    for table in app[SWITCHBOARD]._tables.values():
        table.members[account].end(1012, b"cut")


async def test_a_visit_from_the_link_to_its_end(house: TestServer, db: Database, browser: Browser) -> None:
    """The whole way: check, ready, admitted, seen and heard, reload, a cut line, the end for both."""
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine, size=PHONE) as guest:
            await is_in_the_room(host)
            await expect(guest.get_by_role("heading", name=f"Your visit with {AMARA}")).to_be_visible()
            await gets_ready(guest)
            await expect(host.locator("#strip")).to_contain_text(LENA)
            await expect(guest.locator("#next")).to_contain_text(f"{AMARA} sees that you are waiting")
            await admits(host, LENA)
            await asyncio.gather(is_in_the_room(guest), sees_and_hears(host), sees_and_hears(guest))

            await expect(host.locator("#strip")).to_be_hidden()
            await expect(guest.locator(".tile-name", has_text=AMARA)).to_be_visible()
            await expect(host.locator("[data-quality]")).to_contain_text("excellent", timeout=PATIENCE_MS)
            for page in (host, guest):
                await is_kind_to_everybody(page)

            await guest.reload()
            await is_in_the_room(guest)
            await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))

            sockets = await guest.evaluate("window.sockets.length")
            connections = await guest.evaluate("window.connections.length")
            cut_line(house.app, visit.patient.id)
            await until(guest, f"window.sockets.length > {sockets}")
            await asyncio.gather(sees_and_hears(host), sees_and_hears(guest))
            assert await guest.evaluate("window.connections.length") == connections  # the same one carried on

            await host.get_by_role("button", name="End visit").click()
            await host.get_by_role("dialog").get_by_role("button", name="End visit").click()
            await expect(guest.get_by_role("heading", name="is over")).to_be_visible()
            await expect(host.get_by_role("heading", name="is over")).to_be_visible()

        assert ("completed", "attended") == await outcome_of(db, visit)


@pytest.mark.long
async def test_what_the_host_shows_is_followed_until_the_other_side_chooses(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as guest:
            await meet(host, guest)
            await expect(guest.get_by_role("tab", name="Report")).to_have_attribute("aria-selected", "true")
            await expect(guest.locator('[data-panel="report"]')).to_be_visible(timeout=PATIENCE_MS)

            await host.get_by_role("tab", name="Plan").click()
            await expect(host.locator('[data-panel="plan"]')).to_be_visible(timeout=PATIENCE_MS)
            await host.get_by_role("button", name="Show this").click()
            await expect(guest.locator('[data-panel="plan"]')).to_be_visible(timeout=PATIENCE_MS)
            await expect(guest.locator("[data-follow-words]")).to_have_text(f"Following {AMARA}'s view")
            await expect(host.locator("[data-follow-words]")).to_have_text("The others see: Plan")
            await host.get_by_role("tab", name="Chat").click()
            await expect(host.locator("[data-follow-words]")).to_have_text("The others see: Plan")

            await guest.get_by_role("tab", name="Chat").click()
            await expect(guest.locator('[data-panel="thread"]')).to_be_visible(timeout=PATIENCE_MS)
            await expect(guest.locator("[data-follow-words]")).to_have_text(f"{AMARA} shows something else.")
            await guest.get_by_role("button", name="Follow").click()
            await expect(guest.locator('[data-panel="plan"]')).to_be_visible(timeout=PATIENCE_MS)

            await host.reload()
            await is_in_the_room(host)
            await expect(host.get_by_role("tab", name="Chat")).to_have_attribute("aria-selected", "true")
            await expect(host.locator("[data-follow-words]")).to_have_text("The others see: Plan")
            await host.get_by_role("button", name="Stop", exact=True).click()
            await expect(host.locator("[data-follow]")).to_be_hidden()
            await expect(guest.locator("[data-follow-words]")).to_have_text("What your care team points at opens here.")

            divider = host.get_by_role("separator", name="Width of the video")
            await divider.focus()
            await host.keyboard.press("ArrowLeft")
            await expect(divider).to_have_attribute("aria-valuetext", "Video half")


@pytest.mark.long
async def test_the_report_that_is_shown_changes_for_both(house: TestServer, db: Database, browser: Browser) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        reports = [await hands_in(here, visit.patient, visit.consultant, rows) for rows in (lab.STOOL, lab.STOOL[:-1])]
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine) as guest:
            await meet(host, guest)
            await expect(host.locator("[data-follow-words]")).to_have_text(
                "Only you see this now.", timeout=PATIENCE_MS
            )
            await host.get_by_role("button", name="Show this").click()
            await expect(host.locator("[data-follow-words]")).to_have_text("The others see: Report")
            for report in reports:
                await host.get_by_label("Which report").select_option(report)
                for page in (host, guest):
                    panel = page.locator('[data-panel="report"]')
                    await expect(panel).to_have_attribute("data-report", report, timeout=PATIENCE_MS)
                await expect(host.locator("[data-follow-words]")).to_have_text("The others see: Report")
                await expect(guest.locator("[data-follow-words]")).to_have_text(f"Following {AMARA}'s view")


async def hands_in(here: At, patient: build.Account, who: build.Account, rows: Sequence[tuple[str, str, float]]) -> str:
    """Hand in a laboratory's file about *patient*; gives the report's id."""
    form = FormData()
    form.add_field("file", lab.metaphlan_4(rows), filename="profile.txt", content_type="text/plain")
    form.add_field("metadata", "{}")
    path = f"{here.url}/api/v1/patients/{patient.id}/reports"
    async with here.session.post(path, data=form, headers=who.bearer) as answer:
        return str((await answer.json())["id"])


async def test_admit_on_the_day_leads_in_and_lets_in(house: TestServer, db: Database, browser: Browser) -> None:
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, mine, size=PHONE) as guest:
            await gets_ready(guest)
            await expect(guest.get_by_role("button", name="Leave the waiting room")).to_be_visible(timeout=PATIENCE_MS)
            async with somebody(browser, f"{theirs}#admit={visit.patient.id}") as host:
                await asyncio.gather(is_in_the_room(host), is_in_the_room(guest))
                assert "#" not in host.url


async def test_before_the_room_opens_no_camera_is_switched_on_unasked(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db, starts_in=timedelta(days=3))
    async with at(str(house.make_url("")).rstrip("/")) as here:
        mine = await link(here, visit.patient, visit)
        async with somebody(browser, mine, size=PHONE) as guest:
            check = guest.get_by_role("button", name="Check my camera and sound")
            await expect(check).to_be_in_viewport(ratio=1)
            await expect(guest.locator("#check")).to_have_attribute("data-started", "false")
            await is_kind_to_everybody(guest)
            await check.click()
            await expect(guest.locator("#check")).to_have_attribute("data-started", "true", timeout=PATIENCE_MS)


@pytest.mark.long
async def test_without_camera_and_microphone_one_can_still_come_in(
    house: TestServer, db: Database, browser: Browser
) -> None:
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        theirs, mine = await link(here, visit.consultant, visit), await link(here, visit.patient, visit)
        async with somebody(browser, theirs) as host, somebody(browser, mine, size=PHONE, devices=False) as guest:
            await is_in_the_room(host)
            await guest.get_by_role("button", name="Check my camera and sound").click()
            await expect(guest.get_by_role("alert").first).to_contain_text("Your browser does not let us use")
            await is_kind_to_everybody(guest)
            await gets_ready(guest)
            await admits(host, LENA)
            await is_in_the_room(guest)
            await sees_and_hears(guest)
            await expect(host.locator("#stage .tile-note")).to_have_text(f"{LENA} has camera and microphone off")


@pytest.mark.long
async def test_a_second_device_asks_before_it_takes_the_seat(house: TestServer, db: Database, browser: Browser) -> None:
    visit = await agree(db)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        mine = await link(here, visit.patient, visit)
        async with somebody(browser, mine) as first:
            await gets_ready(first)
            await expect(first.locator("#next")).to_contain_text("you come in by yourself", timeout=PATIENCE_MS)
            async with somebody(browser, mine, size=PHONE) as second:
                await expect(second.locator("#next")).to_contain_text(ELSEWHERE, timeout=PATIENCE_MS)
                await second.get_by_role("button", name="Move it here").click()
                await expect(first.locator("#next")).to_contain_text(ELSEWHERE, timeout=PATIENCE_MS)
                await expect(second.get_by_role("button", name="Leave the waiting room")).to_be_visible()


@pytest.mark.long
async def test_a_joint_visit_connects_everybody_with_everybody(
    house: TestServer, db: Database, browser: Browser
) -> None:
    consultant = await build.person(db, "consultant", AMARA)
    nutritionist = await build.person(db, "nutritionist", "Jonas Lindqvist")
    visit = await agree(db, None, consultant, nutritionist)
    async with at(str(house.make_url("")).rstrip("/")) as here:
        links = [await link(here, who, visit) for who in (consultant, nutritionist, visit.patient)]
        async with (
            somebody(browser, links[0]) as first,
            somebody(browser, links[1]) as second,
            somebody(browser, links[2], size=PHONE) as guest,
        ):
            await asyncio.gather(is_in_the_room(first), is_in_the_room(second))
            await gets_ready(guest)
            await admits(second, LENA)
            await expect(first.locator("#strip")).to_be_hidden(timeout=PATIENCE_MS)
            await is_in_the_room(guest)
            await asyncio.gather(*(sees_and_hears(page, connections=2) for page in (first, second, guest)))
