"""Endpoints: what is parsed, refused, kept and given again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, time
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import Field
from sqlalchemy import text

from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.errors import Conflict, FieldError, Invalid
from telegut.web.api import OPERATIONS, Answer, Body, Call, Endpoints, Instant, Query
from telegut.web.keys import DATABASE, RESOLVERS
from tests import build

ACCOUNT = UUID("01900000-0000-7000-8000-0000000000aa")
BEARER = {"Authorization": "Bearer test"}
api = Endpoints("test")


class Full(Conflict):
    """It is full."""


class Kind(StrEnum):
    """What it is made of."""

    GLASS = "glass"


class BeadBody(Body):
    """One bead."""

    colour: str
    at: Instant | None = None
    size: int = Field(default=1, ge=1)
    weight: float | None = None
    shiny: bool | None = None
    sizes: list[int] = []
    kind: Kind | None = None
    maker: UUID | None = None
    day: date | None = None
    start: time | None = Field(default=None, alias="from")
    days: tuple[date, ...] = ()


class BeadAnswer(Answer):
    """How many beads there are now."""

    count: int
    at: Instant | None = None


class BeadQuery(Query):
    """Which beads."""

    colour: list[str] = []
    limit: int = 10


@api.post("/api/v1/test/beads", body=BeadBody, answer=BeadAnswer, status=201, summary="Add a bead", refusals=[Full])
async def post_bead(call: Call[BeadBody]) -> BeadAnswer:
    """Adds a bead, unless it is black."""
    async with call.app[DATABASE].begin(call.caller) as tx:
        await tx.execute(text("insert into jobs_job (id, kind, payload) values (gen_random_uuid(), 'bead', '{}')"))
        if call.body.colour == "black":
            raise Full
        if call.body.colour == "grey":
            raise Invalid(errors=[FieldError("colour", "is dull")])
        if call.body.colour == "broken":
            raise RuntimeError("clinical text that nobody may see")
        count = await tx.scalar(text("select count(*) from jobs_job where kind = 'bead'"))
    return BeadAnswer(count=count, at=call.body.at)


@api.get("/api/v1/test/beads", query=BeadQuery, answer=BeadAnswer, summary="Count beads")
async def get_beads(call: Call[None]) -> BeadAnswer:
    """Counts what was asked for."""
    return BeadAnswer(count=len(call.query.colour) * call.query.limit)


@pytest.fixture
async def beads(app: web.Application) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async def resolve(request: web.Request) -> Caller | None:
        return Caller(account=ACCOUNT) if request.headers.get("Authorization") == "Bearer test" else None

    app[RESOLVERS].append(resolve)
    api.install(app)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client


async def _post(client: Any, body: Any, **headers: str) -> tuple[int, Any]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await client.post("/api/v1/test/beads", json=body, headers={**BEARER, **names})
    return answer.status, await answer.json(content_type=None)


async def test_a_stranger_is_asked_to_sign_in(beads: Any) -> None:
    answer = await beads.post("/api/v1/test/beads", json={"colour": "red"})

    assert 401 == answer.status


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        ("{", 400, "unparsable"),
        ("[" * 100_000, 400, "unparsable"),
        ("null", 422, "invalid"),
        ("{}", 422, "invalid"),
        ('{"colour": "red", "role": "admin"}', 422, "invalid"),
        ('{"colour": 5}', 422, "invalid"),
        ('{"colour": "red", "at": "2026-11-24T15:30:00"}', 422, "invalid"),
        ('{"colour": "red", "at": 1700000000}', 422, "invalid"),
        ('{"colour": "red", "size": "1"}', 422, "invalid"),
        ('{"colour": "red", "size": true}', 422, "invalid"),
        ('{"colour": "red", "weight": "1.5"}', 422, "invalid"),
        ('{"colour": "red", "weight": true}', 422, "invalid"),
        ('{"colour": "red", "shiny": 1}', 422, "invalid"),
        ('{"colour": "red", "shiny": "true"}', 422, "invalid"),
        ('{"colour": "red", "sizes": [1, "2"]}', 422, "invalid"),
        ('{"colour": "red", "colour": "blue"}', 422, "invalid"),
        ('{"colour": "red", "size": 2, "weight": 3, "shiny": true, "sizes": [4], "kind": "glass"}', 201, None),
        ('{"colour": "red", "day": 1795219200}', 422, "invalid"),
        ('{"colour": "red", "day": "1795219200"}', 422, "invalid"),
        ('{"colour": "red", "from": 79200}', 422, "invalid"),
        ('{"colour": "red", "day": "2026-11-24", "from": "22:00", "days": [null]}', 422, "invalid"),
        ('{"colour": "red", "day": "2026-11-24", "from": "22:00", "days": ["2026-11-25"]}', 201, None),
        ('{"colour": "red", "maker": "0199a5b0-0000-7000-8000-000000000001"}', 201, None),
        ('{"colour": "' + "x" * 2_000_000 + '"}', 413, "too_large"),
    ],
)
async def test_what_does_not_fit_is_refused(beads: Any, raw: str, status: int, code: str) -> None:
    headers = {**BEARER, "Content-Type": "application/json"}
    answer = await beads.post("/api/v1/test/beads", data=raw, headers=headers)
    problem = await answer.json(content_type=None)

    assert (status, code) == (answer.status, problem.get("code"))
    assert code is None or problem["status"] == status


async def test_an_unknown_field_is_named(beads: Any) -> None:
    _, problem = await _post(beads, {"colour": "red", "role": "admin"})

    assert [{"field": "role", "message": "is not a known field"}] == problem["errors"]


async def test_instants_are_answered_in_utc(beads: Any) -> None:
    _, bead = await _post(beads, {"colour": "red", "at": "2026-11-24T16:30:00+01:00"})

    assert "2026-11-24T15:30:00Z" == bead["at"]


async def test_a_query_takes_repeated_names_and_refuses_unknown_ones(beads: Any) -> None:
    good = await beads.get("/api/v1/test/beads?colour=red&colour=blue&limit=3", headers=BEARER)
    bad = await beads.get("/api/v1/test/beads?size=3", headers=BEARER)
    twice = await beads.get("/api/v1/test/beads?limit=3&limit=4", headers=BEARER)

    assert (6, 422, 422) == ((await good.json())["count"], bad.status, twice.status)


async def test_unknown_names_in_an_address_are_refused_everywhere(
    client: Any, app: web.Application, db: Database
) -> None:
    noor = await build.person(db, "coordinator")
    answered = [one.path for one in app[OPERATIONS] if one.method == "GET" and "{" not in one.path]
    taking = [path for path in answered if (await client.get(f"{path}?bogus=1", headers=noor.bearer)).status < 400]
    answer = await client.get("/api/v1/services?bogus=1", headers=noor.bearer)
    changed = await client.post("/api/v1/topics?bogus=1", json={"name": "Sleep", "services": []}, headers=noor.bearer)

    assert [] == taking
    assert (422, "bogus") == (answer.status, (await answer.json())["errors"][0]["field"])
    assert (422, "bogus") == (changed.status, (await changed.json())["errors"][0]["field"])


async def test_the_same_key_gets_the_first_answer(beads: Any) -> None:
    first = await _post(beads, {"colour": "red"}, Idempotency_Key="one")
    again = await _post(beads, {"colour": "red"}, Idempotency_Key="one")
    other = await _post(beads, {"colour": "red"}, Idempotency_Key="two")

    assert [(201, 1), (201, 1), (201, 2)] == [(status, body["count"]) for status, body in (first, again, other)]


async def test_the_same_key_with_another_body_is_refused(beads: Any) -> None:
    await _post(beads, {"colour": "red"}, Idempotency_Key="one")
    status, problem = await _post(beads, {"colour": "blue"}, Idempotency_Key="one")

    assert (422, "idempotency_key_reused") == (status, problem["code"])


async def test_twins_at_once_have_one_effect(beads: Any) -> None:
    answers = await asyncio.gather(*(_post(beads, {"colour": "red"}, Idempotency_Key="twin") for _ in range(20)))
    _, after = await _post(beads, {"colour": "red"})

    assert {(201, 1)} == {(status, body["count"]) for status, body in answers}
    assert 2 == after["count"]


async def test_a_refusal_is_kept_and_has_no_effect(beads: Any) -> None:
    first = await _post(beads, {"colour": "black"}, Idempotency_Key="one")
    again = await _post(beads, {"colour": "black"}, Idempotency_Key="one")
    _, after = await _post(beads, {"colour": "red"})

    assert [(409, "full"), (409, "full")] == [(status, body["code"]) for status, body in (first, again)]
    assert 1 == after["count"]


async def test_kept_answers_are_sealed(beads: Any, db: Database) -> None:
    await _post(beads, {"colour": "red"}, Idempotency_Key="one")
    async with db.begin(Caller.system("test")) as tx:
        kept = await tx.scalar(text("select answer from web_idempotency"))

    assert b"count" not in kept


async def test_a_failure_of_ours_says_nothing_about_itself(beads: Any, capsys: pytest.CaptureFixture[str]) -> None:
    status, problem = await _post(beads, {"colour": "broken"})

    assert (500, "internal") == (status, problem["code"])
    assert "clinical" not in str(problem)


async def test_every_answer_carries_the_security_headers(beads: Any) -> None:
    for path in ("/livez", "/api/v1/test/beads", "/nothing"):
        headers = (await beads.get(path)).headers

        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "no-store" == headers["Cache-Control"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "body",
    [
        {"colour": "re\0d"},
        {"colour": "re\ud800d"},
        {"colour": "red", "at": "0001-01-01T00:00:00+14:00"},
        {"colour": "red", "at": "9999-12-31T23:59:59Z"},
    ],
    ids=["nul", "half a surrogate pair", "the first year", "the last year"],
)
async def test_what_nobody_can_keep_is_422_and_says_where(beads: Any, body: Any) -> None:
    status, problem = await _post(beads, body)

    assert (422, True) == (status, bool(problem["errors"][0]["message"]))


async def test_every_422_has_a_list_of_errors(beads: Any) -> None:
    await _post(beads, {"colour": "red"}, Idempotency_Key="one")
    _, problem = await _post(beads, {"colour": "blue"}, Idempotency_Key="one")

    assert [{"field": "", "message": problem["detail"]}] == problem["errors"]


async def test_a_broken_form_is_400(client: Any, db: Database) -> None:

    here = await build.clinic(db)
    raw = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\0b.tsv"\r\n\r\nx\r\n--x--\r\n'
    headers = {**here.consultant.bearer, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await client.post(f"/api/v1/patients/{here.patient.id}/reports", data=raw, headers=headers)

    assert answer.status in {400, 422}
