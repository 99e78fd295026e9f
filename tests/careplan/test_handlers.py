"""The care plan over HTTP: who may do what, gates, versions, signing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from telegut.careplan.gates import GATES
from telegut.db.caller import Caller
from telegut.db.engine import Database
from tests import build
from tests.build import Clinic
from tests.careplan.plans import OATS, Client, a_step, asked, open_gates, path


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def test_a_plan_is_made_on_first_use_and_once(client: Client, clinic: Clinic) -> None:
    status, first = await asked(client, "GET", path(clinic.patient), clinic.patient)
    again = (await asked(client, "GET", path(clinic.patient), clinic.nutritionist))[1]

    assert 200 == status
    assert first["id"] == again["id"]
    assert ([], [], None, False) == (first["goals"], first["steps"], first["signed"], first["changed_since_signing"])
    assert {gate.id for gate in GATES} == {gate["id"] for gate in first["gates"]}
    assert {"unanswered"} == {gate["state"] for gate in first["gates"]}
    assert ["shared"] == [note["audience"] for note in first["notes"]]
    assert ["shared", "team", "own"] == [note["audience"] for note in again["notes"]]


@pytest.mark.parametrize("who", ["stranger_patient", "stranger_consultant", "coordinator", "admin", "auditor"])
async def test_a_plan_is_nobody_elses(client: Client, clinic: Clinic, who: str) -> None:
    status, _ = await asked(client, "GET", path(clinic.patient), getattr(clinic, who))
    writes = await asked(client, "POST", path(clinic.patient, "/steps"), getattr(clinic, who), OATS)

    assert (404, 404) == (status, writes[0])


async def test_a_step_waits_for_its_gates(client: Client, clinic: Clinic) -> None:
    url = path(clinic.patient, "/steps")
    status, refusal = await asked(client, "POST", url, clinic.consultant, OATS)

    assert (422, "gate_blocks") == (status, refusal["code"])
    expected = {"gates.alarm_features", "gates.gut_sensitivity", "gates.medicine_interaction"}
    assert expected == {error["field"] for error in refusal["errors"]}

    await open_gates(client, clinic)
    status, step = await asked(client, "POST", url, clinic.consultant, OATS)

    assert (201, 1, "asked", []) == (status, step["version"], step["acceptance"], step["blocked_by"])
    assert ("PREB-DIET", 1, "low") == (
        step["evidence"]["id"],
        step["evidence"]["version"],
        step["evidence"]["certainty"],
    )


async def test_a_gate_that_closes_stops_a_running_step(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    step = await a_step(client, clinic)
    accept = path(clinic.patient, f"/steps/{step['id']}/acceptance")
    gate = path(clinic.patient, "/gates/alarm_features")
    await asked(client, "POST", accept, clinic.patient, {"answer": "accepted", "version": 1})

    status, plan = await asked(client, "PUT", gate, clinic.consultant, {"answer": "yes", "version": 1})

    assert (200, ["alarm_features"]) == (status, plan["steps"][0]["blocked_by"])
    pause = path(clinic.patient, f"/steps/{step['id']}")
    status, refusal = await asked(client, "PATCH", pause, clinic.consultant, {"version": 2, "title": "More oats"})
    assert (422, "gate_blocks") == (status, refusal["code"])
    status, stopped = await asked(client, "PATCH", pause, clinic.consultant, {"version": 2, "status": "stopped"})
    assert (200, "stopped", "accepted") == (status, stopped["status"], stopped["acceptance"])


async def test_a_checked_gate_opens_with_a_caution(client: Client, clinic: Clinic) -> None:
    gate = path(clinic.patient, "/gates/medicine_interaction")
    status, refusal = await asked(client, "PUT", gate, clinic.consultant, {"answer": "yes", "cleared": True})
    assert (422, ["note"]) == (status, [error["field"] for error in refusal["errors"]])

    body = {"answer": "yes", "cleared": True, "note": "Pharmacist Ida Lund: two hours after the tablet is fine."}
    status, plan = await asked(client, "PUT", gate, clinic.consultant, body)
    found = next(one for one in plan["gates"] if one["id"] == "medicine_interaction")

    assert (200, "caution", "Amara Okafor", 1) == (
        status,
        found["state"],
        found["answered_by"]["name"],
        found["version"],
    )


async def test_a_stale_gate_answer_is_refused(client: Client, clinic: Clinic) -> None:
    gate = path(clinic.patient, "/gates/maoi")
    await asked(client, "PUT", gate, clinic.consultant, {"answer": "yes", "version": 0})
    status, refusal = await asked(client, "PUT", gate, clinic.nutritionist, {"answer": "no", "version": 0})

    assert (409, "stale_version") == (status, refusal["code"])


async def test_only_the_team_changes_and_only_the_patient_answers(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    step = await a_step(client, clinic)
    accept = path(clinic.patient, f"/steps/{step['id']}/acceptance")
    body = {"answer": "accepted", "version": 1}

    assert 403 == (await asked(client, "POST", path(clinic.patient, "/steps"), clinic.patient, OATS))[0]
    assert 403 == (await asked(client, "POST", accept, clinic.consultant, body))[0]
    gate = path(clinic.patient, "/gates/maoi")
    assert 403 == (await asked(client, "PUT", gate, clinic.patient, {"answer": "no"}))[0]
    assert 403 == (await asked(client, "POST", path(clinic.patient, "/sign"), clinic.patient, {}))[0]
    status, accepted = await asked(client, "POST", accept, clinic.patient, body)
    assert (200, "accepted", 2) == (status, accepted["acceptance"], accepted["version"])
    status, refusal = await asked(client, "POST", accept, clinic.guardian, {"answer": "declined", "version": 1})
    assert (409, 2) == (status, refusal["current"]["version"])
    assert 200 == (await asked(client, "POST", accept, clinic.guardian, {"answer": "declined", "version": 2}))[0]


async def test_new_words_ask_the_patient_again(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    step = await a_step(client, clinic)
    url = path(clinic.patient, f"/steps/{step['id']}")
    await asked(client, "POST", url + "/acceptance", clinic.patient, {"answer": "accepted", "version": 1})

    _, paused = await asked(client, "PATCH", url, clinic.consultant, {"version": 2, "status": "paused"})
    _, reworded = await asked(client, "PATCH", url, clinic.consultant, {"version": 3, "details": "With water."})

    assert ("accepted", "asked", "paused") == (paused["acceptance"], reworded["acceptance"], reworded["status"])
    assert reworded["answered_at"] is None


async def test_how_it_went_is_kept_by_day(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    step = await a_step(client, clinic)
    days = path(clinic.patient, f"/steps/{step['id']}/days/")
    today = datetime.now(UTC).date()

    await asked(client, "PUT", f"{days}{today}", clinic.patient, {"result": "not", "note": "travelling"})
    status, after = await asked(client, "PUT", f"{days}{today}", clinic.patient, {"result": "partly"})

    assert (200, [{"day": str(today), "result": "partly", "note": ""}]) == (status, after["days"])
    long_ago = today - timedelta(days=40)
    assert 422 == (await asked(client, "PUT", f"{days}{long_ago}", clinic.patient, {"result": "done"}))[0]
    assert 422 == (await asked(client, "PUT", f"{days}yesterday", clinic.patient, {"result": "done"}))[0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**OATS, "title": "   "}, "title"),
        ({**OATS, "kind": "detox"}, "kind"),
        ({**OATS, "why": "low Coprococcus"}, "why"),
        ({**OATS, "evidence": "OBS-GBM"}, "evidence"),
        ({**OATS, "schedule": [{"week": 2, "amount": "a"}, {"week": 1, "amount": "b"}]}, "schedule"),
        ({**OATS, "taxon": "Coprococcus"}, "taxon"),
        ({**OATS, "title": "Oats to raise your Faecalibacterium"}, "title"),
        ({**OATS, "details": "Because your Firmicutes/Bacteroidetes ratio is high."}, "details"),
        ({**OATS, "why_words": "Your Coprococcus is low, so eat more fibre."}, "why_words"),
        ({**OATS, "schedule": [{"week": 1, "amount": "for Roseburia"}]}, "schedule"),
        ({"kind": "fibre"}, "title"),
    ],
)
async def test_what_makes_no_sense_is_refused(client: Client, clinic: Clinic, body: Any, field: str) -> None:
    await open_gates(client, clinic)
    status, refusal = await asked(client, "POST", path(clinic.patient, "/steps"), clinic.consultant, body)

    assert (422, [field]) == (status, [error["field"] for error in refusal["errors"]])


async def test_goals_are_versioned_too(client: Client, clinic: Clinic) -> None:
    url = path(clinic.patient, "/goals")
    status, goal = await asked(client, "POST", url, clinic.consultant, {"title": "Sleep through"})
    change = {"version": 1, "status": "reached"}
    _, changed = await asked(client, "PATCH", f"{url}/{goal['id']}", clinic.nutritionist, change)
    stale = await asked(client, "PATCH", f"{url}/{goal['id']}", clinic.consultant, change)

    assert (201, "Sleep through", "reached", 2) == (status, changed["title"], changed["status"], changed["version"])
    assert (409, 2) == (stale[0], stale[1]["current"]["version"])


async def test_a_signed_version_never_changes(client: Client, clinic: Clinic, db: Database) -> None:
    await open_gates(client, clinic)
    step = await a_step(client, clinic)
    status, signed = await asked(client, "POST", path(clinic.patient, "/sign"), clinic.consultant, {})
    assert (201, 1, None) == (status, signed["number"], signed["amends"])
    assert hashlib.sha256(signed["document"].encode()).hexdigest() == signed["sha256"]
    assert (409, "nothing_to_sign") == _code(
        await asked(client, "POST", path(clinic.patient, "/sign"), clinic.consultant, {})
    )

    url = path(clinic.patient, f"/steps/{step['id']}")
    await asked(client, "PATCH", url, clinic.consultant, {"version": 1, "title": "Porridge"})
    plan = (await asked(client, "GET", path(clinic.patient), clinic.patient))[1]
    assert (1, True) == (plan["signed"]["number"], plan["changed_since_signing"])
    amendment = (await asked(client, "POST", path(clinic.patient, "/sign"), clinic.nutritionist, {}))[1]
    versions = (await asked(client, "GET", path(clinic.patient, "/versions"), clinic.patient))[1]["items"]

    assert [2, 1] == [one["number"] for one in versions]
    assert (1, "Jonas Lindqvist") == (amendment["amends"], versions[0]["signed_by"]["name"])
    assert signed == versions[1]
    assert "Porridge" in versions[0]["document"]
    assert "Porridge" not in versions[1]["document"]


async def test_not_even_the_database_changes_a_signed_version(
    client: Client, clinic: Clinic, database_url: str
) -> None:
    import asyncpg

    await open_gates(client, clinic)
    await a_step(client, clinic)
    await asked(client, "POST", path(clinic.patient, "/sign"), clinic.consultant, {})
    owner = await asyncpg.connect(database_url)
    try:
        for change in ("update careplan_version set number = 7", "delete from careplan_version"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(change)
    finally:
        await owner.close()


async def test_a_plan_behind_a_closed_gate_is_not_signed(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    await a_step(client, clinic)
    await asked(
        client,
        "PUT",
        path(clinic.patient, "/gates/alarm_features"),
        clinic.consultant,
        {"answer": "unknown", "version": 1},
    )

    assert (422, "gate_blocks") == _code(
        await asked(client, "POST", path(clinic.patient, "/sign"), clinic.consultant, {})
    )


async def test_everything_leaves_a_trace_and_no_words(client: Client, clinic: Clinic, db: Database) -> None:
    await open_gates(client, clinic)
    await a_step(client, clinic)
    await asked(client, "GET", path(clinic.patient), clinic.patient)
    async with db.begin(Caller.system("a test reads")) as tx:
        acts = {(row.action, row.what) for row in await tx.execute(text("select action, what from db_audit"))}
        told = [row.facts for row in await tx.execute(text("select facts from realtime_item"))]
        stored = [row.content for row in await tx.execute(text("select content from careplan_step"))]

    assert {("read", "care plan"), ("write", "care plan step"), ("write", "care plan gate")} <= acts
    assert told
    assert "Oats" not in str(told)
    assert all(b"Oats" not in content for content in stored)


async def test_the_same_key_makes_one_step(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    headers = {**clinic.consultant.bearer, "Idempotency-Key": "one-step"}
    url = path(clinic.patient, "/steps")
    first = await (await client.post(url, json=OATS, headers=headers)).json()
    again = await (await client.post(url, json=OATS, headers=headers)).json()
    plan = (await asked(client, "GET", path(clinic.patient), clinic.patient))[1]

    assert first == again
    assert 1 == len(plan["steps"])


async def test_the_library_is_open_to_whoever_signed_in(client: Client, clinic: Clinic) -> None:
    status, library = await asked(client, "GET", "/api/v1/evidence", clinic.patient)

    assert 200 == status
    assert {"DIET-SMILES", "DIET-NULL"} <= {row["id"] for row in library["items"]}


def _code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]
