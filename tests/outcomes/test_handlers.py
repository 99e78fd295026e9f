"""Questionnaires, diary and series over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import text

from telegut.db.caller import Caller
from telegut.db.engine import Database
from tests import build
from tests.build import Account, Clinic

Client = TestClient[web.Request, web.Application]
CALM = {"nervous": 1, "control": 0, "worrying": 1, "relaxing": 2, "restless": 0, "irritable": 1, "afraid": 0}
ANSWERED = {"instrument": "gad-7", "answers": CALM}


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


def path(patient: Account, rest: str) -> str:
    return f"/api/v1/patients/{patient.id}/{rest}"


async def asked(client: Client, method: str, url: str, who: Account, body: Any = None) -> tuple[int, Any]:
    response = await client.request(method, url, json=body, headers=who.bearer)
    return response.status, await response.json()


async def test_what_is_offered_says_where_it_is_from(client: Client, clinic: Clinic) -> None:
    status, offered = await asked(client, "GET", "/api/v1/instruments", clinic.patient)

    assert 200 == status
    assert ["gad-7", "gut-symptoms", "adherence"] == [one["id"] for one in offered["items"]]
    assert all(one["source"] and one["version"] for one in offered["items"])


async def test_a_questionnaire_is_scored_here(client: Client, clinic: Clinic) -> None:
    url = path(clinic.patient, "responses")
    status, whole = await asked(client, "POST", url, clinic.patient, {"instrument": "gad-7", "answers": CALM})
    gap = {**CALM, "afraid": None}
    _, partial = await asked(client, "POST", url, clinic.patient, {"instrument": "gad-7", "answers": gap})
    _, kept = await asked(client, "GET", url, clinic.consultant)

    assert (201, 5, "mild", []) == (status, whole["total"], whole["band"], whole["missing"])
    assert (None, None, ["afraid"]) == (partial["total"], partial["band"], partial["missing"])
    assert [partial, whole] == kept["items"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"instrument": "phq-9", "answers": {"a": 1}}, "instrument"),
        ({"instrument": "gad-7", "answers": {"nervous": 4}}, "answers.nervous"),
        ({"instrument": "gad-7", "answers": {}}, "answers"),
        ({"instrument": "gad-7", "answers": CALM, "version": 9}, "version"),
        ({"instrument": "gad-7", "answers": CALM, "total": 3}, "total"),
        ({"instrument": "gad-7", "answers": CALM, "day": "2020-01-01"}, "day"),
        ({"instrument": "gad-7", "answers": {"nervous": True}}, "answers.nervous"),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Client, clinic: Clinic, body: Any, field: str) -> None:
    status, refusal = await asked(client, "POST", path(clinic.patient, "responses"), clinic.patient, body)

    assert (422, [field]) == (status, [error["field"] for error in refusal["errors"]])


async def test_a_second_look_at_a_day_stands_beside_the_first(client: Client, clinic: Clinic) -> None:
    url = path(clinic.patient, "diary")
    status, first = await asked(client, "POST", url, clinic.patient, {"mood": 2, "gut": 3, "note": "Headache."})
    _, second = await asked(client, "POST", url, clinic.patient, {"mood": 4, "day": first["day"]})
    _, diary = await asked(client, "GET", url, clinic.nutritionist)
    _, mood = await asked(client, "GET", path(clinic.patient, "series?measure=mood"), clinic.nutritionist)
    _, gut = await asked(client, "GET", path(clinic.patient, "series?measure=gut"), clinic.patient)

    assert (201, [second, first]) == (status, diary["items"])
    assert [{"day": first["day"], "value": 4.0}] == mood["items"]
    assert [{"day": first["day"], "value": 3.0}] == gut["items"]


async def test_series_know_their_measures(client: Client, clinic: Clinic) -> None:
    body = {"instrument": "gad-7", "answers": CALM}
    await asked(client, "POST", path(clinic.patient, "responses"), clinic.patient, body)
    _, series = await asked(client, "GET", path(clinic.patient, "series?measure=gad-7"), clinic.consultant)
    unknown = await asked(client, "GET", path(clinic.patient, "series?measure=dysbiosis"), clinic.consultant)
    _, measures = await asked(client, "GET", "/api/v1/measures", clinic.patient)

    assert ([5.0], "lower", 4) == ([one["value"] for one in series["items"]], series["better"], len(series["bands"]))
    assert "Spitzer" in series["bands_source"]
    assert 422 == unknown[0]
    for measure in measures["items"]:
        status, one = await asked(
            client, "GET", path(clinic.patient, f"series?measure={measure['id']}"), clinic.patient
        )
        assert (200, measure["id"]) == (status, one["measure"])


async def test_a_span_that_cannot_be_is_refused(client: Client, clinic: Clinic) -> None:
    today = datetime.now(UTC).date()
    for span in (f"from={today}&to={today - timedelta(days=3)}", "from=1990-01-01", "from=soon"):
        status, _ = await asked(client, "GET", path(clinic.patient, f"series?measure=mood&{span}"), clinic.patient)
        assert 422 == status


@pytest.mark.parametrize("who", ["stranger_patient", "stranger_consultant", "coordinator", "admin", "auditor"])
async def test_scores_are_nobody_elses(client: Client, clinic: Clinic, who: str) -> None:
    stranger = getattr(clinic, who)
    answers = [
        await asked(client, "GET", path(clinic.patient, "series?measure=mood"), stranger),
        await asked(client, "GET", path(clinic.patient, "diary"), stranger),
        await asked(client, "GET", path(clinic.patient, "responses"), stranger),
        await asked(client, "POST", path(clinic.patient, "diary"), stranger, {"mood": 1}),
        await asked(client, "POST", path(clinic.patient, "responses"), stranger, ANSWERED),
    ]

    assert [404] * 5 == [status for status, _ in answers]


async def test_answers_are_sealed_and_traced(client: Client, clinic: Clinic, db: Database) -> None:
    await asked(client, "POST", path(clinic.patient, "diary"), clinic.patient, {"mood": 2, "note": "A hard day."})
    await asked(client, "POST", path(clinic.patient, "responses"), clinic.guardian, ANSWERED)
    async with db.begin(Caller.system("a test reads")) as tx:
        stored = [row.content for row in await tx.execute(text("select content from outcomes_entry"))]
        stored += [row.content for row in await tx.execute(text("select content from outcomes_response"))]
        acts = {(row.action, row.what) for row in await tx.execute(text("select action, what from db_audit"))}
        facts = str([row.facts for row in await tx.execute(text("select facts from realtime_item"))])

    assert 2 == len(stored)
    assert all(b"mood" not in one and b"nervous" not in one for one in stored)
    assert {("write", "diary"), ("write", "response")} <= acts
    assert "hard day" not in facts


async def test_the_share_of_steps_done_is_a_series(client: Client, clinic: Clinic) -> None:
    from tests.careplan.plans import a_step, open_gates

    await open_gates(client, clinic)
    today = datetime.now(UTC).date()
    for result in ("done", "partly", "not"):
        step = await a_step(client, clinic)
        url = path(clinic.patient, f"care-plan/steps/{step['id']}/days/{today}")
        await asked(client, "PUT", url, clinic.patient, {"result": result})
    _, series = await asked(client, "GET", path(clinic.patient, "series?measure=steps"), clinic.patient)

    assert [{"day": str(today), "value": 50.0}] == series["items"]
