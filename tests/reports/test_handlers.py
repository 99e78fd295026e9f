"""The reports API: what is parsed, what is answered, with which status."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.reports.described import EXPECTED
from tests import build
from tests.build import Account, Clinic
from tests.reports import lab, own_tables

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


def form(data: bytes, metadata: str | None = "{}", **texts: str) -> FormData:
    made = FormData()
    made.add_field("file", data, filename="Befund März.tsv", content_type="text/plain")
    for name, text in {"metadata": metadata, **texts}.items():
        if text is not None:
            made.add_field(name, text)
    return made


async def post(client: Client, who: Account, clinic: Clinic, sent: FormData, **headers: str) -> tuple[int, Any]:
    path = f"/api/v1/patients/{clinic.patient.id}/reports"
    async with client.post(path, data=sent, headers={**who.bearer, **headers}) as answer:
        return answer.status, await answer.json()


async def get(client: Client, who: Account, path: str) -> tuple[int, Any]:
    async with client.get(path, headers=who.bearer) as answer:
        return answer.status, await answer.json()


async def finished(client: Client, who: Account, report: str) -> dict[str, Any]:
    """The report once the worker is done with it."""
    async with asyncio.timeout(60):
        while True:
            _, said = await get(client, who, f"/api/v1/reports/{report}")
            if said["state"] != "received":
                return dict(said)
            await asyncio.sleep(0.05)


async def test_a_file_is_taken_read_and_answered_as_the_contract_says(
    client: Client, clinic: Clinic, worker: None
) -> None:
    data = lab.kraken(lab.gut())

    status, received = await post(client, clinic.patient, clinic, form(data))
    assert (202, "received") == (status, received["state"])
    said = await finished(client, clinic.consultant, received["id"])

    assert "ready" == said["state"]
    assert "kraken2-report" == said["recognised"]["format"]
    assert "6 columns" in said["recognised"]["why"]
    assert (1_200_000, "all_reads") == (said["totals"]["total_reads"], said["totals"]["denominator"])
    assert ("Bacteria", "domain", 2, 1_000_000) == tuple(
        said["taxa"][0][name] for name in ("name", "rank", "taxid", "reads")
    )
    assert (2, 850_000) == (said["diversity"]["observed_genera"], said["diversity"]["depth"])
    assert (None, False) == (said["comparison"]["group"], said["comparison"]["matched"])
    assert hashlib.sha256(data).hexdigest() == said["provenance"]["sha256"]
    assert None is said["problem"]


async def test_without_metadata_a_report_is_incomplete_and_says_what_is_missing(client: Client, clinic: Clinic) -> None:
    _, received = await post(client, clinic.patient, clinic, form(lab.metaphlan_4()))
    _, said = await get(client, clinic.patient, f"/api/v1/reports/{received['id']}")

    assert (True, True, list(EXPECTED)) == (said["incomplete"], said["brought_by_patient"], said["missing"])


async def test_what_is_said_is_kept_and_no_longer_missing(client: Client, clinic: Clinic) -> None:
    metadata = {"age": 41, "collected_at": "2025-11-03", "ordered_by": "Amara Okafor", "kit": "OMNIgene"}
    _, received = await post(client, clinic.consultant, clinic, form(lab.metaphlan_4(), json.dumps(metadata)))
    _, said = await get(client, clinic.patient, f"/api/v1/reports/{received['id']}")

    assert metadata == said["metadata"]
    assert not said["brought_by_patient"]
    assert not {"age", "collected_at", "kit"} & set(said["missing"])


@pytest.mark.parametrize(("metadata", "texts", "status", "field"), [
    ('{"age": -1}', {}, 422, "age"),
    ('{"dysbiosis": 5}', {}, 422, "dysbiosis"),
    ('{"collected_at": "yesterday"}', {}, 422, "collected_at"),
    ('{"age": ', {}, 400, None),
    ("[]", {}, 422, ""),
    ("{}", {"unknown": "1"}, 422, "unknown"),
    ('{"diet": "a\\u0000b"}', {}, 422, "diet"),
    ('{"diet": "a\\ud800b"}', {}, 422, "diet"),
    ('{"diet\\ud800": "b"}', {}, 422, ""),
    ("{}", {"sample": "a\0b"}, 422, "sample"),
])  # fmt: skip
async def test_what_cannot_be_meant_is_refused(
    client: Client, clinic: Clinic, metadata: str, texts: dict[str, str], status: int, field: str | None
) -> None:
    answered, said = await post(client, clinic.patient, clinic, form(lab.metaphlan_4(), metadata, **texts))

    assert status == answered
    if field is not None:
        assert said["errors"][0]["field"].startswith(field)


async def test_a_day_that_has_not_come_is_refused_with_its_field(client: Client, clinic: Clinic) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    answered = {
        field: await post(client, clinic.patient, clinic, form(lab.metaphlan_4(), json.dumps({field: said})))
        for field, said in [("collected_at", ahead), ("received_at", f"{ahead}T10:00:00Z")]
    }

    for field, (status, said) in answered.items():
        assert (422, field) == (status, said["errors"][0]["field"])
        assert "has not come yet" in said["errors"][0]["message"]


@pytest.mark.parametrize(("name", "status"), [
    (b'name="file"; filename="a\0b.tsv"', 400),  # a header that cannot be read at all
    (b"name=\"file\"; filename*=UTF-8''a%00b.tsv", 422),
    (b'name="file"; filename="Befund M\xe4rz.tsv"', 202),
])  # fmt: skip
async def test_odd_file_names_are_read_or_refused(client: Client, clinic: Clinic, name: bytes, status: int) -> None:
    head = b"--x\r\nContent-Disposition: form-data; " + name + b"\r\nContent-Type: text/plain\r\n\r\n"
    headers = {**clinic.patient.bearer, "Content-Type": "multipart/form-data; boundary=x"}
    path = f"/api/v1/patients/{clinic.patient.id}/reports"
    async with client.post(path, data=head + lab.metaphlan_4() + b"\r\n--x--\r\n", headers=headers) as answer:
        assert status == answer.status, await answer.text()


async def test_without_a_file_it_is_422(client: Client, clinic: Clinic) -> None:
    sent = FormData(default_to_multipart=True)
    sent.add_field("metadata", "{}")
    sent.add_field("file", "a text")

    status, said = await post(client, clinic.patient, clinic, sent)

    assert (422, "file") == (status, said["errors"][0]["field"])


async def test_the_original_comes_back_untouched_as_an_attachment(client: Client, clinic: Clinic) -> None:
    data = lab.metaphlan_4()
    _, received = await post(client, clinic.patient, clinic, form(data))

    async with client.get(f"/api/v1/reports/{received['id']}/original", headers=clinic.patient.bearer) as answer:
        assert data == await answer.read()
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "Befund%20M%C3%A4rz.tsv" in answer.headers["Content-Disposition"]
        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert "application/octet-stream" == answer.content_type


async def test_the_same_key_is_one_report(client: Client, clinic: Clinic) -> None:
    key = {"Idempotency-Key": "one intention"}
    first = await post(client, clinic.patient, clinic, form(lab.metaphlan_4()), **key)
    second = await post(client, clinic.patient, clinic, form(lab.metaphlan_4()), **key)
    other = await post(client, clinic.patient, clinic, form(lab.kraken(lab.gut())), **key)
    _, listed = await get(client, clinic.patient, f"/api/v1/patients/{clinic.patient.id}/reports")

    assert first == second
    assert (422, "idempotency_key_reused") == (other[0], other[1]["code"])
    assert [first[1]["id"]] == [one["id"] for one in listed["items"]]


async def test_a_sample_is_chosen_afterwards(client: Client, clinic: Clinic, worker: None) -> None:
    _, received = await post(client, clinic.patient, clinic, form(lab.merged()))
    waiting = await finished(client, clinic.patient, received["id"])
    assert ("choose_sample", "choose_sample") == (waiting["state"], waiting["problem"]["code"])
    assert ["stool_1", "mouth_1"] == waiting["samples"]

    path = f"/api/v1/reports/{received['id']}/sample"
    async with client.post(path, json={"sample": "stool_1"}, headers=clinic.consultant.bearer) as answer:
        assert 202 == answer.status
    said = await finished(client, clinic.patient, received["id"])
    async with client.post(path, json={"sample": "stool_1"}, headers=clinic.consultant.bearer) as answer:
        assert (409, "nothing_to_choose") == (answer.status, (await answer.json())["code"])

    assert ("ready", "stool_1") == (said["state"], said["sample"])


async def test_a_table_of_several_people_stays_with_the_team_that_handed_it_in(
    client: Client, clinic: Clinic, worker: None
) -> None:
    _, received = await post(client, clinic.consultant, clinic, form(lab.merged()))
    path = f"/api/v1/reports/{received['id']}"
    waiting = await finished(client, clinic.consultant, received["id"])
    _, hidden = await get(client, clinic.patient, path)
    async with client.post(f"{path}/sample", json={"sample": "stool_1"}, headers=clinic.consultant.bearer) as answer:
        assert 202 == answer.status
    await finished(client, clinic.consultant, received["id"])
    _, own = await get(client, clinic.patient, path)
    status, refused = await get(client, clinic.patient, f"{path}/original")
    page = await client.get(f"/reports/{received['id']}", headers=clinic.patient.bearer)

    assert (["stool_1", "mouth_1"], [], ["stool_1"]) == (waiting["samples"], hidden["samples"], own["samples"])
    assert (403, "of_several") == (status, refused["code"])
    assert f"{path}/original" not in await page.text()
    async with client.get(f"{path}/original", headers=clinic.nutritionist.bearer) as answer:
        assert 200 == answer.status


async def test_it_is_not_there_for_anybody_else(client: Client, clinic: Clinic) -> None:
    _, received = await post(client, clinic.patient, clinic, form(lab.metaphlan_4()))
    for other in (clinic.stranger_consultant, clinic.stranger_patient, clinic.coordinator, clinic.admin):
        assert 404 == (await post(client, other, clinic, form(lab.metaphlan_4())))[0]
        for path in (
            f"/api/v1/reports/{received['id']}",
            f"/api/v1/reports/{received['id']}/original",
            f"/api/v1/patients/{clinic.patient.id}/reports",
        ):
            assert 404 == (await get(client, other, path))[0]


async def test_pages_answer_a_bearer_token(client: Client, clinic: Clinic, worker: None) -> None:
    _, received = await post(client, clinic.patient, clinic, form(lab.metaphlan_4()))
    await finished(client, clinic.patient, received["id"])
    paths = [
        f"/reports/{received['id']}",
        f"/patients/{clinic.patient.id}/reports",
        f"/patients/{clinic.patient.id}/panels/report",
        f"/patients/{clinic.patient.id}/panels/report?report={received['id']}",
    ]
    for who, status in [(clinic.consultant, 200), (clinic.patient, 200), (clinic.stranger_consultant, 404)]:
        for path in paths:
            async with client.get(path, headers=who.bearer) as answer:
                text = await answer.text()
                assert status == answer.status, path
                if not path.endswith("/reports"):
                    assert (status == 200) == ("Bacteroides" in text), path


async def test_the_page_adapts_to_its_reader(client: Client, clinic: Clinic, worker: None) -> None:
    _, received = await post(client, clinic.patient, clinic, form(lab.metaphlan_4()))
    await finished(client, clinic.patient, received["id"])
    texts = {}
    for who in (clinic.consultant, clinic.patient):
        async with client.get(f"/reports/{received['id']}", headers=who.bearer) as answer:
            texts[who.role] = await answer.text()

    assert "No comparison group here was measured the same way" in texts["consultant"]
    assert "Shannon index" in texts["consultant"]
    assert "We cannot say whether this is much or little" in texts["patient"]
    assert "Shannon" not in texts["patient"]
    assert "about 60 in 100 parts" in texts["patient"]
    for text in texts.values():
        assert "little proven use" in text
        assert "not stated by the lab" in text
        assert "Not recognised" in text
        assert "Known, but not to genus" in text


async def test_the_page_says_who_handed_it_in_and_what_is_missing_to_the_team(
    client: Client, clinic: Clinic, worker: None
) -> None:
    pages: dict[str, dict[str, str]] = {}
    for by in (clinic.patient, clinic.consultant):  # the same file twice
        _, received = await post(client, by, clinic, form(lab.metaphlan_4()))
        await finished(client, by, received["id"])
        pages[by.role] = {}
        for who in (clinic.consultant, clinic.patient):
            async with client.get(f"/reports/{received['id']}", headers=who.bearer) as answer:
                pages[by.role][who.role] = await answer.text()

    for reader in ("consultant", "patient"):
        assert "Brought by the patient" in pages["patient"][reader]
        assert "Brought by the patient" not in pages["consultant"][reader]
        assert f"anded in by {clinic.consultant.name}" in pages["consultant"][reader]
    assert "Some details are missing" in pages["consultant"]["patient"]
    assert "details not stated" in pages["consultant"]["consultant"]
    assert "Which details are missing" in pages["consultant"]["consultant"]
    assert "The very same file was handed in before." in pages["consultant"]["consultant"]
    assert "The very same file" not in pages["consultant"]["patient"]


async def test_a_refused_file_shows_no_code_and_no_panel_to_a_patient_who_did_not_bring_it(
    client: Client, clinic: Clinic, worker: None
) -> None:
    nobody = lab.kraken(lab.Node("R", 1, "root", 0))
    _, received = await post(client, clinic.consultant, clinic, form(nobody))
    said = await finished(client, clinic.consultant, received["id"])
    assert ("nothing_classified", "kraken") == (said["problem"]["code"], said["recognised"]["format"])
    path = f"/patients/{clinic.patient.id}/panels/report?report={received['id']}"
    texts = {}
    for who in (clinic.consultant, clinic.patient):
        async with client.get(path, headers=who.bearer) as answer:
            texts[who.role] = await answer.text()

    assert "could not be read as a report" in texts["consultant"]
    assert "It was recognised all the same: " in texts["consultant"]
    assert "Reason:" not in texts["consultant"]
    assert "There is no report yet." in texts["patient"]


async def test_the_list_says_of_each_file_what_became_of_it_and_where_research_is_decided(
    client: Client, clinic: Clinic, worker: None
) -> None:
    for data in (b"# Pathway\tS1_Abundance\nUNMAPPED\t5\nPWY-1: x\t3\n", own_tables.GERMAN, b"%PDF-1.7\n"):
        _, received = await post(client, clinic.patient, clinic, form(data))
        await finished(client, clinic.patient, received["id"])
    path = f"/patients/{clinic.patient.id}/reports"
    texts = {}
    for who in (clinic.consultant, clinic.patient, clinic.guardian):
        async with client.get(path, headers=who.bearer) as answer:
            texts[who.role] = await answer.text()

    _, listed = await get(client, clinic.consultant, "/api/v1" + path)
    assert ["picture_not_read", "unknown_table", "pathways_not_taxa"] == [one["problem"] for one in listed["items"]]
    for words in ("Research data only", "must explain its columns first", "your care team must type it first"):
        assert words in texts["patient"]
    for words in ("Research data only", "Its columns must be explained first", "it must be typed first"):
        assert words in texts["consultant"]
    assert "Could not be read" not in texts["consultant"] + texts["patient"]
    research = f'href="/patients/{clinic.patient.id}/research"'
    assert [False, True, True] == [research in texts[who] for who in ("consultant", "patient", "guardian")]
    assert [True, False, False] == ['"/protocols"' in texts[who] for who in ("consultant", "patient", "guardian")]
