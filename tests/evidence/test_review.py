"""A version is proposed by one person and signed by a second one; what was signed never changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.evidence.library import BUILT_IN
from telegut.evidence.rules import CLINIC_FROM
from telegut.evidence.tables import version
from tests import build
from tests.build import Account, Clinic
from tests.careplan.plans import Client, a_step, asked, open_gates, path

PROPOSALS = "/api/v1/evidence/proposals"
ROW = "PREB-DIET"
WORDS = "Tested in people under stress: one small study found that mood improved."


def proposal(based_on: int | None = 1, **changes: Any) -> dict[str, Any]:
    """Other words for `ROW`."""
    row = BUILT_IN.shown(ROW).row
    plain = ("intervention", "design", "population", "comparator", "outcome", "effect", "must_not_say", "source")
    return {
        **{name: getattr(row, name) for name in plain},
        "row": ROW,
        "based_on": based_on,
        "why": "Shorter",
        "checked": "2026-11-22",
        "certainty": row.certainty.value,
        "may_say": WORDS,
        "kinds": [kind.value for kind in row.kinds],
        "gates": list(row.gates),
        "beside": list(row.beside),
        **changes,
    }


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def propose(client: Client, who: Account, **changes: Any) -> tuple[int, Any]:
    return await asked(client, "POST", PROPOSALS, who, proposal(**changes))


async def sign(client: Client, id: str, who: Account) -> tuple[int, Any]:
    return await asked(client, "POST", f"{PROPOSALS}/{id}/sign", who, {"profession": "dietitian"})


async def test_a_signed_version_holds_and_agreed_steps_keep_theirs(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    agreed = await a_step(client, clinic)
    _, draft = await propose(client, clinic.nutritionist)
    before = (await asked(client, "GET", "/api/v1/evidence", clinic.patient))[1]["items"]
    status, signed = await sign(client, draft["id"], clinic.consultant)
    after = (await asked(client, "GET", "/api/v1/evidence", clinic.patient))[1]["items"]
    paused = (await _change(client, clinic, agreed, {"status": "paused"}))[1]
    reworded = (await _change(client, clinic, paused, {"title": "Oats, warm"}))[1]
    new = await a_step(client, clinic, title="Oats again")

    assert (200, "signed", 1_001) == (status, signed["state"], signed["row"]["version"])
    assert [(1, 1_001)] == [
        (old["version"], now["version"]) for old, now in zip(before, after, strict=True) if old["id"] == ROW
    ]
    assert WORDS == next(row for row in after if row["id"] == ROW)["may_say"]
    assert f"{clinic.consultant.name}, dietitian" == next(row for row in after if row["id"] == ROW)["reviewer"]
    assert [1, 1, 1_001, 1_001] == [one["evidence"]["version"] for one in (agreed, paused, reworded, new)]
    assert BUILT_IN.shown(ROW).row.may_say == paused["evidence"]["may_say"]
    versions = (await asked(client, "GET", f"/api/v1/evidence/{ROW}/versions", clinic.patient))[1]["items"]
    assert [1_001, 1] == [one["version"] for one in versions]


async def test_a_clinic_adds_a_row_of_its_own(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    mine = {"row": "CLINIC-WALK", "kinds": ["movement"], "gates": [], "beside": []}
    _, draft = await propose(client, clinic.admin, based_on=None, **mine)
    early = {"title": "A walk", "kind": "movement", "evidence": "CLINIC-WALK"}
    refused = await asked(client, "POST", path(clinic.patient, "/steps"), clinic.consultant, early)
    signed = (await sign(client, draft["id"], clinic.consultant))[1]
    step = await a_step(client, clinic, **early)

    assert 422 == refused[0]
    assert None is signed["based_on"]
    assert ("CLINIC-WALK", 1_001) == (step["evidence"]["id"], step["evidence"]["version"])
    assert (409, "row_moved") == _code(await propose(client, clinic.admin, based_on=None, **mine))


async def test_nobody_signs_their_own_words(client: Client, clinic: Clinic) -> None:
    _, draft = await propose(client, clinic.nutritionist)

    assert (403, "second_person") == _code(await sign(client, draft["id"], clinic.nutritionist))
    assert (403, "refused") == _code(await sign(client, draft["id"], clinic.admin))
    reason = {"reason": "No"}
    own = await asked(client, "POST", f"{PROPOSALS}/{draft['id']}/send-back", clinic.nutritionist, reason)
    assert (403, "second_person") == _code(own)


async def test_one_draft_at_a_time_even_when_two_propose_at_once(client: Client, clinic: Clinic) -> None:
    both: list[Awaitable[tuple[int, Any]]] = [propose(client, clinic.nutritionist), propose(client, clinic.admin)]
    found = await asyncio.gather(*both)

    assert [201, 409] == sorted(status for status, _ in found)
    assert "draft_open" == next(body["code"] for status, body in found if status == 409)


async def test_a_draft_is_decided_once(client: Client, clinic: Clinic) -> None:
    _, draft = await propose(client, clinic.admin)
    both = [sign(client, draft["id"], clinic.nutritionist), sign(client, draft["id"], clinic.consultant)]
    found = await asyncio.gather(*both)

    assert [200, 409] == sorted(status for status, _ in found)
    assert (409, "row_moved") == _code(await propose(client, clinic.nutritionist))
    assert 1_002 == (await propose(client, clinic.nutritionist, based_on=1_001))[1]["row"]["version"]


async def test_a_draft_sent_back_says_why_and_makes_room(client: Client, clinic: Clinic) -> None:
    _, draft = await propose(client, clinic.nutritionist)
    reason = {"reason": "The interval is missing."}
    _, sent = await asked(client, "POST", f"{PROPOSALS}/{draft['id']}/send-back", clinic.consultant, reason)
    status, again = await propose(client, clinic.nutritionist)
    other = await asked(client, "POST", f"{PROPOSALS}/{again['id']}/withdraw", clinic.consultant)
    taken = (await asked(client, "POST", f"{PROPOSALS}/{again['id']}/withdraw", clinic.nutritionist))[1]

    assert ("sent_back", "The interval is missing.") == (sent["state"], sent["reason"])
    assert 201 == status
    assert (403, "only_the_author") == _code(other)
    assert "withdrawn" == taken["state"]
    assert (409, "already_decided") == _code(await sign(client, again["id"], clinic.consultant))


@pytest.mark.parametrize(("changes", "field"), [
    ({"beside": []}, "beside"),
    ({"gates": ["moon_phase", "gut_sensitivity"]}, "gates"),
    ({"may_say": "It boosts mood."}, "may_say"),
    ({"checked": (utc_now() + timedelta(days=3)).date().isoformat()}, "checked"),
    ({"certainty": "quite sure"}, "certainty"),
])  # fmt: skip
async def test_what_hides_or_promises_is_refused(
    client: Client, clinic: Clinic, changes: dict[str, Any], field: str
) -> None:
    status, problem = await propose(client, clinic.nutritionist, **changes)

    assert 422 == status
    assert field in {error["field"] for error in problem["errors"]}


async def test_the_database_keeps_what_was_signed(client: Client, clinic: Clinic, db: Database) -> None:
    _, draft = await propose(client, clinic.nutritionist)
    await sign(client, draft["id"], clinic.consultant)

    for statement in (
        update(version).values(why="Other words"),
        update(version).values(state="draft"),
        text("delete from evidence_version"),
        text("update evidence_current set state = 'draft'"),
    ):
        with pytest.raises(DBAPIError):
            async with db.begin(Caller.system("a test")) as tx:
                await tx.execute(statement)


async def test_patients_see_no_drafts(client: Client, clinic: Clinic) -> None:
    await propose(client, clinic.nutritionist)

    assert 403 == (await asked(client, "GET", PROPOSALS, clinic.patient))[0]
    rows = (await asked(client, "GET", "/api/v1/evidence", clinic.patient))[1]["items"]
    assert max(row["version"] for row in rows) < CLINIC_FROM


async def _change(client: Client, clinic: Clinic, step: Any, change: dict[str, Any]) -> tuple[int, Any]:
    url = path(clinic.patient, f"/steps/{step['id']}")
    return await asked(client, "PATCH", url, clinic.nutritionist, {"version": step["version"], **change})


def _code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]
