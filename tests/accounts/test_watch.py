"""A socket does not outlive its sign-in: not on this process, not on another, not when the news gets lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from sqlalchemy import update

from telegut.accounts.tables import person
from telegut.accounts.tables import session as session_table
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.web.sockets import SESSION_ENDED
from tests import build
from tests.conftest import Serve

WITHIN_S = 30
"""The promise is 5 s; a busy machine gets more, and the test still ends."""


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """A program."""
    async with ClientSession() as made:
        yield made


async def listen(http: ClientSession, url: str, account: build.Account) -> ClientWebSocketResponse:
    """An open feed of *account*."""
    socket = await http.ws_connect(f"{url}/events", headers=account.bearer)
    await socket.send_json({"type": "hello", "cursor": None})
    await socket.receive_json()
    return socket


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """The code the socket is closed with."""
    async with asyncio.timeout(WITHIN_S):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
            pass
    return socket.close_code


async def test_signing_out_closes_what_that_sign_in_opened_and_nothing_else(
    serve: Serve, db: Database, http: ClientSession
) -> None:
    here, there = await serve(), await serve()
    lena, tom = await build.person(db), await build.person(db)
    body = {"email": lena.email, "password": lena.password}
    other = await (await http.post(f"{here}/api/v1/tokens", json=body)).json()
    ours = [await listen(http, url, lena) for url in (here, there)]
    spared = await listen(http, here, tom)
    elsewhere = await http.ws_connect(f"{here}/events", headers={"Authorization": f"Bearer {other['token']}"})

    await http.delete(f"{here}/api/v1/tokens/current", headers=lena.bearer)

    assert [SESSION_ENDED] * 2 == [await closed(one) for one in ours]
    for socket in (spared, elsewhere):
        await socket.send_json({"type": "nonsense"})
        assert "refused" == (await socket.receive_json(timeout=WITHIN_S))["type"]


async def test_a_disabled_account_s_sockets_close(serve: Serve, db: Database, http: ClientSession) -> None:
    lena = await build.person(db)
    socket = await listen(http, await serve(session_check_s=0.1), lena)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(person).where(person.c.id == lena.id).values(disabled_at=utc_now()))

    assert SESSION_ENDED == await closed(socket)


async def test_a_sign_in_that_ended_unheard_is_found(serve: Serve, db: Database, http: ClientSession) -> None:
    lena = await build.person(db)
    socket = await listen(http, await serve(session_check_s=0.1), lena)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(session_table).values(ended_at=utc_now()))

    assert SESSION_ENDED == await closed(socket)


async def test_an_open_call_does_not_go_idle(serve: Serve, db: Database, http: ClientSession) -> None:
    lena, tom = await build.person(db), await build.person(db)
    url = await serve(session_check_s=0.1)
    idle, over = await listen(http, url, lena), await listen(http, url, tom)
    async with db.begin(build.BUILDER) as tx:
        long_ago = {"seen_at": session_table.c.created_at, "idle_s": 0}
        await tx.execute(update(session_table).where(session_table.c.id == lena.session).values(long_ago))
        await tx.execute(update(session_table).where(session_table.c.id == tom.session).values(expires_at=utc_now()))

    assert SESSION_ENDED == await closed(over)
    await idle.send_json({"type": "nonsense"})
    assert "refused" == (await idle.receive_json(timeout=WITHIN_S))["type"]
