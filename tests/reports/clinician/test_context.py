"""The context list: what speaks against an association stands beside it, and nothing leads to a step."""

from __future__ import annotations

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.demonstration.lab_files import metaphlan_profile
from telegut.evidence.library import BUILT_IN
from telegut.evidence.rules import About
from telegut.reports.clinician.context import context_of
from tests import build
from tests.pages.reading import blocks
from tests.reports.test_handlers import finished, form, post

Client = TestClient[web.Request, web.Application]
GENERA = sorted({genus for one in BUILT_IN.rows(About.ASSOCIATION) for genus in one.row.taxa})
PRESSED = re.compile(r"<(?:button|form|input|select)\b|data-write-about|/plan\b|care-plan")


@pytest.mark.parametrize("genus", GENERA)
def test_no_association_without_what_speaks_against_it(genus: str) -> None:
    found = context_of([genus], BUILT_IN)
    assert () == found.without
    for part in found.parts:
        for seen in part.seen:
            assert part.beside == BUILT_IN.shown(seen.row.id).beside
            assert part.beside
            assert genus in [one.name for one in seen.genera]


def test_a_row_stands_once_with_all_its_genera() -> None:
    [part] = context_of(["Faecalibacterium", "Coprococcus", "Telegutia"], BUILT_IN).parts
    rows = [seen.row.id for seen in part.seen]
    assert len(rows) == len(set(rows))
    both = next(seen for seen in part.seen if seen.row.id == "OBS-GBM")
    assert ["Faecalibacterium", "Coprococcus"] == [one.name for one in both.genera]


def test_a_genus_with_nothing_on_record_is_named() -> None:
    found = context_of(["Telegutia"], BUILT_IN)
    assert ((), ("Telegutia",)) == (found.parts, found.without)


@pytest.mark.parametrize(("genus", "differs"), [("Ruminococcus", True), ("Eubacterium", True), ("Alistipes", False)])
def test_a_name_that_databases_use_for_different_groups_says_so(genus: str, differs: bool) -> None:
    [part] = context_of([genus], BUILT_IN).parts
    assert {differs} == {one.differs for seen in part.seen for one in seen.genera}


async def test_the_team_opens_it_and_nobody_else_and_places_keep_their_names(
    client: Client, db: Database, worker: None
) -> None:
    clinic = await build.clinic(db)
    sent = form(metaphlan_profile(0, "S1", 12_100_000))
    report = (await post(client, clinic.patient, clinic, sent))[1]["id"]
    said = await finished(client, clinic.patient, report)

    async def page(who: build.Account, path: str) -> tuple[int, str]:
        async with client.get(path, headers=who.bearer, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    status, text = await page(clinic.consultant, f"/reports/{report}/context")
    assert 200 == status
    part = text[text.index("data-context") : text.index("</main>")]
    assert "association, not cause" in part
    assert not PRESSED.search(part)
    assert {"OBS-REVIEW-44 1", "OBS-DIVERGENT 1"} <= {one.evidence for one in blocks(text)}
    assert 403 == (await page(clinic.patient, f"/reports/{report}/context"))[0]

    for who, expected in ((clinic.consultant, 200), (clinic.patient, 403)):
        async with client.get(f"/api/v1/reports/{report}/pdf/team", headers=who.bearer) as answer:
            assert expected == answer.status
            assert (await answer.read()).startswith(b"%PDF-") or expected == 403

    # Off until it is opened: the panel holds the way to it, and none of its words.
    panel = f"/patients/{clinic.patient.id}/panels/report?report={report}"
    _, team = await page(clinic.consultant, panel)
    _, own = await page(clinic.patient, panel)
    assert "association, not cause" not in team + own
    assert f'data-opens="/reports/{report}/context"' in team
    assert "/context" not in own

    # What is pointed at and cited is a genus by the name that the file has, in both views, one place each.
    genera = [row["name"] for row in said["taxa"] if row["rank"] == "genus"]
    places = [re.findall(r'data-finding="([^"]+)"', one) for one in (team, own)]
    assert [genera[:15], genera[:10]] == places
    assert f'data-report="{report}"' in team
    assert f'data-report="{report}"' in own
