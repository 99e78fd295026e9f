"""The stream and its twin: the same to the byte, honest about what it cannot resume, closed to who has left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from telegut.db.caller import Caller as Who
from telegut.db.engine import Database
from telegut.realtime import feed as positions
from telegut.realtime import outbox
from telegut.realtime.events import Event
from telegut.realtime.service import Feed
from telegut.settings import Settings
from tests import build
from tests.build import Clinic
from tests.messaging.places import service
from tests.messaging.test_handlers import Caller, heard

SYSTEM = Who.system("test")


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    """Its people."""
    return await build.clinic(db)


async def _begin(caller: Caller) -> str:
    return str((await caller.get("/api/v1/events"))["cursor"])


async def _mark(db: Database, who: Caller) -> None:
    """Something that comes after everything that was told to *who* before."""
    async with db.begin(SYSTEM) as tx:
        await outbox.append(tx, Event("test.mark", facts={}), to=[who.who.id])


async def _until_mark(socket: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while not found or found[-1]["event"]["type"] != "test.mark":
        found.append(await heard(socket, "event"))
    return found


async def test_the_twin_without_a_socket_gives_the_same_stream(client: Any, clinic: Clinic, db: Database) -> None:
    patient, team = Caller(client, clinic.patient), Caller(client, clinic.nutritionist)
    (one,) = (await patient.get("/api/v1/conversations"))["items"]
    cursor = await _begin(team)
    for n in range(5):
        await patient.post(f"/api/v1/conversations/{one['id']}/messages", {"client_id": f"{n}", "body": f"Words {n}"})
    await team.post(f"/api/v1/conversations/{one['id']}/read", {"up_to": 3}, 200)
    await _mark(db, team)

    async with team.socket(cursor) as socket:
        live = await _until_mark(socket)
    page = await team.get(f"/api/v1/events?cursor={cursor}")

    assert page["items"] == [one["event"] for one in live]
    assert page["cursor"] == live[-1]["cursor"]
    for at, one in enumerate(live):
        rest = await team.get(f"/api/v1/events?cursor={one['cursor']}")
        assert page["items"][at + 1 :] == rest["items"]


@pytest.mark.parametrize("kind", ["the future", "another epoch", "another mailbox", "a purged past", "nonsense"])
async def test_a_cursor_that_cannot_be_gone_on_from_is_answered_at_once(
    kind: str, client: Any, clinic: Clinic, db: Database
) -> None:
    me = Caller(client, clinic.patient)
    now = positions.decode(await _begin(me), me.who.id)
    assert now is not None
    owner = clinic.guardian.id if kind == "another mailbox" else me.who.id
    there = {
        "the future": positions.Cursor(now.epoch, now.seq + 1_000),
        "another epoch": positions.Cursor(uuid4(), now.seq),
        "another mailbox": now,
        "a purged past": now,
    }
    cursor = positions.encode(there[kind], owner) if kind in there else kind
    if kind == "a purged past":
        await _mark(db, me)
        await Feed(db).purge(timedelta(0))

    async with client.ws_connect("/events", headers=me.who.bearer) as socket:
        await socket.send_json({"type": "hello", "cursor": cursor})
        first = await heard(socket)
        await _mark(db, me)
        following = await heard(socket)

    assert ("resync_required", "test.mark") == (first["type"], following["event"]["type"])
    page = await me.get(f"/api/v1/events?cursor={cursor}&wait=20")
    assert (True, []) == (page["resync_required"], page["items"])


@pytest.fixture
async def left_open(client: Any, clinic: Clinic) -> AsyncIterator[tuple[Caller, str, Any]]:
    """The nutritionist with an open socket, and the place of the patient."""
    patient, team = Caller(client, clinic.patient), Caller(client, clinic.nutritionist)
    (one,) = (await patient.get("/api/v1/conversations"))["items"]
    async with team.socket() as socket:
        yield team, f"/api/v1/conversations/{one['id']}", socket


@pytest.mark.parametrize("followed", [False, True], ids=["at once", "after the job"])
async def test_who_was_removed_sees_no_later_event(
    followed: bool, client: Any, clinic: Clinic, db: Database, settings: Settings, left_open: tuple[Caller, str, Any]
) -> None:
    team, place, socket = left_open
    patient = Caller(client, clinic.patient)
    cursor = await _begin(team)
    before = await patient.post(f"{place}/messages", {"client_id": "1", "body": "Before"})
    assert before["id"] == (await heard(socket, "event"))["event"]["id"]
    await build.care(db, clinic.patient, clinic.consultant)
    if followed:
        await service(db, settings).follow_care_team(clinic.patient.id)

    after = await patient.post(f"{place}/messages", {"client_id": "2", "body": "After"})
    await patient.post(f"{place}/messages/{before['id']}/edit", {"body": "Before, and better"}, 200)
    await patient.post(f"{place}/messages/{after['id']}/retract", None, 200)
    await _mark(db, team)

    # Which place they have left, so that a page of theirs closes; of the place itself nothing.
    left = [{"type": "place.left", "place": place.rpartition("/")[2]}] if followed else []
    heard_since = [one["event"] for one in await _until_mark(socket)]
    assert (left, "test.mark") == (heard_since[:-1], heard_since[-1]["type"])
    assert heard_since == (await team.get(f"/api/v1/events?cursor={cursor}"))["items"]
    for path in ("", "/events", "/turn", "/outlook", "/export?format=json"):
        await team.get(f"{place}{path}", 404)
    await team.get(f"/api/v1/patients/{clinic.patient.id}/messages/search?q=before", 404)
    await team.post(f"{place}/messages", {"client_id": "3", "body": "May I?"}, 404)
    await socket.send_json({"type": "send", "conversation": place.rpartition("/")[2], "client_id": "4", "body": "I?"})
    assert 404 == (await heard(socket, "refused"))["problem"]["status"]
    assert [] == (await team.get("/api/v1/conversations"))["items"]
