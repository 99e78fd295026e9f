"""Probes and the description of the API."""

from __future__ import annotations

from typing import Any

from openapi_spec_validator import validate

from telegut.web.openapi import document


async def test_a_live_process_says_so(client: Any) -> None:
    answer = await client.get("/livez")

    assert answer.status == 200


async def test_a_process_with_its_database_is_ready(client: Any) -> None:
    answer = await client.get("/readyz")

    assert await answer.json() == {"ready": True, "checks": dict.fromkeys((await answer.json())["checks"], "ok")}


async def test_the_description_is_valid_openapi(client: Any) -> None:
    answer = await client.get("/api/v1/openapi.json")

    validate(await answer.json())


def test_an_empty_api_has_a_description_too() -> None:
    validate(document([], "http://127.0.0.1:8080"))


async def test_an_unknown_path_is_a_problem_document(client: Any) -> None:
    answer = await client.get("/api/v1/nothing")
    problem = await answer.json(content_type="application/problem+json")

    assert (404, "not_found") == (problem["status"], problem["code"])


async def test_metrics_hold_no_ids(client: Any) -> None:
    await client.get("/livez")
    text = await (await client.get("/metrics")).text()

    assert "telegut_open_sockets" in text
