"""Unread urgent messages: five minutes, then every two, ten times, until somebody of the team reads."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.errors import Invalid, NotFound, Refused
from telegut.messaging.ledger.on_call import OnCall, OnCallChanged
from telegut.messaging.ledger.rules import State
from telegut.settings import Settings
from tests import build
from tests.messaging.ledger.places import Place, place

STEPS = "select count(*) from messaging_escalation where conversation = $1"
NOTICES = "select count(*) from notices_notice where kind = 'urgent'"


async def _pass(here: Place, minutes: int) -> None:
    """Everything that has happened lies this much further back by the database's clock."""
    back = f"- interval '{minutes} minutes'"
    await here.sql(f"update messaging_entry set at = at {back} where conversation = $1")
    await here.sql(f"update messaging_escalation set at = at {back} where conversation = $1")


async def test_it_begins_after_five_minutes_comes_every_two_and_ends_after_ten(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    on_call = await build.person(db, "consultant", "Noor Haddad")
    await here.services.on_call.replace(clinic.admin.caller, 1, [OnCall(on_call.id)])
    await here.say(clinic.patient, urgent=True)
    taken = [await here.services.escalations.look()]
    await _pass(here, 4)
    taken.append(await here.services.escalations.look())
    for minutes in [1, 1, 1, *[2] * 10]:
        await _pass(here, minutes)
        taken.append(await here.services.escalations.look())

    assert [0, 0, 1, 0, 1, *[1] * 8, 0, 0] == taken
    assert 10 == await here.sql(STEPS) == await here.sql(NOTICES)
    assert 10 == await here.sql("select count(*) from db_audit where what = 'urgent_message'")
    told = await here.sql("select count(*) from realtime_item where type = 'urgent.escalated'")
    assert 10 * 3 == told  # two of the team, and who is on call


async def test_an_answer_that_was_taken_back_ends_nothing(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    await here.say(here.clinic.patient, urgent=True)
    await here.say(here.clinic.nutritionist, "Another patient's words")
    answer = UUID((await here.log())[-1]["id"])
    await _pass(here, 6)
    answered = await here.services.escalations.look()

    await here.messaging.retract(here.clinic.nutritionist.caller, here.conversation, answer)

    assert (0, 1) == (answered, await here.services.escalations.look())


async def test_it_stops_once_one_of_the_team_has_read(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    seq = await here.say(here.clinic.patient, urgent=True)
    await _pass(here, 6)
    first = await here.services.escalations.look()
    await here.messaging.read(here.clinic.guardian.caller, here.conversation, seq)
    await _pass(here, 2)
    still = await here.services.escalations.look()
    await here.messaging.read(here.clinic.nutritionist.caller, here.conversation, seq)
    await _pass(here, 2)

    assert [1, 1, 0] == [first, still, await here.services.escalations.look()]
    waiting = await here.sql("select min(id::text) from notices_notice where kind = 'urgent' and state = 'waiting'")
    notices = here.messaging.notices
    await notices.mail(UUID(waiting))
    assert "settled" == await here.sql(f"select state from notices_notice where id = '{waiting}'")


@pytest.mark.parametrize("ended_by", ["answer", "settle", "retract"])
async def test_it_does_not_begin_for_what_is_answered_settled_or_taken_back(
    db: Database, database_url: str, settings: Settings, ended_by: str
) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    seq = await here.say(clinic.patient, urgent=True)
    if ended_by == "answer":
        await here.say(clinic.consultant)
    elif ended_by == "settle":
        await here.ledger.settle(clinic.consultant.caller, here.conversation, seq)
    else:
        message = next(one["id"] for one in await here.log() if one["seq"] == seq)
        await here.messaging.retract(clinic.patient.caller, here.conversation, UUID(message))
    await _pass(here, 30)

    assert 0 == await here.services.escalations.look()


async def test_what_the_clock_sends_does_not_end_it(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    waiting = await here.schedule(here.clinic.nutritionist)
    await here.say(here.clinic.patient, urgent=True)
    await here.later.send(waiting.id, 1)
    await _pass(here, 6)

    turn = await here.ledger.turn(here.clinic.patient.caller, here.conversation)

    assert (State.OWED, True) == (turn.standing.state, turn.standing.urgent)
    assert 1 == await here.services.escalations.look()
    await here.say(here.clinic.nutritionist, "I am here")
    await _pass(here, 2)
    assert 0 == await here.services.escalations.look()


async def test_what_the_team_calls_urgent_and_what_nobody_does_is_nobodys_call(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    await here.say(here.clinic.patient)
    await here.say(here.clinic.consultant, urgent=True)
    await _pass(here, 30)

    assert 0 == await here.services.escalations.look()


async def test_several_workers_at_once_take_a_step_once(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    await here.say(here.clinic.patient, urgent=True)
    await _pass(here, 60)

    taken = await asyncio.gather(*(here.services.escalations.look() for _ in range(6)))

    assert 1 == sum(taken) == await here.sql(STEPS)
    assert 2 == await here.sql(NOTICES)  # nobody is on call: the whole team is told


async def test_who_is_on_call_can_see_the_record_for_a_day(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    on_call = await build.person(db, "nutritionist")
    await here.services.on_call.replace(here.clinic.coordinator.caller, 1, [OnCall(on_call.id)])
    await here.say(here.clinic.patient, urgent=True)
    await _pass(here, 6)
    await here.services.escalations.look()

    found = await here.messaging.conversation(on_call.caller, here.conversation)
    await here.sql("update accounts_care set ends_at = now() where ends_at is not null")
    await here.services.absences.follow()

    assert here.conversation == found.id
    assert [] == await here.messaging.conversations(on_call.caller)


async def test_the_cover_of_who_is_on_call_and_away_is_told_and_let_in(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    on_call = await build.person(db, "consultant", "Henrik Lund")
    cover = await build.person(db, "nutritionist", "Camille Roux")
    await here.services.on_call.replace(here.clinic.coordinator.caller, 1, [OnCall(on_call.id)])
    today = utc_now().date()
    await here.services.absences.set(
        on_call.caller, today - timedelta(days=1), today + timedelta(days=2), cover.id, None
    )
    await here.say(here.clinic.patient, urgent=True)
    await _pass(here, 6)
    await here.services.escalations.look()

    told = await here.sql("select string_agg(recipient::text, ',') from notices_notice where kind = 'urgent'")
    assert str(cover.id) == told
    assert here.conversation == (await here.messaging.conversation(cover.caller, here.conversation)).id
    with pytest.raises(NotFound):
        await here.messaging.conversation(on_call.caller, here.conversation)
    assert [True, False] == [await here.services.on_call.has(one.caller) for one in (on_call, cover)]


async def test_a_topic_opens_to_the_whole_team(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    topic = await here.messaging.create(clinic.patient.caller, clinic.patient.id, "Sleep", [clinic.consultant.id])
    here = replace(here, conversation=topic.id)
    await here.say(clinic.patient, urgent=True)
    with pytest.raises(NotFound):
        await here.messaging.conversation(clinic.nutritionist.caller, topic.id)
    await _pass(here, 6)

    assert 1 == await here.services.escalations.look()

    found = await here.messaging.conversation(clinic.nutritionist.caller, topic.id)
    assert clinic.nutritionist.id in {one.account for one in found.members}


async def test_who_is_reminded_of_a_message_that_reached_them_has_it(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic = here.clinic
    seq = await here.say(clinic.patient, urgent=True)
    acknowledged = "update realtime_mailbox set acknowledged = seq where account = $1"
    await replace(here, conversation=clinic.nutritionist.id).sql(acknowledged)
    await _pass(here, 6)
    await here.services.escalations.look()

    found = await here.messaging.conversation(clinic.patient.caller, here.conversation)

    reached = {one.account: one.delivered_up_to or 0 for one in found.members}
    assert reached[clinic.consultant.id] < seq <= reached[clinic.nutritionist.id]


async def test_the_list_is_kept_by_the_practice(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings)
    clinic, lists = here.clinic, here.services.on_call
    first = await lists.replace(
        clinic.admin.caller, 1, [OnCall(clinic.consultant.id, "MO-FR 17:00-22:00"), OnCall(clinic.nutritionist.id)]
    )

    assert [clinic.consultant.name, clinic.nutritionist.name] == [one.name for one in first.people]
    with pytest.raises(OnCallChanged):
        await lists.replace(clinic.admin.caller, 1, [])
    for wrong in (OnCall(clinic.consultant.id, "at night"), OnCall(clinic.patient.id), OnCall(clinic.coordinator.id)):
        with pytest.raises(Invalid):
            await lists.replace(clinic.admin.caller, 2, [wrong])
    for who in (clinic.consultant, clinic.patient):
        with pytest.raises(Refused):
            await lists.read(who.caller)
    assert first == await lists.read(clinic.coordinator.caller)
