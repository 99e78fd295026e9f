"""A seat, not a socket: moved on purpose, never taken by a page that only came back; and what a call lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.rooms.lost import writing
from telegut.rooms.lost.claims import Silence
from telegut.rooms.lost.rules import LOST_AFTER
from telegut.rooms.service import SYSTEM
from tests.build import Account
from tests.conftest import Serve
from tests.rooms.test_socket import in_a_call
from tests.rooms.visits import Agreed, At, Seat, agree, at, eventually


@pytest.fixture
async def visit(db: Database) -> Agreed:
    """A visit that starts in five minutes: its room is open."""
    return await agree(db)


async def comes(here: At, who: Account, visit: Agreed, device: str, *, returns: bool = False) -> Seat:
    """A page that says what device it is, and whether it comes back by itself."""
    socket = await here.session.ws_connect(f"{here.url}/rooms")
    ticket = await here.ticket(who, visit.id)
    await socket.send_json({"type": "join", "ticket": ticket, "device": device, "returns": returns})
    return Seat(socket, who.id)


async def lost_minutes(here: At, who: Account, visit: Agreed) -> dict[str, Any]:
    """What a practitioner is told."""
    url = f"{here.url}/api/v1/visits/{visit.id}/lost-minutes"
    async with here.session.get(url, headers=who.bearer) as answer:
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def test_a_call_that_was_moved_is_not_taken_back_by_a_page_that_comes_back(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here, at(await serve()) as there:
        laptop = await comes(here, visit.consultant, visit, "laptop")
        await laptop.hears("state")
        phone = await comes(there, visit.consultant, visit, "phone")
        await phone.hears("state")
        assert 4409 == await laptop.closed()

        returned = await comes(here, visit.consultant, visit, "laptop", returns=True)
        assert 4409 == await returned.closed()
        reloaded = await comes(there, visit.consultant, visit, "phone", returns=True)
        await reloaded.hears("state")
        taken_back = await comes(here, visit.consultant, visit, "laptop")
        await taken_back.hears("state")

        assert 4409 == await reloaded.closed()


async def test_a_page_comes_back_while_nobody_else_has_its_seat(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await guest.leave_silently()
        await host.sees(visit.patient.id, "away")

        again = await comes(here, visit.patient, visit, "laptop", returns=True)
        await again.hears("state")

        assert "inside" == again.place(visit.patient.id)  # nobody let them in a second time


async def test_what_was_lost_is_written_down_and_shown_to_the_practitioner_alone(
    serve: Serve, visit: Agreed, db: Database
) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        for _ in range(2):  # said again, it is the same stretch
            await host.say("unheard", people=[guest.me])

        async def begun() -> Any:
            return (await lost_minutes(here, visit.consultant, visit))["lost"]

        assert [str(visit.patient.id)] == [one["account"] for one in await eventually(begun, "it is written down")]
        await host.say("unheard", people=[])  # of nobody anything is known: it goes on
        await host.say("unheard", people=[], heard=[guest.me])
        await eventually(lambda: a_while_ago(db, _ENDED_A_MINUTE_AGO), "heard again")
        await host.say("unheard", people=[guest.me])

        async def twice() -> Any:
            found = await begun()
            return found if len(found) == 2 else None

        found = await eventually(twice, "heard again, and lost again")
        assert {"Lena Hartmann"} == {one["name"] for one in found}
        assert {"technical"} == {one["why"] for one in found}
        await host.say("end")
        await host.closed()
        told = await lost_minutes(here, visit.consultant, visit)
        assert ("attended", "technical") == (told["outcome"], told["suggested"])

        page = f"{here.url}/visits/{visit.id}"
        async with here.session.get(page, headers=visit.consultant.bearer) as after:
            shown = await after.text()
        assert "How the connection was" in shown
        assert "lost, for technical reasons" in shown
        assert "<strong>Lena Hartmann</strong>" in shown

        url = f"{here.url}/api/v1/visits/{visit.id}/lost-minutes"
        async with here.session.get(url, headers=visit.patient.bearer) as refused:
            assert 403 == refused.status


async def test_what_was_noticed_while_nobody_could_be_told_counts_from_then_on(
    serve: Serve, visit: Agreed, db: Database
) -> None:
    async with at(await serve()) as here:
        host, guest = await in_a_call(here, here, visit)
        await host.leave_silently()
        await guest.sees(visit.consultant.id, "away")
        back = await comes(here, visit.consultant, visit, "laptop")
        await back.hears("state")
        now = utc_now() + timedelta(seconds=16)
        said = [Silence(visit.patient.id, timedelta(seconds=12))]

        async with db.begin(SYSTEM) as tx:
            await writing.write(tx, visit.id, visit.consultant.id, said, now - timedelta(minutes=1), now)
            [kept] = await writing.kept(tx, visit.id)
        assert kept.since == now - timedelta(seconds=12) - LOST_AFTER
        await back.say("unheard", people=[guest.me], ago={guest.me: 0.5})
        await back.say("unheard", people=[], ago=[])
        await back.hears("refused", of="unheard")
        async with db.begin(SYSTEM) as tx:
            assert [kept] == await writing.kept(tx, visit.id)  # it goes on


async def a_while_ago(db: Database, statement: str) -> bool:
    """Move times back; whether there were any."""
    async with db.begin(SYSTEM) as tx:
        return (await tx.execute(text(statement))).rowcount > 0


_MINUTE = "interval '1 minute'"
_ENDED_A_MINUTE_AGO = (
    f"update rooms_lost set since = since - {_MINUTE}, until = until - {_MINUTE} where until is not null"
)


@pytest.mark.parametrize("people", [None, "all", ["nobody"], ["x"] * 65])
async def test_what_makes_no_sense_is_refused_and_the_socket_lives(serve: Serve, visit: Agreed, people: Any) -> None:
    async with at(await serve()) as here:
        host, _ = await in_a_call(here, here, visit)
        await host.say("unheard", people=people)

        assert "invalid" == (await host.hears("refused", of="unheard"))["problem"]["code"]


async def test_who_waits_notices_nothing_and_before_the_visit_nothing_is_lost(serve: Serve, visit: Agreed) -> None:
    async with at(await serve()) as here:
        host = await here.join(visit.consultant, visit)
        guest = await here.join(visit.patient, visit)
        await guest.say("unheard", people=[host.me])
        refused = await guest.hears("refused", of="unheard")
        await host.say("unheard", people=[guest.me])
        await host.say("unheard", people="x")
        await host.hears("refused", of="unheard")

        assert "not_inside" == refused["problem"]["code"]
        assert [] == (await lost_minutes(here, visit.consultant, visit))["lost"]
