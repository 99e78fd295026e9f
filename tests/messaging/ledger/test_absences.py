"""Out of office: the cover joins, answers, and leaves by themselves; nobody hands anything back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from telegut.accounts import care as teams
from telegut.accounts.patients import Patients
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.errors import Invalid, NotFound
from telegut.messaging.ledger.absences import AwayChanged, period
from telegut.messaging.threads import following
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.messaging.ledger.places import ROOT, Place, place


async def _team(here: Place) -> dict[UUID, str]:
    async with here.db.begin(ROOT) as tx:
        return {one.account: one.role for one in await teams.team(tx, here.clinic.patient.id)}


async def _inside(here: Place, topic: UUID) -> set[UUID]:
    found = await here.messaging.conversation(here.clinic.patient.caller, topic)
    return {one.account for one in found.members}


async def _away(here: Place, who: Account, cover: Account, days: int = 3, version: int | None = None) -> int:
    today = utc_now().date()
    made = await here.services.absences.set(
        who.caller, today - timedelta(days=1), today + timedelta(days=days), cover.id, version
    )
    return made.version


async def test_the_cover_sees_answers_and_leaves_again(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    cover = await build.person(db, "nutritionist", "Amara Okafor")
    me = clinic.nutritionist
    asked = await here.say(clinic.patient)
    await here.ledger.claim(me.caller, here.conversation, asked)
    before = len(await _team(here))

    await _away(here, me, cover)
    await here.messaging.follow_care_team(clinic.patient.id)
    during = await here.ledger.outlook(clinic.patient.caller, here.conversation)
    covers = await here.ledger.inbox(cover.caller, group=None, cursor=None, limit=9)
    await here.say(cover, "I answer for her")
    await here.services.absences.end(me.caller)
    here.clock.at = utc_now()
    await here.messaging.follow_care_team(clinic.patient.id)
    after = await here.ledger.outlook(clinic.patient.caller, here.conversation)

    assert during.answers is not None
    assert during.absent is not None
    assert (cover.name, me.name) == (during.answers.name, during.absent.person.name)
    assert [here.conversation] == [one.turn.conversation for one in covers.lines]
    assert covers.lines[0].turn.answers == during.answers
    assert after.answers is not None
    assert (me.name, None) == (after.answers.name, after.absent)
    assert before == len(await _team(here))
    with pytest.raises(NotFound):
        await here.messaging.conversation(cover.caller, here.conversation)


async def test_the_cover_comes_along_into_topics(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic, me = here.clinic, here.clinic.nutritionist
    cover = await build.person(db, "consultant", "Henrik Lund")
    before = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Oats", [me.id])
    await _away(here, me, cover)
    await here.messaging.follow_care_team(clinic.patient.id)

    later = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Rye", [me.id])
    alone = await here.messaging.create(
        clinic.consultant.caller, clinic.patient.id, "Sleep", [clinic.consultant.id, clinic.patient.id]
    )

    for topic in (before.id, later.id):
        found = await here.messaging.conversation(cover.caller, topic)
        assert {clinic.patient.id, me.id, cover.id} == {one.account for one in found.members}
    with pytest.raises(NotFound):
        await here.messaging.conversation(cover.caller, alone.id)
    await here.services.absences.end(me.caller)
    await here.messaging.follow_care_team(clinic.patient.id)
    found = await here.messaging.conversation(me.caller, before.id)
    assert {clinic.patient.id, me.id} == {one.account for one in found.members}


async def test_a_cover_who_is_in_the_team_for_good_comes_along_into_topics(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic, me, cover = here.clinic, here.clinic.nutritionist, here.clinic.consultant
    topic = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Oats", [me.id])

    await _away(here, me, cover)
    asked = "select count(*) from jobs_job where kind = 'care_team.changed' and payload->>'patient' = $1::text"
    waiting = await replace(here, conversation=clinic.patient.id).sql(asked.replace("$1::text", "($1::uuid)::text"))
    await here.messaging.follow_care_team(clinic.patient.id)

    assert waiting > 0
    assert {clinic.patient.id, me.id, cover.id} == await _inside(here, topic.id)
    await here.services.absences.end(me.caller)
    async with here.db.begin(ROOT) as tx:
        assert [clinic.patient.id] == await following.behind(tx)
    await here.messaging.follow_care_team(clinic.patient.id)
    assert {clinic.patient.id, me.id} == await _inside(here, topic.id)
    async with here.db.begin(ROOT) as tx:
        assert [] == await following.behind(tx)


async def test_a_colleague_who_has_taken_the_topic_over_stays(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic, me, cover = here.clinic, here.clinic.nutritionist, here.clinic.consultant
    topic = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Oats", [me.id])
    await _away(here, me, cover)
    await here.messaging.follow_care_team(clinic.patient.id)
    turn = await here.ledger.turn(cover.caller, topic.id)
    await here.ledger.claim(cover.caller, topic.id, turn.standing.version)

    await here.services.absences.end(me.caller)
    await here.messaging.follow_care_team(clinic.patient.id)

    assert {clinic.patient.id, me.id, cover.id} == await _inside(here, topic.id)


async def test_who_covers_for_another_one_before_the_job_came_reads_no_topic_of_the_first(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic, cover = here.clinic, await build.person(db, "consultant", "Henrik Lund")
    first, second = clinic.nutritionist, clinic.consultant
    topic = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Oats", [first.id])
    both = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Rye", [first.id, second.id])
    await _away(here, first, cover)
    await here.messaging.follow_care_team(clinic.patient.id)
    before = await _inside(here, topic.id)

    await here.services.absences.end(first.caller)
    await _away(here, second, cover)
    await here.messaging.follow_care_team(clinic.patient.id)

    assert cover.id in before
    assert {clinic.patient.id, first.id} == await _inside(here, topic.id)
    assert {clinic.patient.id, first.id, second.id, cover.id} == await _inside(here, both.id)
    with pytest.raises(NotFound):
        await here.messaging.conversation(cover.caller, topic.id)


async def test_a_cover_whom_the_office_takes_out_of_a_team_stays_out_of_it(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic, cover = here.clinic, await build.person(db, "consultant", "Henrik Lund")
    other = await build.person(db)
    await build.care(db, other, clinic.nutritionist)
    first = await _away(here, clinic.nutritionist, cover)
    asked = await here.say(clinic.patient)
    await here.ledger.claim(clinic.nutritionist.caller, here.conversation, asked)
    await build.care(db, clinic.patient, clinic.consultant, clinic.nutritionist)

    await here.services.absences.follow()
    await _away(here, clinic.nutritionist, cover, days=9, version=first)

    assert cover.id not in await _team(here)
    outlook = await here.ledger.outlook(clinic.patient.caller, here.conversation)
    assert (None, clinic.nutritionist.name) == (outlook.answers, outlook.absent and outlook.absent.person.name)
    async with db.begin(ROOT) as tx:
        assert {clinic.nutritionist.id, cover.id} == {one.account for one in await teams.team(tx, other.id)}


async def test_a_cover_who_left_by_themselves_comes_again(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    cover = await build.person(db, "consultant")
    for _ in range(2):
        await _away(here, here.clinic.nutritionist, cover)
        assert cover.id in await _team(here)
        await here.services.absences.end(here.clinic.nutritionist.caller)
        assert cover.id not in await _team(here)


async def test_two_absences_at_the_same_moment_make_no_chain(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    first, second = here.clinic.nutritionist, here.clinic.consultant
    third = await build.person(db, "consultant")

    async def attempt(who: Account, cover: Account) -> bool:
        try:
            await _away(here, who, cover)
        except Invalid:
            return False
        return True

    for _ in range(5):
        made = await asyncio.gather(attempt(first, second), attempt(second, third))
        chained = "select count(*) from messaging_away a join messaging_away b on b.person = a.cover"
        assert 0 == await here.sql(f"{chained} where a.ended_at is null and b.ended_at is null")
        assert [False, True] == sorted(made)
        for who in (first, second):
            await here.services.absences.end(who.caller)


@pytest.mark.long
async def test_absences_beside_each_other_and_the_job_lock_in_one_order(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    both, covers = (
        (here.clinic.nutritionist, here.clinic.consultant),
        [await build.person(db, "consultant") for _ in "ab"],
    )
    patients = [await build.person(db) for _ in range(6)]
    for one in patients:
        await build.care(db, one, *both)

    async def away_and_back(who: Account, cover: Account) -> None:
        for _ in range(5):
            await _away(here, who, cover)
            await here.services.absences.end(who.caller)

    async def job() -> None:
        for one in patients * 2:
            await here.messaging.follow_care_team(one.id)

    # Nothing here is tried again: a deadlock would be seen.
    await asyncio.gather(*(away_and_back(*pair) for pair in zip(both, covers, strict=True)), job(), job())


async def test_who_answers_for_somebody_goes_when_another_one_does(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    await _away(here, clinic.nutritionist, clinic.consultant)

    with pytest.raises(Invalid) as refusal:
        await _away(here, clinic.consultant, await build.person(db, "consultant"))
    assert "choose somebody else first" in refusal.value.errors[0].message


async def test_the_patient_reads_who_covered(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    cover = await build.person(db, "consultant")
    await _away(here, here.clinic.nutritionist, cover)
    await here.messaging.follow_care_team(here.clinic.patient.id)
    await here.messaging.conversation(cover.caller, here.conversation)

    found = await Patients(db, utc_now).accesses(here.clinic.patient.caller, here.clinic.patient.id, before=None)

    assert {"in the care team as cover"} == {one.why for one in found if one.account == cover.id}
    joined = [one for one in found if one.what == "care_team_cover"]
    assert 1 == len(joined)


async def test_covers_come_and_go_by_the_databases_clock(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    cover = await build.person(db, "consultant")
    today = utc_now().date()
    ahead = today + timedelta(days=5)
    await here.services.absences.set(clinic.nutritionist.caller, ahead, ahead, cover.id, None)
    await here.services.absences.follow()
    not_yet = await _team(here)
    await here.sql("update messaging_away set from_at = now() - interval '1 hour'")
    await here.services.absences.follow()
    await here.services.absences.follow()
    now = await _team(here)
    await here.sql("update messaging_away set until_at = now()")
    await here.services.absences.follow()

    assert not_yet == await _team(here)
    assert {cover.id} == now.keys() - not_yet.keys()
    assert None is await here.services.absences.mine(clinic.nutritionist.caller)
    assert 2 == await here.sql("select count(*) from db_audit where what = 'care_team_cover'")


async def test_patients_who_come_meanwhile_are_covered_too_and_covers_of_covers_are_not(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    cover = await build.person(db, "nutritionist")
    newcomer = await build.person(db)
    await _away(here, clinic.nutritionist, cover)
    await build.care(db, newcomer, clinic.nutritionist)
    await here.services.absences.follow()

    async with db.begin(ROOT) as tx:
        members = {one.account for one in await teams.team(tx, newcomer.id)}
    assert {clinic.nutritionist.id, cover.id} == members


async def test_somebody_of_the_team_who_covers_stays_in_it(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    before = await _team(here)
    await _away(here, clinic.nutritionist, clinic.consultant)
    during = await _team(here)
    await here.services.absences.end(clinic.nutritionist.caller, 1)

    assert before == during == await _team(here)


async def test_an_absence_is_changed_by_its_version_and_can_be_made_shorter(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    cover = await build.person(db, "nutritionist")
    other = await build.person(db, "nutritionist")
    first = await _away(here, clinic.nutritionist, cover)
    with pytest.raises(AwayChanged) as stale:
        await _away(here, clinic.nutritionist, other)
    second = await _away(here, clinic.nutritionist, other, days=1, version=first)

    assert (1, 2) == (first, second)
    assert stale.value.current is not None
    assert 1 == stale.value.current["version"]
    team = await _team(here)
    assert (True, False) == (other.id in team, cover.id in team)
    with pytest.raises(AwayChanged):
        await here.services.absences.end(clinic.nutritionist.caller, first)


async def test_a_cover_can_answer_or_is_refused(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    me = clinic.nutritionist
    absent = await build.person(db, "nutritionist")
    await _away(here, absent, clinic.stranger_consultant)

    for cover in (me, clinic.coordinator, clinic.patient, absent):
        with pytest.raises(Invalid):
            await _away(here, me, cover)
    with pytest.raises(Invalid):
        await here.services.absences.set(me.caller, date(2026, 1, 5), date(2026, 1, 9), clinic.consultant.id, None)
    await here.services.absences.end(me.caller)
    assert None is await here.services.absences.mine(me.caller)


def test_days_are_whole_on_the_wall_also_when_the_clocks_change() -> None:
    assert (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)) == period(
        date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin"
    )
    for first, last in ((date.max, date.max), (date.min, date.min), (date(2026, 10, 25), date.max)):
        with pytest.raises(Invalid):
            period(first, last, "Europe/Berlin")
    for until in (date(2026, 10, 24), date(2028, 1, 1)):
        with pytest.raises(Invalid):
            period(date(2026, 10, 25), until, "Europe/Berlin")
