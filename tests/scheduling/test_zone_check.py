"""Visits that an update of zone data would move: found, told to both sides, and moved by nobody but a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from telegut.composition import build_foundation, build_services
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.notices.tables import notice
from telegut.scheduling import catalogue, zones
from telegut.scheduling.booking import agreed_start
from telegut.scheduling.tables import appointment, participant
from telegut.scheduling.zone_check.rules import would_be
from telegut.scheduling.zone_check.service import ZoneCheck
from telegut.scheduling.zone_check.tables import finding, zone_data
from telegut.settings import Settings
from tests import build
from tests.rooms.visits import Agreed, agree
from tests.scheduling.conftest import Client

SYSTEM = Caller.system("a test")
HOUR = timedelta(hours=1)
VANCOUVER = "America/Vancouver"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("agreed", "zone", "kept", "expected"),
    [
        # Vancouver keeps summer time from 2026 on: 2025b said 17:00Z, 2026f says 16:00Z.
        ("2027-01-15T09:00", VANCOUVER, "2027-01-15T17:00", "2027-01-15T16:00"),
        ("2027-01-15T09:00", VANCOUVER, "2027-01-15T16:00", None),
        ("2027-07-15T09:00", VANCOUVER, "2027-07-15T16:00", None),
        ("2027-01-15T09:00", "Europe/Berlin", "2027-01-15T08:00", None),
        ("2027-01-15T09:00", "Europe/Berlin", "2027-01-15T07:00", "2027-01-15T08:00"),
        # Both of a repeated hour are right.
        ("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T00:30", None),
        ("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T01:30", None),
        ("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T02:30", "2027-10-31T01:30"),
        # A skipped hour begins on the clock before the change.
        ("2027-03-28T02:30", "Europe/Berlin", "2027-03-28T00:30", "2027-03-28T01:30"),
    ],
)
def test_a_wall_time_that_means_another_instant_is_found(
    agreed: str, zone: str, kept: str, expected: str | None
) -> None:
    assert (utc(expected) if expected else None) == would_be(wall(agreed), zone, utc(kept))


def test_a_zone_that_is_gone_is_said() -> None:
    with pytest.raises(zones.UnknownZone):
        would_be(wall("2027-01-15T09:00"), "Mars/Olympus", utc("2027-01-15T09:00"))


@dataclass
class Case:
    """A visit in Vancouver whose instant is as an older release made it, and one whose instant is right."""

    db: Database
    check: ZoneCheck
    clinic: build.Clinic
    old: Agreed
    right: Agreed

    async def told(self) -> list[tuple[str, str]]:
        """Who is told what."""
        async with self.db.begin(SYSTEM) as tx:
            rows = await tx.execute(select(notice.c.recipient, notice.c.kind).order_by(notice.c.created_at))
            names = {who.id: who.name for who in (self.clinic.patient, self.clinic.guardian, self.clinic.consultant)}
            return [(names[row.recipient], row.kind) for row in rows]

    async def row(self, visit: Agreed) -> Any:
        """The appointment as it is kept."""
        async with self.db.begin(SYSTEM) as tx:
            return (await tx.execute(select(appointment).where(appointment.c.id == visit.appointment))).one()


async def place(db: Database, visit: Agreed, start: datetime, agreed: datetime) -> None:
    """Give a visit another time beside everything, agreed in Vancouver."""
    async with db.begin(SYSTEM) as tx:
        values = {"start_at": start, "end_at": start + HOUR / 2, "zone": VANCOUVER, "agreed_start": agreed}
        await tx.execute(update(appointment).where(appointment.c.id == visit.appointment).values(**values))
        during = func.tstzrange(start, start + HOUR / 2, "[)")
        mine = participant.c.appointment == visit.appointment
        await tx.execute(update(participant).where(mine).values(during=during, visit=during))


@pytest.fixture
async def case(db: Database, settings: Settings) -> Case:
    """The clinic with both visits."""
    services = build_services(build_foundation(settings))
    clinic = await build.clinic(db)
    old = await agree(db, clinic.patient, clinic.consultant, starts_in=30 * 24 * HOUR)
    right = await agree(db, clinic.patient, clinic.consultant, starts_in=40 * 24 * HOUR)
    async with db.begin(SYSTEM) as tx:
        await catalogue.add_provider(tx, clinic.consultant.id, "consultant", VANCOUVER)
    for visit, later in ((old, HOUR), (right, 0 * HOUR)):
        start = visit.start.replace(minute=0, second=0, microsecond=0)
        await place(db, visit, start + later, agreed_start(start, VANCOUVER))
    return Case(db, services.zone_check, clinic, old, right)


async def test_it_is_checked_once_for_each_release_and_moves_nothing(case: Case) -> None:
    before = await case.row(case.old)

    first, second = await case.check.check(), await case.check.check()

    assert [case.old.appointment] == [one.appointment for one in first]
    assert [] == second
    assert before == await case.row(case.old)
    async with case.db.begin(SYSTEM) as tx:
        assert zones.data_version() == await tx.scalar(select(zone_data.c.version))


async def test_an_update_is_noticed_and_both_sides_are_told_once(case: Case) -> None:
    await case.check.check()
    async with case.db.begin(SYSTEM) as tx:
        await tx.execute(update(zone_data).values(version="2024.1"))
    again = await case.check.check()

    assert 1 == len(again)
    people = (case.clinic.patient, case.clinic.guardian, case.clinic.consultant)
    assert sorted((who.name, "appointment.look") for who in people) == sorted(await case.told())
    async with case.db.begin(SYSTEM) as tx:
        assert 1 == await tx.scalar(select(func.count()).select_from(finding))


async def decided(case: Case, client: Client, keep: str, who: build.Account) -> tuple[int, dict[str, Any]]:
    async with client.get("/api/v1/zone-findings", headers=who.bearer) as answer:
        found = (await answer.json())["items"]
    assert [str(case.old.appointment)] == [one["appointment"] for one in found]
    path = f"/api/v1/zone-findings/{found[0]['id']}/decision"
    async with client.post(path, json={"keep": keep}, headers=who.bearer) as answer:
        return answer.status, await answer.json()


async def test_somebody_keeps_the_agreed_hour_and_the_visit_moves(case: Case, client: Client) -> None:
    await case.check.check()
    before = await case.row(case.old)

    status, answer = await decided(case, client, "wall", case.clinic.coordinator)

    after = await case.row(case.old)
    assert (200, 1) == (status, answer["sequence"])
    assert (before.start_at - HOUR, before.agreed_start) == (after.start_at, after.agreed_start)
    assert [] == await case.check.check(again=True)
    async with case.db.begin(SYSTEM) as tx:
        mine = participant.c.appointment == case.old.appointment
        starts = set((await tx.execute(select(func.lower(participant.c.visit)).where(mine))).scalars())
    assert {after.start_at} == starts


async def test_somebody_leaves_it_where_it_is_and_another_hour_is_agreed(case: Case, client: Client) -> None:
    await case.check.check()
    before = await case.row(case.old)

    status, answer = await decided(case, client, "instant", case.clinic.consultant)

    after = await case.row(case.old)
    assert (200, 1) == (status, answer["sequence"])
    assert (before.start_at, before.agreed_start + HOUR) == (after.start_at, after.agreed_start)
    assert [] == await case.check.check(again=True)


async def test_a_time_that_somebody_has_is_not_taken(case: Case, client: Client) -> None:
    await case.check.check()
    row = await case.row(case.old)
    rival = await agree(case.db, None, case.clinic.consultant, starts_in=50 * 24 * HOUR)
    start = row.start_at - HOUR
    await place(case.db, rival, start, agreed_start(start, VANCOUVER))

    status, answer = await decided(case, client, "wall", case.clinic.coordinator)

    assert (409, "slot_taken") == (status, answer["code"])
    assert row == await case.row(case.old)


async def test_what_is_settled_is_not_decided_again_and_not_for_strangers(case: Case, client: Client) -> None:
    await case.check.check()
    async with client.get("/api/v1/zone-findings", headers=case.clinic.stranger_consultant.bearer) as answer:
        strangers = (await answer.json())["items"]
    async with case.db.begin(SYSTEM) as tx:
        found = await tx.scalar(select(finding.c.id))
    path = f"/api/v1/zone-findings/{found}/decision"
    statuses = []
    for who in (case.clinic.stranger_consultant, case.clinic.patient, case.clinic.consultant, case.clinic.coordinator):
        async with client.post(path, json={"keep": "instant"}, headers=who.bearer) as answer:
            statuses.append(answer.status)

    assert ([], [404, 403, 200, 409]) == (strangers, statuses)
