"""Words for tests of the plan: answered gates, steps, and the calls that make them."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient

from telegut.careplan.gates import GATES
from tests.build import Account, Clinic

Client = TestClient[web.Request, web.Application]

OATS = {
    "title": "Oats at breakfast",
    "kind": "fibre",
    "details": "With the milk you like.",
    "why": "preference",
    "evidence": "PREB-DIET",
    "schedule": [{"week": 1, "amount": "20 g"}, {"week": 2, "amount": "40 g"}],
}


def path(patient: Account, rest: str = "") -> str:
    return f"/api/v1/patients/{patient.id}/care-plan{rest}"


async def asked(client: Client, method: str, url: str, who: Account, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of one call."""
    response = await client.request(method, url, json=body, headers=who.bearer)
    return response.status, await response.json() if response.content_length else None


async def open_gates(client: Client, clinic: Clinic, *but: str) -> None:
    """Answer every gate with no, except those in *but*."""
    for gate in GATES:
        if gate.id not in but:
            url = path(clinic.patient, f"/gates/{gate.id}")
            status, answer = await asked(client, "PUT", url, clinic.nutritionist, {"answer": "no"})
            assert status == 200, answer


async def a_step(client: Client, clinic: Clinic, **changes: Any) -> dict[str, Any]:
    """A step in the plan of a patient whose gates are open."""
    status, step = await asked(client, "POST", path(clinic.patient, "/steps"), clinic.consultant, {**OATS, **changes})
    assert status == 201, step
    made: dict[str, Any] = step
    return made
