"""A clinic's own group through the API: loaded, approved by a second person, held beside a report, withdrawn."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from telegut.db.engine import Database
from telegut.reports.cohorts import service
from telegut.reports.exchange.consent.rules import WORDS_VERSION
from tests import build
from tests.build import Account, Clinic
from tests.reports import lab
from tests.reports.cohorts.people import FACTS, SAID, table
from tests.reports.test_handlers import finished, form, get, post

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def load(client: Client, who: Account, data: bytes, **facts: Any) -> tuple[int, dict[str, Any]]:
    made = FormData()
    made.add_field("file", data, filename="people.tsv", content_type="text/plain")
    made.add_field("facts", json.dumps({**FACTS, **facts}))
    async with client.post("/api/v1/cohorts", data=made, headers=who.bearer) as answer:
        return answer.status, await answer.json()


async def act(client: Client, who: Account, group: str, verb: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    async with client.post(f"/api/v1/cohorts/{group}/{verb}", json=body, headers=who.bearer) as answer:
        return answer.status, await answer.json()


async def test_two_people_bring_a_group_into_use_and_a_report_keeps_to_it(
    client: Client, clinic: Clinic, worker: None
) -> None:
    status, draft = await load(client, clinic.consultant, table(130))
    assert (201, "draft", 1, 130) == (status, draft["state"], draft["version"], draft["about"]["n"])
    assert (65, 65, 20, 69) == tuple(draft["about"][name] for name in ("women", "men", "age_from", "age_to"))
    data, said = lab.metaphlan_4(), json.dumps(SAID)
    _, received = await post(client, clinic.consultant, clinic, form(data, said))
    before = await finished(client, clinic.consultant, received["id"])
    assert (False, None) == (before["comparison"]["matched"], before["comparison"]["group"])

    assert (409, "own_group") == _word(await act(client, clinic.consultant, draft["id"], "approve"))
    status, approved = await act(client, clinic.admin, draft["id"], "approve")
    assert (200, "approved", str(clinic.admin.id)) == (status, approved["state"], approved["approved_by"])
    assert (409, "not_a_draft") == _word(await act(client, clinic.admin, draft["id"], "approve"))

    path = f"/api/v1/reports/{received['id']}"
    _, team = await get(client, clinic.consultant, path)
    _, patient = await get(client, clinic.patient, path)
    for seen in (team["comparison"], patient["comparison"]):
        assert (True, draft["id"], 1) == (seen["matched"], seen["group_id"], seen["group_version"])
        assert "Bacteroides" == seen["places"][0]["name"]
        assert seen["places"][0]["words"].startswith("Higher than ")

    _, larger = await load(client, clinic.consultant, table(200))
    assert 2 == larger["version"]
    await act(client, clinic.admin, larger["id"], "approve")
    assert draft["id"] == (await get(client, clinic.patient, path))[1]["comparison"]["group_id"]

    status, gone = await act(client, clinic.consultant, draft["id"], "withdraw", {"why": "One sample was of saliva."})
    assert (200, "withdrawn") == (status, gone["state"])
    assert larger["id"] == (await get(client, clinic.patient, path))[1]["comparison"]["group_id"]
    await act(client, clinic.consultant, larger["id"], "withdraw", {"why": "So was another one."})
    _, team = await get(client, clinic.consultant, path)
    assert "withdrawn" in team["comparison"]["why"]
    assert not (await get(client, clinic.patient, path))[1]["comparison"]["matched"]


def _word(answered: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    status, said = answered
    return status, said["code"]


async def test_a_table_that_does_not_pass_leaves_nothing(client: Client, clinic: Clinic) -> None:
    once_more = "\t".join(["P1", "30", "f", "2000000", *["1"] * 7]).encode() + b"\n"
    in_table = table(20).replace(b"reads\t", b"reads\tpatient\tconsent\t", 1)
    rows = in_table.split(b"\n")
    with_ids = b"\n".join([rows[0], *(row.replace(b"\t2000000\t", b"\t2000000\t\t\t") for row in rows[1:])])
    named = with_ids.replace(b"\t2000000\t\t\t", f"\t2000000\t{clinic.patient.id}\t\t".encode(), 1)
    for data, facts, field, word in (
        (table(4), {}, "file", "4 people"),
        (table(20) + once_more, {}, "file", "2 times"),
        (named, {}, "file", "has not agreed"),
        (table(20), {"database": "SILVA"}, "database", "version"),
        (table(20), {"region": "16S"}, "region", "V4"),
    ):
        status, said = await load(client, clinic.consultant, data, **facts)
        assert 422 == status
        assert any(one["field"] == field and word in one["message"] for one in said["errors"]), said
    consented = named.replace(f"{clinic.patient.id}\t\t".encode(), f"{clinic.patient.id}\tyes\t".encode(), 1)
    status, said = await load(client, clinic.consultant, consented)
    assert (422, True) == (status, "not agreed themselves" in said["errors"][0]["message"])
    agreed = f"/api/v1/patients/{clinic.patient.id}/research-consent"
    async with client.put(agreed, json={"given": True, "words": WORDS_VERSION}, headers=clinic.patient.bearer) as put:
        assert 200 == put.status
    status, draft = await load(client, clinic.consultant, consented)
    assert 201 == status
    async with client.put(agreed, json={"given": False, "words": WORDS_VERSION}, headers=clinic.patient.bearer) as put:
        assert 200 == put.status
    assert (409, "consent_taken_back") == _word(await act(client, clinic.admin, draft["id"], "approve"))
    _, listed = await get(client, clinic.nutritionist, "/api/v1/cohorts")
    assert 1 + 4 == len(listed["items"])
    assert not {"figures", "genera", "patients"} & set(listed["items"][0])


async def test_columns_that_are_not_known_are_asked_before_anybody_approves(client: Client, clinic: Clinic) -> None:
    data = table(20).replace(b"Alistipes", b"Nowhereia", 1).replace(b"reads\t", b"reads\tBMI\t", 1)
    rows = data.split(b"\n")
    data = b"\n".join([rows[0], *(row.replace(b"\t2000000\t", b"\t2000000\t24\t") for row in rows[1:])])

    status, said = await load(client, clinic.consultant, data)
    assert (422, "names_not_known") == (status, said["code"])
    assert [("BMI", False), ("Nowhereia", True)] == [tuple(one.values()) for one in said["unknown_names"]]
    assert "confirmed" == said["errors"][0]["field"]
    assert "leave_out" in said["to_confirm"]
    status, draft = await load(client, clinic.consultant, data, confirmed=["Nowhereia"], unknown="leave_out")
    told = {one["code"]: one["text"] for one in draft["findings"]}
    assert (201, True, True) == (status, "“Nowhereia”" in told["names_confirmed"], "“BMI”" in told["columns_left_out"])


async def test_a_group_is_there_once_and_its_words_are_fit_for_patients(client: Client, clinic: Clinic) -> None:
    _, draft = await load(client, clinic.consultant, table(20))
    assert (409, "same_group") == _word(await load(client, clinic.admin, table(20)))
    status, other = await load(client, clinic.consultant, table(20), kit="another tube")
    assert (201, 2) == (status, other["version"])
    for field, words in (
        ("name", "Gut score 85"),
        ("inclusion", "people with good bacteria"),
        ("name", "Healthscore A"),
    ):
        status, said = await load(client, clinic.consultant, table(20, seed=2), **{field: words})
        assert (422, field) == (status, said["errors"][0]["field"])
    inclusion = "healthy adults, body mass index 19 to 27, no antibiotics in six months"
    assert 201 == (await load(client, clinic.consultant, table(20, seed=2), inclusion=inclusion))[0]
    await act(client, clinic.admin, draft["id"], "approve")
    await act(client, clinic.admin, draft["id"], "withdraw", {"why": "A mistake that was none."})
    assert 201 == (await load(client, clinic.consultant, table(20)))[0]


async def test_words_that_a_later_rule_refuses_keep_a_draft_out_of_use(
    client: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, draft = await load(client, clinic.consultant, table(20), inclusion="adults of the vitality group")
    monkeypatch.setattr(service, "_SCORED", re.compile("vitality"))

    assert (409, "words_refused") == _word(await act(client, clinic.admin, draft["id"], "approve"))
    assert "draft" == (await get(client, clinic.admin, f"/api/v1/cohorts/{draft['id']}"))[1]["state"]


async def test_the_database_holds_that_a_group_never_changes(client: Client, clinic: Clinic, db: Database) -> None:
    _, draft = await load(client, clinic.consultant, table(20))
    id = UUID(draft["id"])

    async def run(statement: str) -> None:
        async with db.begin(build.BUILDER) as tx:
            await tx.execute(text(statement), {"id": id})

    with pytest.raises(ProgrammingError, match="permission denied"):
        await run("update reports_cohort set people = 21 where id = :id")
    with pytest.raises(DBAPIError, match="never changes"):
        await run("update reports_cohort set state = 'draft' where id = :id")
    await act(client, clinic.admin, draft["id"], "approve")
    with pytest.raises(DBAPIError, match="stays"):
        await run("delete from reports_cohort where id = :id")
    with pytest.raises(DBAPIError, match="never changes"):
        await run("update reports_cohort set approved_by = loaded_by where id = :id")
    async with client.delete(f"/api/v1/cohorts/{id}", headers=clinic.consultant.bearer) as answer:
        assert (409, "not_a_draft") == (answer.status, (await answer.json())["code"])


async def test_a_draft_can_be_thrown_away(client: Client, clinic: Clinic) -> None:
    _, draft = await load(client, clinic.admin, table(20))
    async with client.delete(f"/api/v1/cohorts/{draft['id']}", headers=clinic.consultant.bearer) as answer:
        assert 204 == answer.status
    assert 404 == (await get(client, clinic.consultant, f"/api/v1/cohorts/{draft['id']}"))[0]


async def test_groups_that_are_brought_along_are_read_by_name(client: Client, clinic: Clinic) -> None:
    status, said = await get(client, clinic.consultant, "/api/v1/cohorts/baxter_2016_normal")

    assert (200, True, 172) == (status, said["built_in"], said["about"]["n"])
    assert 403 == (await get(client, clinic.patient, "/api/v1/cohorts"))[0]
