"""Fills a clinic through the public API, as people would: visits, messages, a report, a plan, scores."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession

from tests.build import Account, Clinic


async def furnish(client: ClientSession, clinic: Clinic) -> dict[str, str]:
    """Live through some weeks; returns the ids of what came of it, by the names that page paths use."""
    return {"patient": str(clinic.patient.id)}


async def _post(client: ClientSession, who: Account, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with client.post(path, json=body, headers=who.bearer) as answer:
        if answer.status >= 300:
            raise AssertionError(f"POST {path} answered {answer.status}: {await answer.text()}")
        return dict(await answer.json()) if answer.status != 204 else {}
