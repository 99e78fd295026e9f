"""The ``/events`` socket and its twin: nothing lost, in order, resumable."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.realtime import outbox
from telegut.realtime.bus import Bus
from telegut.realtime.events import Event
from telegut.realtime.outbox import Audience
from telegut.realtime.service import Feed
from tests import build

SYSTEM = Caller.system("test")


async def _tell(db: Database, *accounts: UUID, n: int = 0) -> None:
    async with db.begin(SYSTEM) as tx:
        await outbox.append(tx, Event("test.happened", facts={"n": n}), to=accounts)


async def _receive(socket: Any) -> Any:
    return await socket.receive_json(timeout=10)


async def test_events_come_in_order_and_resume_where_they_stopped(client: Any, db: Database) -> None:
    me = await build.person(db)
    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": None})
        assert "welcome" == (await _receive(socket))["type"]
        for n in range(3):
            await _tell(db, me.id, n=n)
        first = [await _receive(socket) for _ in range(3)]
    await _tell(db, me.id, n=3)
    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": first[1]["cursor"]})
        await _receive(socket)
        again = [await _receive(socket) for _ in range(2)]

    assert [0, 1, 2] == [one["event"]["n"] for one in first]
    assert [2, 3] == [one["event"]["n"] for one in again]


async def test_a_cursor_that_cannot_be_resumed_is_said_so(client: Any, db: Database) -> None:
    me = await build.person(db)
    await _tell(db, me.id)
    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": "x" * 32})
        answer = await _receive(socket)
        await _tell(db, me.id, n=7)
        following = await _receive(socket)

    assert ("resync_required", 7) == (answer["type"], following["event"]["n"])


async def test_a_restored_database_asks_everybody_to_load_again(client: Any, db: Database) -> None:
    me = await build.person(db)
    before = await (await client.get("/api/v1/events", headers=me.bearer)).json()
    await Feed(db).new_epoch()
    after = await (await client.get("/api/v1/events", params={"cursor": before["cursor"]}, headers=me.bearer)).json()

    assert (False, True) == (before["resync_required"], after["resync_required"])


async def test_purged_events_cannot_be_resumed_and_newer_ones_can(client: Any, db: Database) -> None:
    me, feed = await build.person(db), Feed(db)
    start = (await (await client.get("/api/v1/events", headers=me.bearer)).json())["cursor"]
    await _tell(db, me.id)
    middle = (await (await client.get("/api/v1/events", headers=me.bearer)).json())["cursor"]
    await feed.purge(timedelta(0))
    old = await (await client.get("/api/v1/events", params={"cursor": start}, headers=me.bearer)).json()
    new = await (await client.get("/api/v1/events", params={"cursor": middle}, headers=me.bearer)).json()

    assert (True, False) == (old["resync_required"], new["resync_required"])


async def test_a_long_poll_answers_when_something_happens(client: Any, db: Database) -> None:
    me = await build.person(db)
    start = (await (await client.get("/api/v1/events", headers=me.bearer)).json())["cursor"]
    waiting = asyncio.create_task(
        client.get("/api/v1/events", params={"cursor": start, "wait": "20"}, headers=me.bearer)
    )
    await asyncio.sleep(0.1)
    await _tell(db, me.id, n=5)
    answer = await (await asyncio.wait_for(waiting, 10)).json()

    assert [5] == [one["n"] for one in answer["items"]]


async def test_nobody_skips_an_event_whatever_order_transactions_commit_in(client: Any, db: Database) -> None:
    me, others = await build.person(db), [uuid4() for _ in range(4)]

    async def slow_teller(n: int) -> None:
        async with db.begin(SYSTEM) as tx:
            if n % 3 == 0:
                await asyncio.sleep(random.random() * 0.05)
            await outbox.append(tx, Event("test.happened", facts={"n": n}), to=[me.id, *random.sample(others, 2)])
            if n % 2 == 0:
                await asyncio.sleep(random.random() * 0.02)

    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": None})
        await _receive(socket)
        telling = asyncio.gather(*(slow_teller(n) for n in range(60)))
        seen = [(await _receive(socket))["event"]["n"] for _ in range(60)]
        await telling

    assert sorted(seen) == list(range(60))


async def test_a_batch_for_many_mailboxes_keeps_each_in_order(database_url: str, db: Database) -> None:
    import asyncpg

    first, second = uuid4(), uuid4()
    audiences = [Audience("test.happened", None, (second,)), Audience("test.happened", None, (first,))]
    told = [(int(n % 3 > 0), json.dumps({"n": n})) for n in range(10)]
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        appended = await outbox.append_many(connection, audiences, told)
    rows = await connection.fetch("select account, seq, facts->>'n' as n from realtime_item order by account, seq")
    await connection.close()

    assert {first: 6, second: 4} == appended.ends
    assert {second: [(1, 0), (2, 3), (3, 6), (4, 9)]} == appended.of({second, uuid4()})
    for account, expected in [(first, [1, 2, 4, 5, 7, 8]), (second, [0, 3, 6, 9])]:
        mine = [row for row in rows if row["account"] == account]
        assert list(range(1, len(expected) + 1)) == [row["seq"] for row in mine]
        assert expected == [int(row["n"]) for row in mine]


async def test_an_acknowledgement_never_goes_back_or_ahead(client: Any, db: Database) -> None:
    me = await build.person(db)
    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": None})
        await _receive(socket)
        for n in range(2):
            await _tell(db, me.id, n=n)
        cursors = [(await _receive(socket))["cursor"] for _ in range(2)]
        for cursor in (cursors[1], cursors[0], "nonsense"):
            await socket.send_json({"type": "ack", "cursor": cursor})
        assert "refused" == (await _receive(socket))["type"]
    async with db.begin(SYSTEM) as tx:
        stored = await tx.scalar(text("select acknowledged from realtime_mailbox where account = :a"), {"a": me.id})

    assert 2 == stored


@pytest.mark.parametrize("message", ["{", "[]", '{"type": 5}', '{"type": "unknown"}', "[" * 50_000])
async def test_malformed_messages_are_refused_and_the_socket_lives(client: Any, db: Database, message: str) -> None:
    me = await build.person(db)
    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_str(message)
        refused = await _receive(socket)
        await socket.send_json({"type": "hello", "cursor": None})
        welcome = await _receive(socket)

    assert ("refused", "welcome") == (refused["type"], welcome["type"])


async def test_a_cookie_without_our_origin_does_not_open_a_socket(client: Any, db: Database) -> None:
    answer = await client.get("/events", headers={"Connection": "Upgrade", "Upgrade": "websocket"})

    assert 401 == answer.status


async def test_a_fact_of_any_size_reaches_the_other_process(database_url: str) -> None:
    here, there = Bus(database_url), Bus(database_url)
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    woken: asyncio.Queue[set[UUID]] = asyncio.Queue()
    there.subscribe("signal", heard.put_nowait)
    there.on_wake(woken.put_nowait)
    await here.start()
    await there.start()
    account = uuid4()
    try:
        here.wake([account])
        for size in (10, 7_600, 60_000):
            here.publish("signal", {"sdp": "é" * size})
        sizes = [len((await asyncio.wait_for(heard.get(), 10))["sdp"]) for _ in range(3)]
        assert {account} == await asyncio.wait_for(woken.get(), 10)
    finally:
        await here.stop()
        await there.stop()

    assert [10, 7_600, 60_000] == sizes


async def test_a_lost_listener_comes_back(database_url: str) -> None:
    here, there = Bus(database_url), Bus(database_url)
    recovered = asyncio.Event()
    there.on_recovered(recovered.set)
    await here.start()
    await there.start()
    try:
        assert there._connection is not None
        there._connection.terminate()
        await asyncio.wait_for(recovered.wait(), 10)
        heard = asyncio.Event()
        there.subscribe("after", lambda _: heard.set())
        here.publish("after", {})
        await asyncio.wait_for(heard.wait(), 10)
    finally:
        await here.stop()
        await there.stop()


async def test_a_ping_is_answered_before_and_after_hello(client: Any, db: Database) -> None:
    me = await build.person(db)
    async with client.ws_connect("/events", headers=me.bearer) as socket:
        await socket.send_json({"type": "ping"})
        before = await _receive(socket)
        await socket.send_json({"type": "hello", "cursor": None})
        await _receive(socket)
        await socket.send_json({"type": "ping"})

        assert [before, await _receive(socket)] == [{"type": "pong"}, {"type": "pong"}]


async def test_whoever_polls_behind_a_cursor_has_taken_delivery_up_to_it(client: Any, db: Database) -> None:
    me, feed = await build.person(db), Feed(db)
    start = (await (await client.get("/api/v1/events", headers=me.bearer)).json())["cursor"]
    await _tell(db, me.id)
    got = await (await client.get("/api/v1/events", params={"cursor": start}, headers=me.bearer)).json()
    async with db.begin(SYSTEM) as tx:
        handed_out = await feed.acknowledged(tx, [me.id])
    await client.get("/api/v1/events", params={"cursor": got["cursor"]}, headers=me.bearer)
    async with db.begin(SYSTEM) as tx:
        kept = await feed.acknowledged(tx, [me.id])

    assert (str(me.id), {me.id: 0}, {me.id: 1}) == (got["account"], handed_out, kept)
