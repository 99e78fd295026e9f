"""The patient's report over HTTP: its reading level, and the PDF with what stands before the microbes."""

from __future__ import annotations

from typing import Any

import pytest

from telegut.db.engine import Database
from tests import build
from tests.build import Account, Clinic
from tests.reports import lab
from tests.reports.patient.paper import paragraphs_of
from tests.reports.test_handlers import Client, finished, form, post

LEVEL = "/api/v1/me/reading-level"


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def level_of(client: Client, who: Account) -> str:
    async with client.get(LEVEL, headers=who.bearer) as answer:
        assert 200 == answer.status
        return str((await answer.json())["level"])


async def test_a_reading_level_is_kept_for_the_person_alone(client: Client, clinic: Clinic) -> None:
    for chosen in ("short", "full"):
        async with client.put(LEVEL, json={"level": chosen}, headers=clinic.patient.bearer) as answer:
            assert (200, {"level": chosen}) == (answer.status, await answer.json())
    async with client.put(LEVEL, json={"level": "simple"}, headers=clinic.patient.bearer) as answer:
        problem: dict[str, Any] = await answer.json()

    assert (422, "level") == (answer.status, problem["errors"][0]["field"])
    assert "full" == await level_of(client, clinic.patient)
    assert "standard" == await level_of(client, clinic.guardian)


async def test_the_pdf_is_the_report_that_the_patient_reads(client: Client, clinic: Clinic, worker: None) -> None:
    _, received = await post(client, clinic.patient, clinic, form(lab.kraken(lab.gut())))
    path = f"/api/v1/reports/{received['id']}/pdf"
    await finished(client, clinic.patient, received["id"])
    plan = f"/api/v1/patients/{clinic.patient.id}/care-plan"
    for goal in ("Sleep through the night", "Weigh 60 kg"):
        async with client.post(f"{plan}/goals", json={"title": goal}, headers=clinic.consultant.bearer) as answer:
            assert 201 == answer.status, await answer.text()

    async with client.get(path, headers=clinic.patient.bearer) as answer:
        assert (200, "application/pdf") == (answer.status, answer.content_type)
        said = paragraphs_of(await answer.read())
    async with client.get(f"{path}?level=short", headers=clinic.consultant.bearer) as answer:
        less = paragraphs_of(await answer.read())

    async with client.get(f"/reports/{received['id']}", headers=clinic.patient.bearer) as answer:
        assert f'<p class="print-only">{clinic.patient.name}. Printed on ' in await answer.text()
    assert f"Report of {clinic.patient.name}" == said[0]
    assert said.index("Sleep through the night") < said.index("A snapshot of one stool sample")
    assert "Something about weight or calories is not printed here." in said
    assert not any("60 kg" in one for one in (*said, *less)), "nobody answered the question about eating disorders"
    assert len(" ".join(less)) < len(" ".join(said))


async def test_a_file_that_is_no_report_has_no_pdf(client: Client, clinic: Clinic) -> None:
    _, received = await post(client, clinic.patient, clinic, form(b"x"))

    async with client.get(f"/api/v1/reports/{received['id']}/pdf", headers=clinic.patient.bearer) as answer:
        assert (409, "not_read_yet") == (answer.status, (await answer.json())["code"])
