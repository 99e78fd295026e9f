"""Pointing over sockets: who may, who is told, and what nobody is told."""

from __future__ import annotations

from typing import Any

import pytest

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.rooms.pointing.anchors import mark_of
from tests import build
from tests.conftest import Serve
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import Agreed, At, agree, at


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A visit of a patient with their consultant."""
    made = await agree(db)
    await build.care(db, made.patient, made.consultant)
    return made


async def writes(here: At, visit: Agreed) -> str:
    """The patient writes in the diary; the name of that day."""
    day = utc_now().date().isoformat()
    path = f"{here.url}/api/v1/patients/{visit.patient.id}/diary"
    async with here.session.post(path, json={"day": day, "mood": 4}, headers=visit.patient.bearer) as answer:
        assert answer.status == 201
    return f"diary:{day}"


async def test_a_place_is_named_to_the_other_side_in_another_process(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        anchor = await writes(here, visit)
        host, guest = await in_a_call(here, there, visit)
        await host.say("point", anchor=anchor)
        assert {"from": host.me, "anchor": anchor, "type": "point"} == await guest.hears("point")
        assert [guest.me] == (await host.hears("pointed"))["seen_by"]

        await host.say("pointer", x=0.25, y=7)
        assert (0.25, 1.0) == ((said := await guest.hears("pointer"))["x"], said["y"])
        await guest.say("follow", following=False)
        await host.hears("follow", following=False)
        await host.say("point", anchor=None)
        await guest.hears("point", anchor=None)


async def refused(seat: Any, kind: str, **more: Any) -> str:
    """Say something that is refused; the reason's name."""
    seat.heard[:] = [one for one in seat.heard if one["type"] != "refused"]
    await seat.say(kind, **more)
    return str((await seat.hears("refused"))["problem"]["code"])


async def test_a_place_that_is_not_there_or_not_theirs_is_named_to_nobody(
    serve: Serve, db: Database, visit: Agreed
) -> None:
    stranger = await build.person(db, "patient", "Noor Haddad")
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        assert "no_such_place" == await refused(host, "point", anchor="diary:2020-01-01")
        assert "no_such_place" == await refused(host, "point", anchor=f"finding:{stranger.id}:{mark_of('Blautia')}")
        assert "not_the_host" == await refused(guest, "point", anchor="diary:2020-01-01")
        assert not [one for one in guest.heard if one["type"] == "point"]


async def test_who_may_not_see_a_place_is_not_told_of_it(serve: Serve, db: Database) -> None:
    interpreter = await build.person(db, "interpreter", "Jean Petit")
    outsider = await build.person(db, "nutritionist", "Jonas Lindqvist")
    consultant = await build.person(db, "consultant", "Amara Okafor")
    visit = await agree(db, None, consultant, outsider, interpreter=interpreter)
    await build.care(db, visit.patient, consultant)
    async with at(await serve()) as here:
        anchor = await writes(here, visit)
        host, guest = await in_a_call(here, here, visit)
        # Jonas is in the visit but not in the care team; who translates has no record beside the video.
        second = await here.join(outsider, visit)
        third = await here.join(interpreter, visit)
        await third.say("knock")
        await host.sees(interpreter.id, "waiting")
        await host.say("admit", participant=third.me)
        await host.sees(interpreter.id, "inside")
        await third.sees(interpreter.id, "inside")
        await host.say("point", anchor=anchor)

        assert [guest.me] == (await host.hears("pointed"))["seen_by"]
        await guest.hears("point", anchor=anchor)
        assert "no_such_place" == await refused(second, "point", anchor=anchor)
        for seat in (second, third):
            assert not [one for one in seat.heard if one["type"] == "point"]


async def test_the_diary_beside_the_call_opens_for_who_was_let_in(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        anchor = await writes(here, visit)
        path = f"{here.url}/patients/{visit.patient.id}/panels/diary"
        for who in (visit.patient, visit.consultant):
            async with here.session.get(path, headers=who.bearer) as answer:
                assert answer.status == 200
                assert f'data-diary-day="{anchor.removeprefix("diary:")}"' in await answer.text()
