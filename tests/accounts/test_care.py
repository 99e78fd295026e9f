"""To whom a record is open: asked of the service, and of the database itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from telegut.accounts import care, people, team_changes
from telegut.accounts.rules import Membership, Relation, Role
from telegut.accounts.tables import care as care_table
from telegut.accounts.tables import guardian as guardian_table
from telegut.accounts.team_changes import NotACareRole, TeamChanged
from telegut.clock import utc_now
from telegut.db.caller import Caller, VisitScope
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import Invalid, NotFound, Refused
from tests import build

NOWHERE = UUID(int=404)


def by_link(patient: UUID, *, admitted: bool) -> Caller:
    """Somebody who came by a personal link of this patient's visit."""
    return Caller(account=patient, scope=VisitScope(new_id(), patient, admitted))


async def relation(db: Database, caller: Caller, patient: UUID) -> Relation:
    async with db.begin(caller) as tx:
        return await care.relation_to(tx, patient)


async def may_see(db: Database, caller: Caller, patient: UUID) -> bool:
    """What row-level security answers."""
    async with db.begin(caller) as tx:
        return bool(await tx.scalar(text("select accounts_may_see(:patient)"), {"patient": patient}))


async def test_the_service_and_the_database_open_a_record_to_the_same_people(db: Database) -> None:
    clinic = await build.clinic(db)
    lena = clinic.patient.id
    expected = {
        "patient": (clinic.patient.caller, Relation.THEMSELVES),
        "guardian": (clinic.guardian.caller, Relation.GUARDIAN),
        "consultant": (clinic.consultant.caller, Relation.CARE_TEAM),
        "nutritionist": (clinic.nutritionist.caller, Relation.CARE_TEAM),
        "stranger patient": (clinic.stranger_patient.caller, Relation.NONE),
        "stranger consultant": (clinic.stranger_consultant.caller, Relation.NONE),
        "coordinator": (clinic.coordinator.caller, Relation.NONE),
        "admin": (clinic.admin.caller, Relation.NONE),
        "auditor": (clinic.auditor.caller, Relation.NONE),
        "nobody": (Caller(account=None), Relation.NONE),
        "link, waiting": (by_link(lena, admitted=False), Relation.NONE),
        "link, admitted": (by_link(lena, admitted=True), Relation.ADMITTED),
        "link to somebody else": (by_link(clinic.stranger_patient.id, admitted=True), Relation.NONE),
    }

    found = {name: await relation(db, caller, lena) for name, (caller, _) in expected.items()}
    seen = {name: await may_see(db, caller, lena) for name, (caller, _) in expected.items()}

    assert {name: relation for name, (_, relation) in expected.items()} == found
    assert {name: relation.reads for name, relation in found.items()} == seen


async def test_telegut_itself_sees_every_record(db: Database) -> None:
    clinic = await build.clinic(db)

    assert await may_see(db, Caller.system("a job"), clinic.patient.id)
    async with db.begin(Caller.system("a job")) as tx:
        await care.require(tx, clinic.patient.id, write=True)


async def test_a_record_that_does_not_exist_is_open_to_nobody(db: Database) -> None:
    clinic = await build.clinic(db)

    assert Relation.NONE is await relation(db, clinic.consultant.caller, NOWHERE)
    assert Relation.NONE is await relation(db, clinic.consultant.caller, clinic.nutritionist.id)


async def test_what_is_not_yours_does_not_exist(db: Database) -> None:
    clinic = await build.clinic(db)
    for caller in (clinic.stranger_consultant.caller, clinic.coordinator.caller, clinic.admin.caller):
        async with db.begin(caller) as tx:
            with pytest.raises(NotFound):
                await care.require(tx, clinic.patient.id)


async def test_whoever_leaves_the_team_sees_nothing_from_then_on(db: Database) -> None:
    clinic = await build.clinic(db)

    await build.care(db, clinic.patient, clinic.nutritionist)

    assert Relation.NONE is await relation(db, clinic.consultant.caller, clinic.patient.id)
    assert not await may_see(db, clinic.consultant.caller, clinic.patient.id)
    assert Relation.CARE_TEAM is await relation(db, clinic.nutritionist.caller, clinic.patient.id)


async def test_a_guardian_may_be_let_read_and_not_write(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(guardian_table).values(scope="read"))

    async with db.begin(clinic.guardian.caller) as tx:
        assert Relation.READING_GUARDIAN is await care.require(tx, clinic.patient.id)
        with pytest.raises(Refused):
            await care.require(tx, clinic.patient.id, write=True)


async def test_a_former_guardian_sees_nothing(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(guardian_table).values(until=utc_now()))

    assert Relation.NONE is await relation(db, clinic.guardian.caller, clinic.patient.id)
    assert not await may_see(db, clinic.guardian.caller, clinic.patient.id)


async def test_a_link_does_not_lend_what_its_owner_sees_when_signed_in(db: Database) -> None:
    clinic = await build.clinic(db)
    forwarded = replace(by_link(clinic.stranger_patient.id, admitted=True), account=clinic.consultant.id)

    assert Relation.NONE is await relation(db, forwarded, clinic.patient.id)
    assert not await may_see(db, forwarded, clinic.patient.id)


