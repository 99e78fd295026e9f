"""Live notes over the real socket: converging, saved, restarted, refused."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import text

from telegut.careplan import notebook
from telegut.careplan.frames import UPDATE, sync
from telegut.careplan.handlers import CARE_PLANS
from telegut.careplan.rules import Audience, NotYours
from telegut.db.caller import Caller, VisitScope
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import NotFound
from tests import build
from tests.build import Account, Clinic
from tests.careplan.writer import Writer, until
from tests.conftest import Serve

READER = Caller.system("a test reads")
Join = Callable[..., Coroutine[Any, Any, Writer]]


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


@pytest.fixture
async def plan(clinic: Clinic, server: str) -> str:
    async with aiohttp.ClientSession(server, headers=clinic.patient.bearer) as session:
        response = await session.get(f"/api/v1/patients/{clinic.patient.id}/care-plan")
        return str((await response.json())["id"])


@pytest.fixture
async def join(plan: str, server: str) -> AsyncIterator[Join]:
    """``await join(account, audience)``: somebody who has the note open."""
    writers: list[Writer] = []

    async def open_note(who: Account, audience: str = "shared", url: str = server) -> Writer:
        writer = Writer(who, plan, audience)
        writers.append(writer)
        await writer.connect(url)
        return writer

    yield open_note
    for writer in writers:
        await writer.leave()


async def test_two_people_read_the_same_and_it_is_saved(clinic: Clinic, join: Join, db: Database) -> None:
    lena, amara = await join(clinic.patient), await join(clinic.consultant)
    lena.text += "I slept well. "
    await lena.all_saved()
    await until(lambda: str(amara) == "I slept well. ")
    amara.text += "Good. 🌱"
    await amara.all_saved()
    await until(lambda: str(lena) == "I slept well. Good. 🌱")

    async with db.begin(READER) as tx:
        rows = (await tx.execute(text("select account, body from careplan_note_update order by seq"))).all()
        audited = (
            await tx.execute(text("select account from db_audit where action = 'write' and what = 'note'"))
        ).all()

    assert [clinic.patient.id, clinic.consultant.id] == [row.account for row in rows]
    assert all(b"slept" not in row.body for row in rows)
    assert {clinic.patient.id, clinic.consultant.id} == {row.account for row in audited}


async def test_400_edits_of_two_and_a_restart_between_are_one_text(clinic: Clinic, plan: str, serve: Serve) -> None:
    first = await serve(notes_compact_every=20)
    chance = random.Random(7)
    lena, amara = Writer(clinic.patient, plan), Writer(clinic.consultant, plan)
    try:
        await asyncio.gather(lena.connect(first), amara.connect(first))
        await asyncio.gather(lena.type(200, "a", chance), amara.type(200, "b", chance))
        await asyncio.gather(lena.all_saved(), amara.all_saved())
        await lena.leave()
        await lena.type(50, "c", chance)
        await amara.type(50, "d", chance)
        await amara.all_saved()
        await amara.leave()
        second = await serve()
        await asyncio.gather(lena.connect(second), amara.connect(second))
        await asyncio.gather(lena.type(100, "e", chance), amara.type(100, "f", chance))
        await asyncio.gather(lena.all_saved(), amara.all_saved())
        await until(lambda: str(lena) == str(amara))
        fresh = Writer(clinic.nutritionist, plan)
        await fresh.connect(second)
        await fresh.leave()

        assert str(fresh) == str(lena)
        assert all(str(lena).count(mark) > 0 for mark in "abcdef")
    finally:
        await asyncio.gather(lena.leave(), amara.leave())


async def test_two_web_processes_converge(clinic: Clinic, join: Join, serve: Serve) -> None:
    elsewhere = await serve(notes_poll_s=0.5)
    chance = random.Random(3)
    lena, amara = await join(clinic.patient), await join(clinic.consultant, url=elsewhere)
    await asyncio.gather(lena.type(100, "a", chance), amara.type(100, "b", chance))
    await asyncio.gather(lena.all_saved(), amara.all_saved())
    await until(lambda: str(lena) == str(amara) and "a" in str(amara) and "b" in str(lena))
    lena.say_where(3)
    await until(lambda: any(one.state and one.state["name"] == "Lena Hartmann" for one in amara.here.values()))


async def test_what_was_written_offline_merges(clinic: Clinic, join: Join, server: str) -> None:
    lena, amara = await join(clinic.patient), await join(clinic.consultant)
    lena.text += "Breakfast. "
    await lena.all_saved()
    await until(lambda: str(amara) == "Breakfast. ")
    await lena.leave()
    lena.text += "Written on the train. "
    amara.text.insert(0, "Monday: ")
    await amara.all_saved()
    await lena.connect(server)
    await lena.all_saved()

    await until(lambda: str(lena) == str(amara) == "Monday: Breakfast. Written on the train. ")


@pytest.mark.parametrize(
    ("who", "audience", "status"),
    [
        ("patient", "team", 404),
        ("patient", "own", 404),
        ("guardian", "team", 404),
        ("guardian", "own", 404),
        ("stranger_consultant", "shared", 404),
        ("stranger_consultant", "team", 404),
        ("stranger_patient", "shared", 404),
        ("coordinator", "shared", 404),
        ("admin", "team", 404),
        ("consultant", "everybody", 404),
    ],
)
async def test_who_must_not_see_a_note_is_refused_at_the_door(
    clinic: Clinic, join: Join, who: str, audience: str, status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await join(getattr(clinic, who), audience)

    assert status == refusal.value.status


async def test_without_a_sign_in_there_is_no_note(plan: str, server: str) -> None:
    async with aiohttp.ClientSession(server) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(f"/notes/{plan}")

    assert 401 == refusal.value.status


async def test_every_audience_has_its_own_note(clinic: Clinic, join: Join) -> None:
    team, own = await join(clinic.consultant, "team"), await join(clinic.consultant, "own")
    team.text += "for the team"
    own.text += "for me"
    await asyncio.gather(team.all_saved(), own.all_saved())
    colleague, theirs = await join(clinic.nutritionist, "team"), await join(clinic.nutritionist, "own")
    shared = await join(clinic.patient)

    await until(lambda: str(colleague) == "for the team")
    assert ("", "") == (str(theirs), str(shared))


async def test_the_database_hides_team_notes_from_the_patient(clinic: Clinic, join: Join, db: Database) -> None:
    team = await join(clinic.consultant, "team")
    team.text += "for the team"
    await team.all_saved()
    counts = []
    for who in (clinic.patient, clinic.guardian, clinic.nutritionist):
        async with db.begin(who.caller) as tx:
            notes = await tx.scalar(text("select count(*) from careplan_note where audience = 'team'"))
            updates = await tx.scalar(text("select count(*) from careplan_note_update"))
        counts.append((notes, updates))

    assert [(0, 0), (0, 0), (1, 1)] == counts


async def test_who_leaves_the_team_loses_the_note(clinic: Clinic, plan: str, serve: Serve, db: Database) -> None:
    url = await serve(notes_recheck_s=0.1)
    jonas = Writer(clinic.nutritionist, plan, "team")
    await jonas.connect(url)
    await build.care(db, clinic.patient, clinic.consultant)

    await until(lambda: jonas.code is not None)
    assert 4404 == jonas.code
    await jonas.leave()


async def test_names_come_from_the_server(clinic: Clinic, join: Join) -> None:
    lena, amara = await join(clinic.patient), await join(clinic.consultant)
    lena.say_where(4)
    await until(lambda: amara.here)
    (seen,) = amara.here.values()

    assert {"name": "Lena Hartmann", "account": str(clinic.patient.id), "caret": 4} == seen.state
    late = await join(clinic.nutritionist)
    await until(lambda: late.here)
    await lena.leave()
    await until(lambda: [one.state for one in amara.here.values()] == [None])


@pytest.mark.parametrize("frame", [b"", b"\x00", b"\x07\x01", sync(UPDATE, b"\xff" * 30), sync(0, b"\xff" * 30)])
async def test_a_malformed_message_closes_its_socket_and_no_other(clinic: Clinic, join: Join, frame: bytes) -> None:
    lena, other = await join(clinic.patient), await join(clinic.consultant)
    lena.text += "before "
    await lena.all_saved()
    await other.send_raw(frame)
    await until(lambda: other.code is not None)
    lena.text += "after"
    await lena.all_saved()
    third = await join(clinic.nutritionist)

    assert (4400, "before after") == (other.code, str(third))


async def test_a_note_has_an_end(clinic: Clinic, plan: str, serve: Serve) -> None:
    url = await serve(notes_document_bytes=2_000)
    lena = Writer(clinic.patient, plan)
    await lena.connect(url)
    lena.text += "x" * 1_500
    await lena.all_saved()
    lena.text += "y" * 1_500

    await until(lambda: lena.code is not None)
    assert 4413 == lena.code
    await lena.leave()


async def test_a_message_has_an_end(clinic: Clinic, plan: str, serve: Serve) -> None:
    url = await serve(notes_message_bytes=4_096)
    lena = Writer(clinic.patient, plan)
    await lena.connect(url)
    lena.text += "x" * 5_000

    await until(lambda: lena.code is not None)
    assert 1009 == lena.code
    await lena.leave()


async def test_a_note_is_open_in_so_many_windows(clinic: Clinic, plan: str, serve: Serve) -> None:
    url = await serve(notes_peers=1)
    first, second = Writer(clinic.patient, plan), Writer(clinic.patient, plan)
    await first.connect(url)
    async with aiohttp.ClientSession(url) as session:
        stream = await session.ws_connect(second.place, headers=clinic.patient.bearer)
        await stream.receive()

    assert 4429 == stream.close_code
    await first.leave()


async def test_a_long_log_becomes_a_snapshot(clinic: Clinic, plan: str, serve: Serve, db: Database) -> None:
    url = await serve(notes_compact_every=5)
    lena = Writer(clinic.patient, plan)
    await lena.connect(url)
    for number in range(30):
        lena.text += f"{number} "
        await lena.all_saved()
    await lena.leave()
    await until_compact(db)
    again = Writer(clinic.consultant, plan)
    await again.connect(url)
    await again.leave()

    assert str(lena) == str(again) == " ".join(str(number) for number in range(30)) + " "


async def until_compact(db: Database) -> None:
    async def rows() -> int:
        async with db.begin(READER) as tx:
            return int(await tx.scalar(text("select count(*) from careplan_note_update")))

    async with asyncio.timeout(60):
        while await rows():
            await asyncio.sleep(0.05)


async def test_a_reading_guardian_reads(clinic: Clinic, join: Join, db: Database) -> None:
    async with db.begin(READER) as tx:
        await tx.execute(text("update accounts_guardian set scope = 'read'"))
    lena, ruth = await join(clinic.patient), await join(clinic.guardian)
    lena.text += "for my family"
    await until(lambda: str(ruth) == "for my family")
    await ruth.all_saved()
    ruth.text += "!"

    await until(lambda: ruth.code is not None)
    assert 4403 == ruth.code
    assert "for my family" == str(lena)


async def test_nothing_is_called_saved_while_the_database_refuses(
    clinic: Clinic, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, refusals = notebook.append, 2

    async def refusing(*args: Any, **named: Any) -> int:
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise OSError("the database is away")
        return await store(*args, **named)

    lena, amara = await join(clinic.patient), await join(clinic.consultant)
    await lena.all_saved()
    monkeypatch.setattr(notebook, "append", refusing)
    before = lena.saved
    lena.text += "first "
    await until(lambda: refusals < 2)
    lena.text += "second"

    assert before == lena.saved
    await lena.all_saved()
    await until(lambda: str(amara) == "first second")
    fresh = await join(clinic.nutritionist)
    assert ("first second", 0) == (str(fresh), refusals)


async def test_who_came_by_a_link_reads_the_shared_note_once_admitted(
    clinic: Clinic, plan: str, app: web.Application
) -> None:
    plans = app[CARE_PLANS]
    for admitted, audience, refusal in [
        (True, Audience.SHARED, None),
        (True, Audience.TEAM, NotYours),
        (True, Audience.OWN, NotYours),
        (False, Audience.SHARED, NotFound),
    ]:
        for account in (clinic.patient.id, clinic.consultant.id):
            scope = VisitScope(visit=new_id(), patient=clinic.patient.id, admitted=admitted)
            caller = Caller(account=account, scope=scope)
            if refusal is None:
                place, relation = await plans.notes.open(caller, UUID(plan), audience)
                assert (clinic.patient.id, True) == (place.patient, relation.writes)
                continue
            with pytest.raises(refusal):
                await plans.notes.open(caller, UUID(plan), audience)


async def test_signing_freezes_the_shared_note(clinic: Clinic, join: Join, server: str) -> None:
    lena = await join(clinic.patient)
    lena.text += "Yoghurt, not kefir."
    await lena.all_saved()
    async with aiohttp.ClientSession(server, headers=clinic.consultant.bearer) as session:
        url = f"/api/v1/patients/{clinic.patient.id}/care-plan/sign"
        async with session.post(url, json={}) as response:
            signed = await response.json()
        lena.text += " Changed later."
        await lena.all_saved()
        async with session.get(url.replace("sign", "versions")) as response:
            kept = (await response.json())["items"][0]

    assert '"shared_note":"Yoghurt, not kefir."' in signed["document"]
    assert signed == kept
