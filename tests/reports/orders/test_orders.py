"""A test from its order to its report, over HTTP, and what it refuses on the way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient

from telegut.db.engine import Database
from telegut.reports.orders.rules import NEEDED, State, after_details, open_details, too_soon_until
from telegut.reports.protocols.rules import NEEDED as STATED
from tests import build
from tests.build import Account, Clinic
from tests.reports import lab
from tests.reports.test_handlers import finished

Client = TestClient[web.Request, web.Application]
DETAILS = {**dict.fromkeys(NEEDED, "none"), "age": 34, "bmi": 23.5, "sex": "female", "unchanged": True}
PROTOCOL = {"name": "Home kit", "states": dict.fromkeys(STATED, "as the laboratory says")}


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def ask(client: Client, who: Account, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.request(method, f"/api/v1{path}", json=body, headers=who.bearer) as answer:
        return answer.status, await answer.json()


async def ordered(client: Client, clinic: Clinic) -> dict[str, Any]:
    status, protocol = await ask(client, clinic.consultant, "POST", "/protocols", PROTOCOL)
    assert status == 201
    body = {"protocol": protocol["id"], "reason": "Is the fibre step worth going on?", "profession": "nutritionist"}
    path = f"/patients/{clinic.patient.id}/test-orders"
    status, order = await ask(client, clinic.nutritionist, "POST", path, body)
    assert (status, order["state"], order["open"]) == (201, "ordered", [*NEEDED, "unchanged"])
    assert (await ask(client, clinic.patient, "POST", path, body))[0] == 403
    assert (await ask(client, clinic.stranger_patient, "GET", path))[0] == 404
    return dict(order)


async def hand_in(client: Client, clinic: Clinic, order: str, data: bytes | None = None) -> tuple[int, Any]:
    form = FormData()
    form.add_field("file", data or lab.metaphlan_3(), filename="p.tsv")
    form.add_field("metadata", json.dumps({"test_order": order, "kit": "another kit"}))
    path = f"/api/v1/patients/{clinic.patient.id}/reports"
    async with client.post(path, data=form, headers=clinic.consultant.bearer) as answer:
        return answer.status, await answer.json()


async def test_a_report_inherits_what_was_asked_before_its_sample(client: Client, clinic: Clinic) -> None:
    order = await ordered(client, clinic)
    path = f"/test-orders/{order['id']}"
    day = {"collected_at": "2026-11-02", "stool_form": 4}

    half = {"version": 1, "age": 34, "unchanged": True}
    status, order = await ask(client, clinic.patient, "PUT", f"{path}/details", half)
    assert (status, order["state"], "age" in order["open"], order["details"]) == (
        200,
        "ordered",
        False,
        {"age": 34, "unchanged": True},
    )
    status, refused = await ask(client, clinic.patient, "POST", f"{path}/taken", {"version": 2, **day})
    assert (status, refused["current"]["open"]) == (409, order["open"])
    status, order = await ask(client, clinic.patient, "PUT", f"{path}/details", {"version": 2, **DETAILS})
    assert (status, order["state"], order["open"]) == (200, "described", [])
    status, stale = await ask(client, clinic.patient, "PUT", f"{path}/details", {"version": 2, **DETAILS})
    assert (status, stale["current"]["version"]) == (409, 3)
    ahead = {"version": 3, "collected_at": "2999-01-01"}
    assert (await ask(client, clinic.patient, "POST", f"{path}/taken", ahead))[0] == 422
    assert (await ask(client, clinic.patient, "POST", f"{path}/taken", {"version": 3, **day}))[1]["state"] == "taken"

    status, received = await hand_in(client, clinic, order["id"])
    assert status == 202
    said = (await ask(client, clinic.consultant, "GET", f"/reports/{received['id']}"))[1]["metadata"]
    assert (said["kit"], said["laboratory"], said["age"]) == ("another kit", "as the laboratory says", 34)
    assert (said["ordered_by_profession"], said["stool_form"], said["collected_at"]) == (
        "nutritionist",
        4,
        "2026-11-02",
    )
    assert (said["inherited"]["laboratory"], said["inherited"]["age"], "kit" in said["inherited"]) == (
        "protocol",
        "order",
        False,
    )
    assert "unchanged" not in said
    now = (await ask(client, clinic.patient, "GET", path))[1]
    assert (now["state"], now["report"]) == ("reported", received["id"])
    assert (await hand_in(client, clinic, order["id"]))[0] == 409
    gone = await ask(client, clinic.consultant, "POST", f"{path}/cancellation", {"version": now["version"]})
    assert gone[0] == 409


async def test_a_file_that_cannot_be_read_answers_no_order(client: Client, clinic: Clinic, worker: None) -> None:
    order = await ordered(client, clinic)
    status, photo = await hand_in(client, clinic, order["id"], b"\x89PNG\r\n\x1a\n")
    assert status == 202
    assert "refused" == (await finished(client, clinic.consultant, photo["id"]))["state"]
    page = await client.get(f"/test-orders/{order['id']}", headers=clinic.patient.bearer)
    assert "Hand in another file" in await page.text()

    status, received = await hand_in(client, clinic, order["id"])
    assert status == 202
    assert "ready" == (await finished(client, clinic.consultant, received["id"]))["state"]
    now = (await ask(client, clinic.patient, "GET", f"/test-orders/{order['id']}"))[1]
    assert ("reported", received["id"]) == (now["state"], now["report"])
    assert (await hand_in(client, clinic, order["id"]))[0] == 409


async def test_a_protocol_changes_by_a_version_and_an_order_keeps_its_own(client: Client, clinic: Clinic) -> None:
    order = await ordered(client, clinic)
    path = f"/protocols/{order['protocol']}"
    other = {**PROTOCOL, "states": {**PROTOCOL["states"], "kit": "a new kit"}, "version": 1, "offered": False}  # type: ignore[dict-item]
    status, changed = await ask(client, clinic.consultant, "POST", f"{path}/versions", other)
    assert (status, changed["version"], changed["offered"]) == (201, 2, False)
    assert (await ask(client, clinic.consultant, "POST", f"{path}/versions", other))[0] == 409
    assert (await ask(client, clinic.nutritionist, "POST", f"{path}/versions", {**other, "version": 2}))[0] == 403
    again = {"protocol": order["protocol"], "reason": "Once more", "profession": "other"}
    assert (await ask(client, clinic.nutritionist, "POST", f"/patients/{clinic.patient.id}/test-orders", again))[
        0
    ] == 409
    status, received = await hand_in(client, clinic, order["id"])
    said = (await ask(client, clinic.consultant, "GET", f"/reports/{received['id']}"))[1]["metadata"]
    assert (status, said["protocol"]["version"], said["extraction"]) == (202, 1, "as the laboratory says")


async def test_a_result_on_quality_material_is_read_and_kept_once(client: Client, clinic: Clinic) -> None:
    _, protocol = await ask(client, clinic.consultant, "POST", "/protocols", PROTOCOL)

    async def add(data: bytes, **said: str) -> tuple[int, Any]:
        form = FormData()
        form.add_field("file", data, filename="q.tsv")
        form.add_field("measurement", json.dumps({"material": "RM 8048", "measured_on": "2026-10-01", **said}))
        path = f"/api/v1/protocols/{protocol['id']}/quality-results"
        async with client.post(path, data=form, headers=clinic.consultant.bearer) as answer:
            return answer.status, await answer.json()

    status, kept = await add(lab.metaphlan_3())
    assert (status, kept["items"][0]["genera"] > 0, kept["items"][0]["differs"]) == (201, True, None)
    assert (await add(lab.metaphlan_3()))[0] == 409
    status, refused = await add(b"no table at all")
    assert (status, refused["errors"][0]["field"]) == (422, "file")
    status, kept = await add(lab.metaphlan_4(), measured_on="2026-11-01")
    assert (status, 0 <= kept["items"][0]["differs"] <= 1) == (201, True)


@pytest.mark.parametrize(
    ("state", "details", "expected"),
    [
        ("ordered", {}, "ordered"),
        ("ordered", {**DETAILS, "unchanged": False}, "ordered"),
        ("ordered", DETAILS, "described"),
        ("described", {}, "ordered"),
        ("taken", {}, "taken"),
    ],
)
def test_where_an_order_stands_by_its_form(state: State, details: dict[str, Any], expected: State) -> None:
    assert after_details(state, details) == expected
    assert (open_details(details) == []) == (details == DETAILS)


async def test_today_leads_to_the_form_before_the_sample_and_then_to_the_sample(client: Client, clinic: Clinic) -> None:
    order = await ordered(client, clinic)
    asked = await page_at(client, clinic.patient), await page_at(client, clinic.guardian)
    assert all(
        f'href="/test-orders/{order["id"]}"' in page and "Questions before your sample" in page for page in asked
    )
    assert order["reason"] not in asked[0] + asked[1]

    path = f"/test-orders/{order['id']}"
    await ask(client, clinic.patient, "PUT", f"{path}/details", {"version": 1, **DETAILS})
    assert "Your sample can be taken" in await page_at(client, clinic.patient)
    day = {"version": 2, "collected_at": "2026-11-02"}
    await ask(client, clinic.patient, "POST", f"{path}/taken", day)
    assert "/test-orders/" not in await page_at(client, clinic.patient)

    upload = f"/patients/{clinic.patient.id}/reports?order={order['id']}"
    assert upload in await page_at(client, clinic.patient, path)
    assert f'<option value="{order["id"]}" selected>Is the fibre step' in await page_at(client, clinic.patient, upload)


@pytest.mark.parametrize(("taken", "months", "soonest"), [
    ([], 3, None), ([date(2026, 8, 23)], 3, None), ([date(2026, 8, 24)], 3, date(2026, 11, 24)),
    ([date(2026, 11, 2), date(2025, 1, 1)], 3, date(2027, 2, 2)), ([date(2026, 8, 31)], 6, date(2027, 2, 28)),
    ([date(2027, 1, 1)], 3, None), ([date(2026, 10, 31)], 1, date(2026, 11, 30)),
])  # fmt: skip
def test_from_when_on_a_second_sample_makes_sense(taken: list[date], months: int, soonest: date | None) -> None:
    assert soonest == too_soon_until(taken, months, date(2026, 11, 23))


async def test_a_second_order_says_from_when_on_its_sample_is_taken(client: Client, clinic: Clinic) -> None:
    first = await ordered(client, clinic)
    path = f"/test-orders/{first['id']}"
    await ask(client, clinic.patient, "PUT", f"/test-orders/{first['id']}/details", {"version": 1, **DETAILS})
    assert "data-soonest" not in await page_at(client, clinic.patient, path)
    day = (datetime.now(UTC).date() - timedelta(days=5)).isoformat()
    await ask(client, clinic.patient, "POST", f"{path}/taken", {"version": 2, "collected_at": day})
    second = await ordered(client, clinic)

    assert "data-soonest" in await page_at(client, clinic.nutritionist, f"/test-orders/{second['id']}")


async def page_at(client: Client, who: Account, path: str = "/today") -> str:
    async with client.get(path, headers=who.bearer) as answer:
        assert answer.status == 200
        return await answer.text()
