"""The ledger as programs see it: names and shapes of the answers, and what a conflict says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp.test_utils import TestClient

from telegut.clock import utc_now
from telegut.db.engine import Database
from tests import build


async def test_a_question_is_taken_put_aside_covered_and_reported(client: TestClient[Any, Any], db: Database) -> None:
    clinic = await build.clinic(db)
    team, patient = clinic.consultant.bearer, clinic.patient.bearer
    mine = await (await client.get("/api/v1/conversations", headers=patient)).json()
    place = f"/api/v1/conversations/{mine['items'][0]['id']}"
    await client.post(f"{place}/messages", json={"client_id": "1", "body": "May I?"}, headers=patient)

    inbox = await (await client.get("/api/v1/inbox", headers=team)).json()
    (line,) = inbox["items"]
    taken = await client.post(f"{place}/claim", json={"version": line["version"]}, headers=team)
    stale = await client.post(f"{place}/settle", json={"version": line["version"]}, headers=clinic.nutritionist.bearer)
    outlook = await (await client.get(f"{place}/outlook", headers=patient)).json()

    assert ("owed", None, "care", True) == (line["state"], line["owner"], line["kind"], line["unread"])
    assert {"overdue", "today", "week", "later", "waiting", "settled"} == inbox["counts"].keys()
    assert (200, clinic.consultant.name) == (taken.status, (await taken.json())["owner"]["name"])
    conflict = await stale.json()
    assert (409, "ledger_changed") == (stale.status, conflict["code"])
    assert clinic.consultant.name == conflict["current"]["owner"]["name"]
    assert (clinic.consultant.name, "owed", None) == (outlook["answers"]["name"], outlook["state"], outlook["away"])
    assert outlook["helplines"]

    first, last = (str(utc_now().date() + timedelta(days=days)) for days in (30, 34))
    wanted = {"from": first, "until": last, "cover": str(clinic.nutritionist.id)}
    away = await (await client.put("/api/v1/me/away", json=wanted, headers=team)).json()
    again = await client.put("/api/v1/me/away", json=wanted, headers=team)
    gone = await client.delete("/api/v1/me/away?version=1", headers=team)

    assert (first, last, 1, False) == (away["from"], away["until"], away["version"], away["started"])
    assert (409, "away_changed", 204) == (again.status, (await again.json())["code"], gone.status)

    since, until = (f"{utc_now() + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (-1, 1))
    asked = f"/api/v1/reports/promises?from={since}&to={until}"
    report = await (await client.get(asked, headers=clinic.coordinator.bearer)).json()
    assert (since, clinic.consultant.name) == (report["from"], report["people"][0]["name"])
    assert (1, 1) == (report["clinic"]["promises"], report["clinic"]["owed"])


async def test_a_patient_whom_nobody_cares_for_is_promised_nothing(client: TestClient[Any, Any], db: Database) -> None:
    clinic = await build.clinic(db)
    patient = clinic.patient.bearer
    mine = await (await client.get("/api/v1/conversations", headers=patient)).json()
    place = f"/api/v1/conversations/{mine['items'][0]['id']}"
    await client.post(f"{place}/messages", json={"client_id": "1", "body": "May I?"}, headers=patient)
    before = await (await client.get(place, headers=patient)).json()
    await build.care(db, clinic.patient)

    after = await (await client.get(place, headers=patient)).json()
    outlook = await (await client.get(f"{place}/outlook", headers=patient)).json()
    turn = await (await client.get(f"{place}/turn", headers=patient)).json()
    topic = {"patient": str(clinic.patient.id), "subject": "Oats"}
    refused = await client.post("/api/v1/conversations", json=topic, headers=patient)

    assert before["outlook"]["cared_for"]
    assert None not in (before["answer_due"], before["outlook"]["answer_by"])
    assert (None, None, None, None) == (
        after["answer_due"],
        after["outlook"]["answer_by"],
        outlook["answer_by"],
        turn["due"],
    )
    for told in (after["outlook"], outlook):
        assert (False, False, False) == (told["cared_for"], told["staffed"], told["late"])
        assert ["112"] == [one["number"] for one in told["helplines"]]
    problem = await refused.json()
    assert (422, "no_care_team") == (refused.status, problem["code"])
    assert "call the clinic" in problem["detail"]
