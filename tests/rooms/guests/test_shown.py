"""A guest is shown what the practitioner shows, after the patient's yes and until their no: over sockets and HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from telegut.db import audit
from telegut.db.engine import Database
from tests import build
from tests.conftest import Serve
from tests.rooms.test_guests import call, come, invite
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import SYSTEM, At, Seat, agree, at


async def looks(here: At, made: dict[str, Any], path: str) -> tuple[int, str]:
    """What the guest gets who has nothing but their link."""
    headers = {"Cookie": f"telegut-visit={made['url'].removeprefix('/j/')}"}
    async with here.session.get(here.url + path, headers=headers) as answer:
        return answer.status, await answer.text()


async def comes_in(here: At, host: Seat, guest: Seat) -> None:
    """Past the door."""
    await guest.say("knock")
    await host.sees(UUID(guest.me), "waiting")
    await host.say("admit", participant=guest.me)
    await guest.sees(UUID(guest.me), "inside")


async def test_a_guest_sees_the_plan_that_is_shown_from_the_yes_to_the_no(serve: Serve, db: Database) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    plan = f"/api/v1/patients/{visit.patient.id}/care-plan"
    shown, page = f"/api/v1/visits/{visit.id}/shown", f"/visits/{visit.id}/shown"
    async with at(await serve()) as here:
        assert 201 == (await call(here, visit.consultant, "POST", f"{plan}/goals", title="Wake up rested"))[0]
        host, patient = await in_a_call(here, here, visit)
        made = await invite(here, visit, "Ada Lind", "supporter")
        guest = await come(here, visit, made)
        await comes_in(here, host, guest)
        await host.say("panel", panel="plan")
        await patient.hears("panel", panel="plan")
        assert (404, 404, None) == (
            (await looks(here, made, shown))[0],
            (await looks(here, made, page))[0],
            guest.panel,
        )

        panels = f"/api/v1/visits/{visit.id}/guests/{guest.me}/panels"
        assert 403 == (await call(here, visit.patient, "PUT", panels, shown=True))[0]
        await host.say("panels", participant=guest.me, shown=True)
        assert 403 == (await call(here, visit.consultant, "PUT", f"{panels}/answer", agreed=True))[0]
        assert 404 == (await looks(here, made, shown))[0]  # asked is not agreed
        await patient.say("panels_answer", participant=guest.me, agreed=True)
        await guest.hears("panel", panel="plan")
        status, text = await looks(here, made, page)
        assert (200, True, False) == (status, "Wake up rested" in text, "data-act" in text)
        assert '{"panel":"plan","report":null}' == (await looks(here, made, shown))[1].replace(" ", "")
        for other in (f"/patients/{visit.patient.id}/panels/plan", plan, f"/patients/{visit.patient.id}/panels/thread"):
            assert 404 == (await looks(here, made, other))[0], other

        await host.say("panel", panel="diary")
        await guest.hears("panel", panel=None)  # that is nobody's but the patient's and the team's
        assert 404 == (await looks(here, made, page))[0]
        await host.say("panel", panel="plan")
        assert 204 == (await call(here, visit.patient, "PUT", f"{panels}/answer", agreed=False))[0]
        assert 404 == (await looks(here, made, page))[0]

    async with db.begin(SYSTEM) as tx:
        rows = await tx.execute(
            select(audit.entries.c.action, audit.entries.c.account, audit.entries.c.what).where(
                audit.entries.c.patient == visit.patient.id,
                audit.entries.c.what.in_(["panels to a guest", "shown plan"]),
            )
        )
        kept = {(row.action, str(row.account)) for row in rows}
    assert {
        ("ask to show", str(visit.consultant.id)),
        ("agree to show", str(visit.patient.id)),
        ("refuse to show", str(visit.patient.id)),
        ("read", guest.me),
    } == kept


async def test_what_is_shown_ends_with_the_guests_being_there(serve: Serve, db: Database) -> None:
    visit = await agree(db)
    await build.care(db, visit.patient, visit.consultant)
    async with at(await serve()) as here:
        host, patient = await in_a_call(here, here, visit)
        made = await invite(here, visit, "Ines Duarte", "interpreter")
        guest = await come(here, visit, made)
        await comes_in(here, host, guest)
        await host.say("panels", participant=guest.me, shown=True)
        await patient.say("panels_answer", participant=guest.me, agreed=True)
        await host.say("panel", panel="report")
        await guest.hears("panel", panel="report")
        status, text = await looks(here, made, f"/visits/{visit.id}/shown")
        assert (200, True) == (status, "There is no report to look at." in text)

        await host.say("send_back", participant=guest.me)
        await guest.sees(UUID(guest.me), "waiting")
        assert 404 == (await looks(here, made, f"/visits/{visit.id}/shown"))[0]
        assert guest.panel is None
