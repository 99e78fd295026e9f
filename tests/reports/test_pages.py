"""Reports in a real browser: a file is handed in, appears, and is looked at in every way."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from telegut.accounts import sessions
from telegut.accounts.rules import Lifetime
from telegut.clock import utc_now
from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.reports import lab

pytestmark = pytest.mark.browser

PATIENCE_MS = 60_000


async def page_of(browser: Any, db: Database, server: str, who: Account) -> Any:
    """A page of *who*, signed in; closes with its context."""
    async with db.begin(build.BUILDER) as tx:
        lifetime = Lifetime(timedelta(hours=1), None)
        _, token = await sessions.issue(tx, who.id, "browser", lifetime, device="a test", now=utc_now())
    context = await browser.new_context(base_url=server, viewport={"width": 390, "height": 844})
    await context.add_cookies([{"name": "telegut", "value": token, "url": server}])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


async def hand_in(page: Any, patient: Account, data: bytes) -> None:
    await page.goto(f"/patients/{patient.id}/reports")
    await page.set_input_files("#report-file", {"name": "x.bin", "mimeType": "text/plain", "buffer": data})
    await page.click("text=Hand it in")


async def test_a_file_that_is_handed_in_appears_by_itself(
    browser: Any, db: Database, server: str, worker: None
) -> None:
    clinic = await build.clinic(db)
    page = await page_of(browser, db, server, clinic.patient)
    try:
        await page.goto(f"/patients/{clinic.patient.id}/reports")
        await page.fill("#collected_at", "2025-11-03")
        await page.set_input_files(
            "#report-file", {"name": "x.bin", "mimeType": "text/plain", "buffer": lab.kraken(lab.gut())}
        )
        await page.click("text=Hand it in")

        bar = page.locator("[data-result] .bar", has_text="Bacteroides")
        await bar.wait_for()
        assert "50.0 %" in await bar.inner_text()
        for words in ("Known, but not to genus", "Not recognised", "3 Nov 2025", "little proven use"):
            await page.locator("[data-result]", has_text=words).wait_for()
        await page.locator("[data-said]", has_text="Read.").wait_for()
        await page.locator("[data-so-far] [data-report][data-state=ready]", has_text="3 Nov 2025").wait_for()
    finally:
        await page.context.close()


async def test_the_same_numbers_as_a_table_and_a_search_over_everything(
    browser: Any, db: Database, server: str, worker: None
) -> None:
    clinic = await build.clinic(db)
    page = await page_of(browser, db, server, clinic.consultant)
    try:
        await hand_in(page, clinic.patient, lab.kraken(lab.gut()))
        await page.locator(".bar").first.wait_for()
        bars = await page.locator(".bar").evaluate_all(
            "bars => bars.map((one) => one.dataset.finding ?? one.querySelector('.bar-name').textContent.trim())"
        )
        await page.click("[data-as-table]")
        rows = await page.locator("[data-table] tbody th").all_inner_texts()
        assert bars == rows
        assert not await page.locator("[data-bars]").is_visible()

        await page.fill("[data-search]", "hominis a2")
        await page.locator("[data-search-found] li", has_text="Roseburia hominis A2-183").wait_for()
        await page.fill("[data-search]", "Akkermansia")
        await page.locator("[data-search-said]", has_text="Nothing of that name").wait_for()
        await page.click("[data-rows] summary")
        await page.select_option("[data-rows] select", "species")
        await page.locator("[data-rows] tbody th", has_text="Roseburia hominis").first.wait_for()
    finally:
        await page.context.close()


async def test_a_sample_is_chosen_and_its_report_appears(browser: Any, db: Database, server: str, worker: None) -> None:
    clinic = await build.clinic(db)
    page = await page_of(browser, db, server, clinic.patient)
    try:
        await hand_in(page, clinic.patient, lab.merged())
        await page.get_by_label("stool_1").check()
        await page.click("text=This is the sample")
        await page.locator(".bar", has_text="Roseburia").wait_for()
    finally:
        await page.context.close()


async def test_a_refused_file_says_why_and_that_it_is_kept(
    browser: Any, db: Database, server: str, worker: None
) -> None:
    clinic = await build.clinic(db)
    page = await page_of(browser, db, server, clinic.patient)
    try:
        await hand_in(page, clinic.patient, b"# Gene Family\tS1_Abundance-RPKs\nUNMAPPED\t5\n")
        await page.locator("[data-result]", has_text="gene families").wait_for()
        await page.locator("[data-result]", has_text="the file is kept as it came").wait_for()
        await page.locator("[data-said]", has_text="Could not be read.").wait_for()
        await page.locator("[data-so-far] [data-state=refused]").wait_for()
    finally:
        await page.context.close()


async def test_the_other_side_sees_it_arrive_without_a_reload(
    browser: Any, db: Database, server: str, worker: None
) -> None:
    clinic = await build.clinic(db)
    theirs = await page_of(browser, db, server, clinic.consultant)
    mine = await page_of(browser, db, server, clinic.patient)
    try:
        answer = await mine.request.post(
            f"/api/v1/patients/{clinic.patient.id}/reports",
            headers={**clinic.patient.bearer},
            multipart={
                "file": {"name": "m", "mimeType": "text/plain", "buffer": lab.merged()},
                "metadata": json.dumps({}),
            },
        )
        report = (await answer.json())["id"]
        await theirs.goto(f"/reports/{report}")
        await theirs.locator("[data-choose-sample]").wait_for()
        await mine.goto(f"/reports/{report}")
        await mine.get_by_label("stool_1").check()
        await mine.click("text=This is the sample")

        await theirs.locator(".bar", has_text="Bacteroides").wait_for()
    finally:
        await theirs.context.close()
        await mine.context.close()
