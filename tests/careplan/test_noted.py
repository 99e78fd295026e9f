"""What a step cites as context: only places of this record, never a reason, and no new answer from the patient."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from telegut.careplan.noted.rules import Noted, NotedKind
from telegut.careplan.rules import Acceptance, Kind, StepContent, acceptance_after
from telegut.careplan.views import as_stored, step_content_from
from telegut.db.engine import Database
from tests import build
from tests.careplan.plans import OATS, Client, a_step, asked, open_gates, path

REPORT = "01a2056c-3d17-7645-a0c2-c4d10e19e941"
PATIENT = UUID(int=4)


@pytest.mark.parametrize(
    ("noted", "page"),
    [
        (Noted(NotedKind.FINDING, REPORT, "Bifidobacterium"), f"/reports/{REPORT}"),
        (Noted(NotedKind.DIARY_DAY, "2026-11-22"), f"/patients/{PATIENT}/scores#day-2026-11-22"),
        (Noted(NotedKind.MESSAGE, f"{REPORT}:12"), f"/messages/{REPORT}#12"),
    ],
)
def test_a_place_opens_on_its_page_without_its_name_in_the_address(noted: Noted, page: str) -> None:
    assert page == noted.path(PATIENT)


def test_a_place_changes_nothing_of_what_was_accepted_and_is_kept_with_the_step() -> None:
    before = StepContent(title="A walk", kind=Kind.MOVEMENT)
    after = replace(before, noted=(Noted(NotedKind.DIARY_DAY, "2026-11-22"),))

    assert Acceptance.ACCEPTED is acceptance_after(before, after, Acceptance.ACCEPTED)
    assert Acceptance.ASKED is acceptance_after(before, replace(after, title="A run"), Acceptance.ACCEPTED)
    assert after == step_content_from(json.loads(as_stored(after)))
    old = {"title": "A walk", "kind": "movement", "why": "goal"}
    assert () == step_content_from(old).noted  # a step from before there were such places


async def test_a_step_cites_only_what_is_in_the_record(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    await open_gates(client, clinic)
    steps, diary = path(clinic.patient, "/steps"), f"/api/v1/patients/{clinic.patient.id}/diary"
    written = (await asked(client, "POST", diary, clinic.patient, {"mood": 3}))[1]
    conversations = (await asked(client, "GET", "/api/v1/conversations", clinic.consultant))[1]["items"]
    care = next(one for one in conversations if one["patient"] == str(clinic.patient.id) and one["kind"] == "care")
    sent = await asked(
        client,
        "POST",
        f"/api/v1/conversations/{care['id']}/messages",
        clinic.patient,
        {"client_id": str(uuid4()), "body": "I slept badly this week."},
    )
    places: list[dict[str, Any]] = [
        {"kind": "diary_day", "id": written["day"]},
        {"kind": "message", "id": f"{care['id']}:{sent[1]['seq']}"},
    ]

    step = await a_step(client, clinic, noted=places)

    assert [(one["kind"], one["id"]) for one in step["noted"]] == [(one["kind"], one["id"]) for one in places]
    assert "preference" == step["why"]
    page = await client.get(f"/patients/{clinic.patient.id}/panels/plan", headers=clinic.patient.bearer)
    text = await page.text()
    assert "context, not the reason" in text
    assert f'href="/messages/{care["id"]}#{sent[1]["seq"]}"' in text
    for wrong in (
        {"kind": "finding", "id": str(uuid4()), "place": "Bifidobacterium"},
        {"kind": "finding", "id": "nothing", "place": "Bifidobacterium"},
        {"kind": "diary_day", "id": "2020-01-01"},
        {"kind": "diary_day", "id": "yesterday"},
        {"kind": "message", "id": f"{care['id']}:99999"},
        {"kind": "message", "id": f"{uuid4()}:1"},
        {"kind": "message", "id": f"{care['id']}:²"},
    ):
        status, said = await asked(client, "POST", steps, clinic.consultant, {**OATS, "noted": [wrong]})
        assert (422, ["noted"]) == (status, [one["field"] for one in said["errors"]]), wrong

    accept = path(clinic.patient, f"/steps/{step['id']}/acceptance")
    await asked(client, "POST", accept, clinic.patient, {"answer": "accepted", "version": 1})
    change = {"version": 2, "noted": []}
    status, changed = await asked(client, "PATCH", f"{steps}/{step['id']}", clinic.consultant, change)
    assert (200, [], "accepted") == (status, changed["noted"], changed["acceptance"])
