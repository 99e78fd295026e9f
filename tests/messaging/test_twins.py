"""The same message at once by every way there is, in two processes: one message, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from telegut.db.engine import Database
from tests import build
from tests.build import Account
from tests.conftest import Serve

PATIENCE_S = 60


async def _place(url: str, who: Account) -> str:
    (one,) = await _items(f"{url}/api/v1/conversations", who)
    return str(one["id"])


async def _messages(url: str, who: Account, place: str) -> list[Any]:
    items = await _items(f"{url}/api/v1/conversations/{place}/events?limit=500", who)
    return [one for one in items if one["type"] == "message.sent"]


async def _items(address: str, who: Account) -> list[Any]:
    async with aiohttp.ClientSession() as session, session.get(address, headers=who.bearer) as answer:
        return list((await answer.json())["items"])


async def _post(url: str, who: Account, place: str, said: dict[str, str], gate: asyncio.Barrier) -> Any:
    async with aiohttp.ClientSession() as session:
        await gate.wait()
        path = f"{url}/api/v1/conversations/{place}/messages"
        async with session.post(path, json=said, headers=who.bearer) as answer:
            body = await answer.json()
            return (body["id"], body["seq"]) if answer.status == 201 else (answer.status, body["code"])


async def _say(url: str, who: Account, place: str, said: dict[str, str], gate: asyncio.Barrier) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/events", headers=who.bearer) as socket,
    ):
        await gate.wait()
        await socket.send_json({"type": "send", "conversation": place, **said})
        answer = await socket.receive_json(timeout=PATIENCE_S)
        if answer["type"] == "sent":
            return answer["id"], answer["seq"]
        return answer["problem"]["status"], answer["problem"]["code"]


async def _at_once(urls: Sequence[str], who: Account, place: str, bodies: Sequence[str], client_id: str) -> list[Any]:
    """Each of *bodies* under one client_id, by a socket and by HTTP in each process, all at one moment."""
    gate = asyncio.Barrier(2 * len(urls) * len(bodies))
    tries = [
        way(url, who, place, {"client_id": client_id, "body": body}, gate)
        for body in bodies
        for url in urls
        for way in (_post, _say)
    ]
    async with asyncio.timeout(PATIENCE_S):
        return list(await asyncio.gather(*tries))


@pytest.fixture
async def urls(serve: Serve) -> list[str]:
    """Two web processes' applications on one database."""
    return [await serve(), await serve()]


async def test_twins_by_sockets_and_http_in_two_processes_are_one_message(urls: list[str], db: Database) -> None:
    clinic = await build.clinic(db)
    place = await _place(urls[0], clinic.patient)

    answers = [await _at_once(urls, clinic.patient, place, ["Once"], f"same {n}") for n in range(5)]

    assert [1] * 5 == [len(set(one)) for one in answers]
    found = await _messages(urls[1], clinic.consultant, place)
    assert [one[0] for one in answers] == [(one["id"], one["seq"]) for one in found]


async def test_of_other_words_under_the_same_id_at_once_one_is_stored_and_the_rest_refused(
    urls: list[str], db: Database
) -> None:
    clinic = await build.clinic(db)
    place = await _place(urls[0], clinic.patient)

    answers = await _at_once(urls, clinic.patient, place, ["These words", "Other words"], "same")

    (stored,) = await _messages(urls[0], clinic.patient, place)
    refused = (422, "idempotency_key_reused")
    expected = {"These words": [(stored["id"], stored["seq"])] * 4 + [refused] * 4}
    expected["Other words"] = list(reversed(expected["These words"]))
    assert expected[stored["body"]] == answers
