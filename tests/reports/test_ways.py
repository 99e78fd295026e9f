"""Ways of a report through a real browser on a phone: explained, typed, signed, given to research, ordered."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from telegut.db.engine import Database
from tests import build
from tests.build import Account, Clinic
from tests.reports import lab, own_tables
from tests.reports.orders.test_orders import PROTOCOL
from tests.reports.test_pages import page_of

pytestmark = [pytest.mark.browser, pytest.mark.long]

Signed = Callable[[Account], Awaitable[Any]]


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


@pytest.fixture
async def signed_in(browser: Any, db: Database, server: str, worker: None) -> AsyncIterator[Signed]:
    """A page of somebody; all of them close with the test."""
    async with AsyncExitStack() as stack:

        async def opened(who: Account) -> Any:
            page = await page_of(browser, db, server, who)
            stack.push_async_callback(page.context.close)
            return page

        yield opened


async def fine(page: Any) -> None:
    """Axe has nothing to say, and nothing is wider than the phone."""
    found = await Axe().run(page)
    assert 0 == found.violations_count, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


async def handed_in(page: Any, who: Account, patient: Account, data: bytes, state: str) -> str:
    """The id of a report whose files are *data*, once it is in *state*."""
    answer = await page.request.post(
        f"/api/v1/patients/{patient.id}/reports",
        headers={**who.bearer},
        multipart={"file": {"name": "x", "mimeType": "text/plain", "buffer": data}, "metadata": json.dumps({})},
    )
    report = str((await answer.json())["id"])
    await page.goto(f"/reports/{report}")
    await page.locator(f'[data-panel="report"][data-state="{state}"]').wait_for()
    return report


async def test_a_table_is_explained_and_the_next_one_by_the_profile_that_was_kept(
    signed_in: Signed, clinic: Clinic
) -> None:
    page = await signed_in(clinic.nutritionist)
    await handed_in(page, clinic.nutritionist, clinic.patient, own_tables.GERMAN, "refused")
    await page.click("text=Say what the columns mean")
    await page.locator("[data-preview] tbody tr", has_text="Bacteroides uniformis").wait_for()
    await fine(page)
    await page.select_option("#columns-value", "")
    await page.locator("[data-preview-said]", has_text="amounts").wait_for()
    await page.select_option("#columns-value", "Anteil (%)")
    await page.locator("[data-preview] tbody tr", has_text="45.5 %").wait_for()
    await page.fill("#laboratory", "Labor Beispiel")
    await page.click("text=Yes, read it so")
    await page.locator('[data-panel="report"][data-state="ready"]', has_text="Bacteroides").wait_for()
    await fine(page)

    await handed_in(page, clinic.nutritionist, clinic.patient, own_tables.GERMAN, "refused")
    await page.click("text=Say what the columns mean")
    await page.click("[data-take]")
    await page.locator("[data-preview] tbody tr", has_text="45.5 %").wait_for()
    assert "Labor Beispiel" == await page.input_value("#laboratory")
    await page.click("text=Yes, read it so")
    await page.locator('[data-panel="report"][data-state="ready"]', has_text="Labor Beispiel, version 1").wait_for()


async def test_a_document_is_typed_and_compared_by_somebody_else(signed_in: Signed, clinic: Clinic) -> None:
    page, second = await signed_in(clinic.consultant), await signed_in(clinic.nutritionist)
    report = await handed_in(page, clinic.patient, clinic.patient, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "refused")
    await page.click("text=Type what stands in it")
    for at, (name, rank, percent) in enumerate(
        [("Bacteroides", "genus", "31,5"), ("Dorea longicatena", "species", "")]
    ):
        line = page.locator("[data-line]").nth(at)
        await line.locator("[name=name]").fill(name)
        await line.locator("[name=rank]").select_option(rank)
        await line.locator("[name=percent]").fill(percent)
    await page.locator("[data-sum]", has_text="Genera together: 31.5 %").wait_for()
    await page.click("text=Keep it, typed by me")
    await page.locator("[data-said]", has_text="Every line needs a name").wait_for()
    assert "Percent, line 2" == await page.evaluate("document.activeElement.getAttribute('aria-label')")
    await fine(page)
    await page.keyboard.type("2")
    await page.click("text=Keep it, typed by me")
    shown = page.locator('[data-panel="report"][data-state="ready"]')
    await shown.locator("text=typed by hand").first.wait_for()
    await fine(page)

    await second.goto(f"/reports/{report}/typing")
    await second.click("text=It is what stands in the document")
    await second.locator("[data-look-said]", has_text="you compared it").wait_for()
    await fine(second)


async def test_a_signature_appears_on_pages_that_are_open(signed_in: Signed, clinic: Clinic) -> None:
    page, theirs, listed = [await signed_in(who) for who in (clinic.consultant, clinic.patient, clinic.nutritionist)]
    report = await handed_in(page, clinic.patient, clinic.patient, lab.metaphlan_4(), "ready")
    await theirs.goto(f"/reports/{report}")
    await theirs.locator("[data-interpreted]", has_text="not signed yet").wait_for(state="attached")
    await listed.goto(f"/reports/{report}/versions")
    await listed.locator("[data-sign]").wait_for()
    for other in (theirs, listed):  # what happens before they listen, they do not hear
        await other.locator("[data-feed][data-state=live]").wait_for(state="attached")

    await page.goto(f"/reports/{report}/versions")
    await fine(page)
    await page.click("[data-sign]")
    await page.locator("dialog").get_by_text("Sign it", exact=True).click()
    await page.locator("[data-versions]", has_text=f"Signed by {clinic.consultant.name}").wait_for()
    assert 0 == await page.locator("[data-sign]").count()
    await listed.locator("[data-versions]", has_text=f"Signed by {clinic.consultant.name}").wait_for()
    signed = theirs.locator("[data-interpreted]", has_text=f"signed by {clinic.consultant.name}")
    await signed.wait_for(state="attached")


async def test_what_arrives_takes_its_place_and_keeps_what_its_reader_opened(signed_in: Signed, clinic: Clinic) -> None:
    page, other, team = [await signed_in(who) for who in (clinic.patient, clinic.patient, clinic.consultant)]
    report = await handed_in(page, clinic.patient, clinic.patient, lab.merged(("stool_1", "Stool 2")), "choose_sample")
    await page.locator("[data-feed][data-state=live]").wait_for(state="attached")
    await page.evaluate("window.same = true")
    await page.locator("[data-report-page] a", has_text="All reports").focus()
    await other.goto(f"/reports/{report}")
    await other.locator("[data-choose-sample] [name=sample]").first.check()
    await other.click("text=This is the sample")
    await other.locator("[data-bars]").wait_for()

    await page.locator("[data-level=short]").wait_for()
    assert await page.evaluate("window.same")
    await expect(page.locator("[data-report-page] a", has_text="All reports")).to_be_focused()
    await expect(page.locator("main")).to_have_class(re.compile("main-reading"))
    await fine(page)
    await page.fill("[data-search]", "bacter")
    await page.locator("[data-search-found] li").first.wait_for()
    await page.click("[data-method] summary")
    await page.click("[data-as-table]")
    await page.locator("[data-table]").wait_for()

    await team.goto(f"/reports/{report}/versions")
    await team.click("[data-sign]")
    await team.locator("dialog").get_by_text("Sign it", exact=True).click()
    signed = page.locator("[data-interpreted]", has_text=f"signed by {clinic.consultant.name}")
    await signed.wait_for(state="attached")
    assert await page.evaluate("window.same")
    await expect(page.locator("[data-search]")).to_have_value("bacter")
    await expect(page.locator("[data-search-found] li").first).to_be_visible()
    await expect(page.locator("[data-method]")).to_have_attribute("open", "")
    await expect(page.locator("[data-table]")).to_be_visible()


async def test_research_is_agreed_to_and_taken_back(signed_in: Signed, clinic: Clinic) -> None:
    page, team = await signed_in(clinic.patient), await signed_in(clinic.consultant)
    report = await handed_in(page, clinic.patient, clinic.patient, lab.metaphlan_4(), "ready")
    await page.goto(f"/patients/{clinic.patient.id}/reports")
    await page.click("text=Whether reports may be used for research")
    await page.locator("[data-decided=no]").wait_for()
    await fine(page)
    await page.click("text=I agree to research")
    await page.locator("[data-decided=given]").wait_for()
    await fine(page)
    await team.goto(f"/reports/{report}/out")
    await team.locator("text=For researchers (STORMS)").wait_for()
    await fine(team)

    await page.click("text=Take it back")
    await page.locator("[data-decided=no]", has_text="Taken back").wait_for()
    await team.reload()
    await team.locator("text=Not agreed.").wait_for()
    assert 0 == await team.locator("text=For researchers (STORMS)").count()


async def test_a_test_from_its_order_to_its_report(signed_in: Signed, clinic: Clinic) -> None:
    team, page = await signed_in(clinic.nutritionist), await signed_in(clinic.patient)
    await team.request.post("/api/v1/protocols", headers={**clinic.consultant.bearer}, data=PROTOCOL)
    await team.goto(f"/patients/{clinic.patient.id}/test-orders")
    await team.click("[data-order]")
    dialog = team.locator("dialog")
    await dialog.locator("textarea").fill("Is the fibre step worth going on?")
    await fine(team)
    await dialog.get_by_text("Order it", exact=True).click()
    await team.wait_for_url("**/test-orders/*")

    await page.goto("/today")
    await fine(page)
    await page.click("text=Answer the questions")
    await page.locator("[data-details]").wait_for()
    await fine(page)
    for name in await page.eval_on_selector_all("[data-details] input", "all => all.map((one) => one.name)"):
        if name not in {"unchanged", "stool_form", "antibiotics_until", "bmi"}:  # weight is folded away
            await page.fill(f"#{name}", {"age": "34"}.get(name, "none"))
    await page.click("text=Store the answers")
    await page.locator("[data-said]", has_text="Still open: that treatment and diet go on.").wait_for()
    await page.check("[name=unchanged]")
    await page.click("text=Store the answers")
    await page.fill("[data-taken] [name=collected_at]", "2026-11-02")
    await fine(page)
    await page.click("text=The sample was taken")

    await page.click("text=Hand in the laboratory’s result")
    await page.locator("#test_order option:checked", has_text="Is the fibre step").wait_for(state="attached")
    await fine(page)
    await page.set_input_files("#report-file", {"name": "x.tsv", "mimeType": "text/plain", "buffer": lab.metaphlan_4()})
    await page.click("text=Hand it in")
    await page.locator('[data-result] [data-panel="report"][data-state="ready"]').wait_for()
    await team.reload()
    await team.click("text=To the report")
    await team.locator('[data-panel="report"]', has_text="Is the fibre step worth going on?").wait_for()
    await fine(team)
