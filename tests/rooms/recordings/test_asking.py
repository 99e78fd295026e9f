"""Asking, answering and stopping on sockets at real servers, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from telegut.composition import build_foundation, build_services
from telegut.db.engine import Database
from telegut.errors import NotFound
from telegut.rooms.recordings.making import RecordingServices
from telegut.rooms.recordings.service import NotInIt
from telegut.rooms.recordings.tables import answers, recordings
from telegut.settings import Settings
from tests import build
from tests.conftest import Serve
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import SYSTEM, Agreed, Seat, agree, at, eventually

WHY = "So that you can listen to the plan again"


async def is_so(seat: Seat, state: str, **more: Any) -> dict[str, Any]:
    """Wait until *seat* was last told that the recording is *state*."""

    def last() -> dict[str, Any] | None:
        told = [one["recording"] for one in seat.heard if one["type"] == "recording" and one["recording"]]
        right = told and told[-1]["state"] == state and all(told[-1][name] == value for name, value in more.items())
        return told[-1] if right else None

    return dict(await eventually(last, f"the recording is {state}"))


async def said(db: Database, visit: Agreed) -> list[tuple[UUID, str]]:
    """Who said what, in order."""
    query = select(answers.c.account, answers.c.word).join(recordings, recordings.c.id == answers.c.recording)
    async with db.begin(SYSTEM) as tx:
        rows = await tx.execute(query.where(recordings.c.visit == visit.id).order_by(answers.c.id))
        return [(row.account, row.word) for row in rows]


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A consultant and a nutritionist with a patient."""
    consultant = await build.person(db, "consultant", "Amara Okafor")
    return await agree(db, None, consultant, await build.person(db, "nutritionist", "Jonas Lindqvist"))


async def test_everybody_is_asked_somebody_new_pauses_it_and_a_no_ends_it(
    serve: Serve, db: Database, visit: Agreed
) -> None:
    second = visit.practitioners[1]
    async with at(await serve()) as here, at(await serve()) as there:
        host, guest = await in_a_call(here, there, visit)
        await guest.say("record", do="ask", why=WHY)
        assert (await guest.hears("refused", of="record"))["problem"]["code"] == "not_the_host"
        await host.say("record", do="ask", why=" ")
        assert (await host.hears("refused", of="record"))["problem"]["errors"][0]["field"] == "why"

        await host.say("record", do="ask", why=WHY)
        asked = await is_so(host, "asked", missing=[guest.me])
        assert asked["why"] == WHY
        assert not host.visit["forwarded"]
        await is_so(guest, "asked")
        await guest.say("record", do="yes")
        await is_so(host, "running", missing=[])
        await is_so(guest, "running")
        await eventually(lambda: host.visit["forwarded"], "a recorded call goes by the forwarder")

        new = await there.join(second, visit)
        await new.say("record", do="look")
        for seat in (host, guest, new):
            await is_so(seat, "paused", missing=[new.me])
        await new.say("record", do="yes")
        await is_so(guest, "running")
        await new.say("leave")
        await new.closed()
        await is_so(guest, "running")
        back = await there.join(second, visit)
        await back.say("record", do="look")
        await is_so(back, "running", missing=[])
        await guest.say("record", do="no")
        ended = await is_so(host, "ended", ending="declined")
        assert ended["ended_by"] == guest.me
        await host.say("record", do="look")
        await host.hears("recording", recording=None)
    me, patient, other = visit.consultant.id, visit.patient.id, second.id
    assert await said(db, visit) == [(me, "asked"), (patient, "yes"), (other, "yes"), (patient, "no")]


async def test_a_visit_that_ends_ends_its_recording(serve: Serve, db: Database) -> None:
    visit = await agree(db)
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await host.say("record", do="ask", why=WHY)
        await is_so(guest, "asked")
        await guest.say("record", do="yes")
        await is_so(host, "running")
        await host.say("end")
        await host.closed()

        async def over() -> bool:
            async with db.begin(SYSTEM) as tx:
                query = select(recordings.c.state).where(recordings.c.visit == visit.id)
                return bool(await tx.scalar(query) == "ended")

        await eventually(over, "the recording has ended with its visit")
        async with here.session.get(f"{here.url}/visits/{visit.id}", headers=visit.patient.bearer) as after:
            assert "This visit was recorded." in await after.text()


# --- afterwards


@pytest.fixture
async def services(settings: Settings) -> RecordingServices:
    """The services of recordings over a folder of the test's."""
    return build_services(build_foundation(settings)).recordings


async def kept(db: Database, settings: Settings, clinic: build.Clinic) -> UUID:
    """A recording with films of a visit of the clinic's patient and consultant."""
    from tests.rooms.recordings.keeping import keep

    visit = await agree(db, clinic.patient, clinic.consultant)
    base = build_foundation(settings)
    await build_services(base).rooms.rooms.look(visit.id)
    return UUID((await keep(base, visit.id, clinic.consultant, clinic.patient))["recording"])


async def test_it_is_watched_by_the_circle_and_withdrawn_by_who_was_in_it(
    db: Database, settings: Settings, services: RecordingServices
) -> None:
    clinic = await build.clinic(db)
    id = await kept(db, settings, clinic)
    people, made = services.recordings, services.films
    [shown] = await people.of_patient(clinic.guardian.caller, clinic.patient.id)
    film = shown.films[0]
    served = await people.serve(clinic.nutritionist.caller, id, film.id)
    assert (await served.read(0, 4)) == b"\x1a\x45\xdf\xa3"
    await people.serve(clinic.nutritionist.caller, id, film.id)
    assert [one.name for one in (await people.one(clinic.patient.caller, id)).watched] == [clinic.nutritionist.name]
    for stranger in (clinic.stranger_patient, clinic.coordinator, clinic.auditor):
        with pytest.raises(NotFound):
            await people.serve(stranger.caller, id, film.id)
    with pytest.raises(NotInIt):
        await people.withdraw(clinic.nutritionist.caller, id)

    assert (await people.withdraw(clinic.guardian.caller, id)).withdrawn_at is not None
    with pytest.raises(Exception, match="not shown to anybody"):
        await people.serve(clinic.consultant.caller, id, film.id)
    assert served.path.exists()
    await made.remove(id)
    assert not served.path.exists()
    assert (await people.one(clinic.patient.caller, id)).film == "removed"


async def test_what_is_too_old_goes_and_what_is_held_stays(
    db: Database, settings: Settings, services: RecordingServices
) -> None:
    clinic = await build.clinic(db)
    id = await kept(db, settings, clinic)
    retention = build_services(build_foundation(replace(settings))).retention
    held = await retention.place(clinic.admin.caller, clinic.patient.id, "a complaint")
    async with db.begin(SYSTEM) as tx:
        await tx.execute(update(recordings).values(keep_until=recordings.c.asked_at))
    await services.films.catch_up()
    assert (await services.recordings.one(clinic.patient.caller, id)).plays
    await retention.lift(clinic.admin.caller, held.id, "it is settled")
    await services.films.catch_up()
    assert (await services.recordings.one(clinic.patient.caller, id)).film == "removed"
