"""What stands beside a conversation: for the care team alone, with what to mind on top."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from tests import build


async def test_the_team_sees_plan_and_what_to_mind_and_nobody_else_anything(
    client: TestClient[Any, Any], db: Database
) -> None:
    clinic = await build.clinic(db)
    record, team = f"/api/v1/patients/{clinic.patient.id}/care-plan", clinic.nutritionist.bearer
    for gate, said in (("gut_sensitivity", "yes"), ("alarm_features", "no"), ("medicine_interaction", "no")):
        await client.put(f"{record}/gates/{gate}", json={"answer": said}, headers=team)
    step = {"title": "Oats at breakfast", "kind": "fibre", "why": "preference"}
    made = await client.post(f"{record}/steps", json=step, headers=team)
    panel = f"/patients/{clinic.patient.id}/panels/beside"

    answer = await client.get(panel, headers=team)
    shown = await answer.text()
    people = (clinic.stranger_consultant, clinic.patient, clinic.guardian, clinic.coordinator, clinic.admin)
    refused = [(await client.get(panel, headers=one.bearer)).status for one in people]

    assert (201, 200) == (made.status, answer.status)
    assert [404, 403, 403, 403, 403] == refused
    for words in ("Oats at breakfast", "Start low: one change at a time", "6 safety questions have no answer yet"):
        assert words in shown
    assert "None is booked." in shown
