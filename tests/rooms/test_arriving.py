"""Who comes back to their seat: one statement where that is all, and the visit's lock where it is not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.rooms import arriving
from telegut.rooms.presence import Arrival, Connection, SeatElsewhere
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.visit import Place
from telegut.rooms.store import Room
from telegut.rooms.tables import connections, happened, visits
from telegut.settings import Settings
from tests.rooms.test_service import House, count
from tests.rooms.visits import SYSTEM, Agreed, agree

_OPEN = connections.c.closed_at.is_(None)


@pytest.fixture
def house(db: Database, settings: Settings) -> House:
    """Rooms on the fresh database."""
    return House(db, settings)


async def away(house: House, db: Database) -> tuple[Agreed, Room]:
    """A visit in which both were, and whose patient's page is gone for the moment."""
    visit = await agree(db)
    await house.in_a_call(visit)
    async with db.begin(SYSTEM) as tx:
        mine = (connections.c.visit == visit.id, connections.c.account == visit.patient.id, _OPEN)
        gone = await tx.scalar(select(connections.c.id).where(*mine))
    return visit, await house.presence.disconnect(Connection(gone, visit.id, visit.patient.id))


def taking(visit: Agreed, **more: Any) -> dict[str, Any]:
    """A new connection of the patient's."""
    process, account = new_id(), visit.patient.id
    whose = {"of_visit": visit.id, "of_account": account, "new_process": process}
    return {"new_id": new_id(), **whose, "its_device": "phone", "returns": True} | more


async def written(db: Database, visit: Agreed) -> tuple[int, int, int]:
    """The visit's version, how much happened in it, and how many connections the patient has."""
    async with db.begin(SYSTEM) as tx:
        version = await tx.scalar(select(visits.c.version).where(visits.c.id == visit.id))
    events = await count(db, happened, happened.c.visit == visit.id)
    return version, events, await count(db, connections, connections.c.account == visit.patient.id, _OPEN)


async def test_a_ticket_tells_the_room_and_coming_back_is_one_statement(house: House, db: Database) -> None:
    visit, _ = await away(house, db)
    room = await house.rooms.look(visit.id)
    ticket = await house.entry.issue_ticket(db, visit.patient.caller, room, None)
    redeemed = await house.entry.redeem(ticket.secret)
    before, house.bus.facts = await written(db, visit), []

    assert redeemed.room == room
    done = await arriving.at_once(house.rooms, room, visit.patient.id, taking(visit))

    assert done is not None
    assert Place.INSIDE is done[0].visit.seat(visit.patient.id).state
    assert (before[0] + 1, before[1] + 1, 1) == await written(db, visit)
    assert done[0] == await house.rooms.look(visit.id)
    assert [("rooms.changed", {"visit": str(visit.id), "version": before[0] + 1, "back": True})] == house.bus.facts


async def test_when_the_visit_changed_meanwhile_nothing_is_written_and_the_lock_decides(
    house: House, db: Database
) -> None:
    visit, known = await away(house, db)
    await house.rooms.act(visit.id, commands.Remove(visit.consultant.id, visit.patient.id))
    before = await written(db, visit)

    assert await arriving.at_once(house.rooms, known, visit.patient.id, taking(visit)) is None
    assert before == await written(db, visit)
    with pytest.raises(refusals.Barred):
        await house.presence.connect(visit.id, visit.patient.id, known=known)


async def test_what_somebody_else_holds_is_not_waited_for(house: House, db: Database) -> None:
    visit, known = await away(house, db)
    async with db.begin(SYSTEM) as tx:
        await tx.execute(select(visits.c.id).where(visits.c.id == visit.id).with_for_update(key_share=True))
        assert await arriving.at_once(house.rooms, known, visit.patient.id, taking(visit)) is None

    assert 0 == (await written(db, visit))[2]


async def test_a_page_that_returns_by_itself_takes_nothing_from_another_device(house: House, db: Database) -> None:
    visit, _ = await away(house, db)
    _, known = await house.presence.connect(visit.id, visit.patient.id, Arrival("laptop"))
    before = await written(db, visit)

    with pytest.raises(SeatElsewhere):
        await house.presence.connect(visit.id, visit.patient.id, Arrival("phone", returns=True), known)
    assert before == await written(db, visit)
    connection, _ = await house.presence.connect(visit.id, visit.patient.id, Arrival("phone"), known)
    async with db.begin(SYSTEM) as tx:
        mine = (connections.c.account == visit.patient.id, _OPEN)
        assert [connection.id] == list((await tx.execute(select(connections.c.id).where(*mine))).scalars())
    assert "rooms.taken_over" == house.bus.facts[-1][0]


async def test_a_statement_that_is_asked_twice_opens_one_connection(house: House, db: Database) -> None:
    visit, _ = await away(house, db)
    known = (await house.presence.connect(visit.id, visit.patient.id))[1]
    once = taking(visit, returns=False)

    for _ in range(2):
        done = await arriving.at_once(house.rooms, known, visit.patient.id, once)
        assert done is not None
    async with db.begin(SYSTEM) as tx:
        mine = (connections.c.account == visit.patient.id, _OPEN)
        assert [once["new_id"]] == list((await tx.execute(select(connections.c.id).where(*mine))).scalars())
        assert 1 == await tx.scalar(select(func.count()).where(connections.c.id == once["new_id"]))


async def test_whoever_comes_for_the_first_time_gets_a_seat_as_well(house: House, db: Database) -> None:
    visit = await agree(db)
    known = await house.rooms.look(visit.id)
    _, room = await house.presence.connect(visit.id, visit.patient.id, known=known)

    assert Place.CHECKING is room.visit.seat(visit.patient.id).state
    assert room == await house.rooms.look(visit.id)


async def test_a_connection_that_nobody_has_any_more_falls_silent_and_its_seat_is_found_empty(
    house: House, db: Database
) -> None:
    """As when somebody leaves while the database cannot take it: the process lives, the connection does not."""
    visit = await agree(db)
    kept, _ = await house.presence.connect(visit.id, visit.consultant.id)
    left, _ = await house.presence.connect(visit.id, visit.patient.id)
    long_ago = func.clock_timestamp() - 2 * house.presence.silent_after
    async with db.begin(SYSTEM) as tx:
        await tx.execute(update(connections).where(connections.c.visit == visit.id).values(seen_at=long_ago))

    assert {kept.id} == await house.presence.beat([kept.id])
    assert 1 == await house.presence.sweep()
    room = await house.rooms.look(visit.id)
    assert Place.INSIDE is room.visit.seat(visit.consultant.id).state
    assert Place.EXPECTED is room.visit.seat(visit.patient.id).state
    assert left.id not in await house.presence.beat([kept.id, left.id])
