"""Visits in the database: made once, opened and closed by the clock, settled from evidence; links; the jobs."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from telegut.clock import utc_now
from telegut.db.caller import Caller, VisitScope
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import Invalid, NotFound
from telegut.jobs.queue import Job, jobs
from telegut.notices.service import build_notices
from telegut.notices.tables import notice
from telegut.realtime.tables import item
from telegut.rooms import work
from telegut.rooms.entry import VisitCancelled
from telegut.rooms.making import RoomServices, build_rooms
from telegut.rooms.rules import commands, refusals
from telegut.rooms.rules.visit import Phase, Place
from telegut.rooms.tables import happened, links, seats, tickets, visits
from telegut.scheduling.reminders.service import Reminders
from telegut.scheduling.service import build_scheduling
from telegut.scheduling.tables import appointment
from telegut.settings import Settings
from tests import build
from tests.rooms.visits import SYSTEM, Agreed, agree, cancel, outcome_of


class Told:
    """A bus that remembers what it was told."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, dict[str, Any]]] = []

    def publish(self, topic: str, fact: dict[str, Any]) -> None:
        """Keep it."""
        self.facts.append((topic, fact))


class House:
    """The services of rooms at a time that the test decides."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.later = timedelta(0)
        self.bus = Told()
        scheduling = build_scheduling(db, build.VAULT, settings)
        made: RoomServices = build_rooms(db, build.ROOT_KEY, self.bus, self.now, scheduling, settings)
        self.rooms, self.entry, self.presence = made.rooms, made.entry, made.board.presence
        notices = build_notices(db, build.VAULT, self.now, settings)
        self.work = work.jobs(made.entry, notices, Reminders(db, notices))

    def now(self) -> datetime:
        """The real time, moved."""
        return utc_now() + self.later

    async def do(self, kind: str, visit: Agreed, **more: Any) -> None:
        """Have a job done."""
        await self.work[kind](
            Job(new_id(), kind, {"visit": str(visit.id), "appointment": str(visit.appointment), **more}, 1)
        )

    async def in_a_call(self, visit: Agreed) -> None:
        """Both sides inside."""
        await self.presence.connect(visit.id, visit.consultant.id)
        await self.presence.connect(visit.id, visit.patient.id)
        await self.rooms.act(visit.id, commands.Knock(visit.patient.id))
        await self.rooms.act(visit.id, commands.Admit(visit.consultant.id, visit.patient.id))
        await self.rooms.act(visit.id, commands.Enter(visit.patient.id))


@pytest.fixture
def house(db: Database, settings: Settings) -> House:
    """Rooms on the fresh database."""
    return House(db, settings)


async def count(db: Database, table: Any, *where: Any) -> int:
    """How many rows."""
    async with db.begin(SYSTEM) as tx:
        return int(await tx.scalar(select(func.count()).select_from(table).where(*where)) or 0)


async def test_twenty_who_ask_first_at_once_make_one_visit(house: House, db: Database) -> None:
    visit = await agree(db)
    rooms = await asyncio.gather(*(house.rooms.look(visit.id) for _ in range(20)))

    assert (1, 2) == (await count(db, visits), await count(db, seats))
    assert {Phase.OPEN} == {room.visit.phase for room in rooms}


async def test_opening_is_one_change_however_many_look(house: House, db: Database) -> None:
    visit = await agree(db, starts_in=timedelta(hours=1))
    before = await house.rooms.look(visit.id)
    house.later = timedelta(minutes=46)
    rooms = await asyncio.gather(*(house.rooms.look(visit.id) for _ in range(10)))

    assert (Phase.SCHEDULED, {before.visit.version + 1}) == (before.visit.phase, {room.visit.version for room in rooms})


async def test_a_minor_comes_with_a_guardian(house: House, db: Database) -> None:
    clinic = await build.clinic(db)
    visit = await agree(db, clinic.patient, clinic.consultant)
    room = await house.rooms.look(visit.id)

    expected = [(clinic.consultant.id, True), (clinic.patient.id, False), (clinic.guardian.id, False)]
    assert expected == [(seat.account, seat.host) for seat in room.visit.seats]


@pytest.mark.parametrize("who", ["nobody", "stranger", "other visit"])
async def test_without_a_seat_there_is_no_visit(house: House, db: Database, who: str) -> None:
    visit = await agree(db)
    callers = {
        "nobody": Caller(account=None),
        "stranger": Caller(account=uuid4()),
        "other visit": replace(visit.patient.caller, session=None, scope=VisitScope(uuid4(), visit.patient.id, True)),
    }
    with pytest.raises(NotFound):
        await house.rooms.view(callers[who], visit.id)


async def test_a_visit_that_never_was_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        await house.rooms.look(uuid4())


async def test_two_hosts_who_admit_at_once_admit_once(house: House, db: Database) -> None:
    consultant = await build.person(db, "consultant")
    nutritionist = await build.person(db, "nutritionist")
    visit = await agree(db, None, consultant, nutritionist)
    for who in (consultant, nutritionist, visit.patient):
        await house.presence.connect(visit.id, who.id)
    await house.rooms.act(visit.id, commands.Knock(visit.patient.id))

    await asyncio.gather(
        *(
            house.rooms.act(visit.id, commands.Admit(host.id, visit.patient.id))
            for host in (consultant, nutritionist) * 5
        )
    )

    assert 1 == await count(db, happened, happened.c.word == "admitted")


async def test_every_change_is_published_after_it_holds(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)

    changed = [fact for topic, fact in house.bus.facts if topic == "rooms.changed"]
    assert {str(visit.id)} == {fact["visit"] for fact in changed}
    assert len(changed) >= 5


async def test_a_knock_reaches_the_mailboxes_without_a_word_of_content(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)

    async with db.begin(SYSTEM) as tx:
        rows = (await tx.execute(select(item.c.facts).where(item.c.type == "visit.waiting"))).scalars().all()
    assert 2 == len(rows)
    assert {"visit", "version", "participant"} == set(rows[0])


async def test_the_end_settles_the_appointment(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)
    room = await house.rooms.act(visit.id, commands.End(visit.consultant.id))

    assert ("attended", ("completed", "attended")) == (room.outcome, await outcome_of(db, visit))


@pytest.mark.parametrize(
    ("come", "expected"),
    [
        ((), "practitioner_absent"),
        (("patient",), "practitioner_absent"),
        (("host",), "patient_absent"),
        (("host", "patient"), "technical"),
    ],
)
async def test_a_visit_whose_time_is_over_is_closed_with_its_outcome(
    house: House, db: Database, come: tuple[str, ...], expected: str
) -> None:
    visit = await agree(db)
    if "host" in come:
        house.later = timedelta(minutes=6)  # at the agreed time
        connection, _ = await house.presence.connect(visit.id, visit.consultant.id)
    if "patient" in come:
        other, _ = await house.presence.connect(visit.id, visit.patient.id)
        await house.presence.disconnect(other)
    if "host" in come:
        await house.presence.disconnect(connection)
    house.later = timedelta(hours=2)
    await house.do("visit.close", visit)

    assert ("completed", expected) == await outcome_of(db, visit)


async def test_a_visit_that_runs_late_is_not_cut_off(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)
    house.later = timedelta(hours=2)
    await house.do("visit.close", visit)

    assert "booked" == (await outcome_of(db, visit))[0]
    assert 2 == await count(db, jobs, jobs.c.kind == "visit.close")  # the first, and the next look


async def test_a_visit_is_not_closed_before_its_time(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.rooms.look(visit.id)
    await house.do("visit.close", visit)

    assert Phase.OPEN == (await house.rooms.look(visit.id)).visit.phase


async def test_a_cancelled_visit_ends_for_who_is_in_it_and_has_no_outcome(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)
    await cancel(db, visit)
    room = await house.rooms.look(visit.id)

    assert (Phase.ENDED, None, Place.LEFT) == (room.visit.phase, room.outcome, room.visit.seat(visit.patient.id).state)
    with pytest.raises(refusals.VisitEnded):
        await house.rooms.act(visit.id, commands.Knock(visit.patient.id))


async def test_a_moved_visit_moves_its_room(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.rooms.look(visit.id)
    async with db.begin(SYSTEM) as tx:
        day = timedelta(days=1)
        await tx.execute(update(appointment).values(start_at=visit.start + day, end_at=visit.end + day))
    room = await house.rooms.look(visit.id)

    assert (Phase.SCHEDULED, True) == (room.visit.phase, room.moved)


async def test_a_media_report_counts_once_a_person(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)
    for _ in range(3):
        await house.rooms.report_media(visit.id, visit.patient.id, flows=False)

    assert 1 == await count(db, happened, happened.c.word == "media_failed")
    assert "technical" == (await house.rooms.act(visit.id, commands.End(visit.consultant.id))).outcome


@pytest.mark.parametrize(
    "panel",
    [{"panel": "report", "text": "x" * 201}, {f"k{n}": 1 for n in range(13)}, {"panel": {"deep": 1}}, {"a" * 41: 1}],
)
async def test_a_panel_is_only_named(house: House, db: Database, panel: dict[str, Any]) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)
    with pytest.raises(Invalid):
        await house.rooms.show(visit.id, visit.consultant.id, panel)


async def test_showing_the_same_again_changes_nothing(house: House, db: Database) -> None:
    visit = await agree(db)
    await house.in_a_call(visit)
    first = await house.rooms.show(visit.id, visit.consultant.id, {"panel": "plan"})
    again = await house.rooms.show(visit.id, visit.consultant.id, {"panel": "plan"})

    assert first.visit.version == again.visit.version


# --- links and tickets


async def test_a_link_stays_the_same_and_only_its_digest_is_stored(house: House, db: Database) -> None:
    visit = await agree(db)
    paths = {await house.entry.link_for(visit.patient.caller, visit.id) for _ in range(3)}
    other = await house.entry.link_for(visit.consultant.caller, visit.id)
    async with db.begin(SYSTEM) as tx:
        stored = (await tx.execute(select(links.c.digest).where(links.c.account == visit.patient.id))).scalars().all()

    (path,) = paths
    assert path != other
    assert [hashlib.sha256(path.removeprefix("/j/").encode()).digest()] == stored


async def test_twenty_who_ask_for_a_link_at_once_get_the_same(house: House, db: Database) -> None:
    visit = await agree(db)
    paths = await asyncio.gather(*(house.entry.link_for(visit.patient.caller, visit.id) for _ in range(20)))

    assert (1, 1) == (len(set(paths)), await count(db, links))


async def test_a_revoked_link_opens_nothing_and_the_next_one_is_another(house: House, db: Database) -> None:
    visit = await agree(db)
    before = await house.entry.link_for(visit.patient.caller, visit.id)
    await house.entry.revoke(visit.id, visit.patient.id)
    after = await house.entry.link_for(visit.patient.caller, visit.id)

    with pytest.raises(NotFound):
        await house.entry.find(before.removeprefix("/j/"))
    assert visit.patient.id == (await house.entry.find(after.removeprefix("/j/"))).account


async def test_everybodys_links_at_once(house: House, db: Database) -> None:
    visit = await agree(db)
    async with db.begin(SYSTEM) as tx:
        paths = await house.entry.paths(tx, visit.id)

    assert {visit.patient.id, visit.consultant.id} == set(paths)
    assert await house.entry.link_for(visit.patient.caller, visit.id) == paths[visit.patient.id]


async def test_a_visitor_is_admitted_only_while_inside_a_running_visit(house: House, db: Database) -> None:
    visit = await agree(db)
    text = (await house.entry.link_for(visit.patient.caller, visit.id)).removeprefix("/j/")
    before = await house.entry.visitor(text)
    await house.in_a_call(visit)
    during = await house.entry.visitor(text)
    await house.rooms.act(visit.id, commands.End(visit.consultant.id))
    after = await house.entry.visitor(text)

    assert (False, True, False) == (before.admitted, during.admitted, after.admitted)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [("early", refusals.NotOpenYet), ("ended", refusals.VisitEnded), ("cancelled", VisitCancelled)],
)
async def test_there_is_no_ticket_to_a_closed_room(
    house: House, db: Database, change: str, refusal: type[Exception]
) -> None:
    visit = await agree(db, starts_in=timedelta(days=1) if change == "early" else timedelta(minutes=1))
    if change == "ended":
        await house.rooms.act(visit.id, commands.Close())
    if change == "cancelled":
        await cancel(db, visit)
    room = await house.rooms.view(visit.patient.caller, visit.id)
    async with db.begin(SYSTEM) as tx:
        with pytest.raises(refusal):
            await house.entry.issue_ticket(tx, visit.patient.caller, room, None)


async def test_old_tickets_are_forgotten(house: House, db: Database) -> None:
    visit = await agree(db)
    room = await house.rooms.view(visit.patient.caller, visit.id)
    async with db.begin(SYSTEM) as tx:
        ticket = await house.entry.issue_ticket(tx, visit.patient.caller, room, None)
    await house.entry.redeem(ticket.secret)
    assert 1 == await count(db, tickets)
    async with db.begin(SYSTEM) as tx:
        await tx.execute(update(tickets).values(expires_at=func.clock_timestamp() - timedelta(minutes=6)))
    await house.entry.forget_old_tickets()

    assert 0 == await count(db, tickets)


# --- jobs


async def told(db: Database) -> list[tuple[UUID, str]]:
    """Who is told what by mail."""
    async with db.begin(SYSTEM) as tx:
        rows = await tx.execute(select(notice.c.recipient, notice.c.kind))
        return [(row.recipient, row.kind) for row in rows]


async def test_a_booking_is_told_to_the_patients_side_once(house: House, db: Database) -> None:
    clinic = await build.clinic(db)
    visit = await agree(db, clinic.patient, clinic.consultant)
    for _ in range(2):
        await house.do("appointment.booked", visit, version=1)

    assert {(clinic.patient.id, "appointment.booked"), (clinic.guardian.id, "appointment.booked")} == set(
        await told(db)
    )
    assert 2 == len(await told(db))


async def test_a_booking_that_was_cancelled_meanwhile_is_not_told(house: House, db: Database) -> None:
    visit = await agree(db)
    await cancel(db, visit)
    await house.do("appointment.booked", visit, version=1)
    await house.do("appointment.cancelled", visit, version=2)

    assert [(visit.patient.id, "appointment.cancelled")] == await told(db)


def test_every_job_that_scheduling_enqueues_is_known(house: House) -> None:
    known: Callable[[str], bool] = house.work.__contains__

    assert all(
        known(kind) for kind in ("appointment.booked", "appointment.moved", "appointment.cancelled", "visit.close")
    )