async def test_the_team_is_listed_by_name_in_the_order_they_came(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(clinic.patient.caller) as tx:
        team = await care.team(tx, clinic.patient.id)
        circle = await care.circle(tx, clinic.patient.id)

    assert {("Amara Okafor", "consultant"), ("Jonas Lindqvist", "nutritionist")} == {(m.name, m.role) for m in team}
    assert {clinic.patient.id, clinic.guardian.id, clinic.consultant.id, clinic.nutritionist.id} == set(circle)


async def test_patients_are_found_from_the_other_side(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        for one in (clinic.patient, clinic.guardian, clinic.consultant, clinic.nutritionist):
            assert [clinic.patient.id] == await care.patients_of(tx, one.id)
        assert [] == await care.patients_of(tx, clinic.stranger_consultant.id)
        assert [] == await care.patients_of(tx, clinic.coordinator.id)


async def test_whoever_stays_keeps_the_date_and_history_keeps_the_rest(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        before = {m.account: m.since for m in await care.team(tx, clinic.patient.id)}

    await build.care(db, clinic.patient, clinic.consultant, clinic.stranger_consultant)

    async with db.begin(build.BUILDER) as tx:
        after = {m.account: m.since for m in await care.team(tx, clinic.patient.id)}
        ended = await tx.scalar(select(care_table.c.until).where(care_table.c.member == clinic.nutritionist.id))
    assert before[clinic.consultant.id] == after[clinic.consultant.id]
    assert {clinic.consultant.id, clinic.stranger_consultant.id} == set(after)
    assert ended is not None


async def test_the_same_team_again_is_no_change(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        before = await care.whole_team(tx, clinic.patient.id)

    await build.care(db, clinic.patient, clinic.nutritionist, clinic.consultant)

    async with db.begin(build.BUILDER) as tx:
        assert before == await care.whole_team(tx, clinic.patient.id)


async def test_a_member_has_the_role_that_is_named(db: Database) -> None:
    clinic = await build.clinic(db)
    for account in (clinic.consultant.id, NOWHERE):
        with pytest.raises(NotACareRole):
            async with db.begin(build.BUILDER) as tx:
                members = [Membership(account, Role.NUTRITIONIST)]
                await team_changes.replace_team(tx, clinic.patient.id, members, version=None, now=utc_now())


async def test_nobody_cares_for_themselves(db: Database) -> None:
    clinic = await build.clinic(db)
    with pytest.raises(Invalid):
        async with db.begin(build.BUILDER) as tx:
            members = [Membership(clinic.patient.id, Role.CONSULTANT)]
            await team_changes.replace_team(tx, clinic.patient.id, members, version=None, now=utc_now())


async def test_of_two_changes_at_once_one_wins_and_the_other_is_shown_the_present_team(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        version = (await care.whole_team(tx, clinic.patient.id)).version
    wishes = [
        [Membership(clinic.consultant.id, Role.CONSULTANT)],
        [Membership(clinic.stranger_consultant.id, Role.CONSULTANT)],
    ] * 4

    async def change(members: list[Membership]) -> care.Team | TeamChanged:
        try:
            async with db.begin(build.BUILDER) as tx:
                return await team_changes.replace_team(tx, clinic.patient.id, members, version=version, now=utc_now())
        except TeamChanged as refusal:
            return refusal

    results = await asyncio.gather(*(change(members) for members in wishes))

    won = [one for one in results if isinstance(one, care.Team)]
    lost = [one for one in results if isinstance(one, TeamChanged)]
    assert (1, 7) == (len(won), len(lost))
    assert {version + 1} == {one.current["version"] for one in lost if one.current}
    async with db.begin(build.BUILDER) as tx:
        assert won[0] == await care.whole_team(tx, clinic.patient.id)


async def test_an_e_mail_address_belongs_to_one_account_however_it_is_written(db: Database) -> None:
    await build.person(db, email="Lena.Hartmann@example.org")
    with pytest.raises(people.EmailTaken):
        await build.person(db, email="lena.hartmann@EXAMPLE.org")


async def test_two_accounts_with_one_address_at_once_are_one(db: Database) -> None:
    made = await asyncio.gather(
        *(build.person(db, email="twins@example.org") for _ in range(6)), return_exceptions=True
    )

    assert 5 == sum(isinstance(one, people.EmailTaken) for one in made)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "UTC+25"])
async def test_a_zone_is_one_that_exists(db: Database, zone: str) -> None:
    with pytest.raises(Invalid):
        await build.person(db, zone=zone)


async def test_people_are_named_in_one_question(db: Database) -> None:
    clinic = await build.clinic(db)
    async with db.begin(build.BUILDER) as tx:
        named = await people.named(tx, [clinic.patient.id, clinic.consultant.id, NOWHERE])
        consultants = await people.with_role(tx, "consultant")

    assert {"Lena Hartmann", "Amara Okafor"} == {one.name for one in named.values()}
    assert frozenset({"consultant"}) == named[clinic.consultant.id].roles
    assert ["Amara Okafor", "Mei Tanaka"] == [one.name for one in consultants]
