"""The ledger on a real PostgreSQL: hands, races, the inbox, the outlook, what is kept and what is reported."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from telegut.accounts import people
from telegut.db.engine import Database
from telegut.errors import Invalid, NotFound, Refused
from telegut.messaging.ledger.order import Group
from telegut.messaging.ledger.rules import LedgerChanged, NotTheirs, State
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.messaging.ledger.places import Place, place

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 10:00 on the clinic's wall


async def _turn(here: Place) -> tuple[State, str | None, datetime | None, datetime | None]:
    turn = await here.ledger.turn(here.clinic.patient.caller, here.conversation)
    return turn.standing.state, turn.owner.name if turn.owner else None, turn.standing.since, turn.due


async def test_an_answer_is_owed_from_the_first_message_that_nobody_answered(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    quiet = await _turn(here)
    await here.say(clinic.patient)
    here.clock.go_on(hours=2)
    await here.say(clinic.guardian)
    owed = await _turn(here)
    await here.say(clinic.nutritionist)

    assert (State.SETTLED, None, None, None) == quiet == await _turn(here)
    assert (State.OWED, None, MONDAY, MONDAY + timedelta(days=1)) == owed


@pytest.mark.parametrize("noted", [True, False])
async def test_an_answer_that_was_taken_back_is_owed_again_by_when_it_was(
    db: Database, database_url: str, settings: Settings, noted: bool
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    await here.say(clinic.patient, urgent=True)
    asked = await _turn(here)
    here.clock.go_on(minutes=1)
    await here.say(clinic.nutritionist, "Oops, another patient's words")
    message = UUID((await here.log())[-1]["id"])
    here.clock.go_on(minutes=1)
    await here.say(clinic.patient, "Pardon?")
    if noted:
        await here.ledger.note()
    await here.messaging.retract(clinic.nutritionist.caller, here.conversation, message)
    derived = await _turn(here)
    await here.ledger.note()
    await here.ledger.note()

    assert asked == derived == await _turn(here)
    assert State.OWED is derived[0]
    assert 1 == await here.sql("select count(*) from messaging_promise where conversation = $1 and ended_at is null")
    urgent = (await here.ledger.turn(clinic.consultant.caller, here.conversation)).standing.urgent
    await here.say(clinic.consultant, "Yes, it is safe")
    await here.ledger.note()
    assert (True, State.SETTLED) == (urgent, (await _turn(here))[0])
    assert 0 == await here.sql("select count(*) from messaging_promise where conversation = $1 and ended_at is null")


@pytest.mark.parametrize("asked_first", [True, False])
async def test_what_the_clock_sends_answers_only_what_came_before_it_was_written(
    db: Database, database_url: str, settings: Settings, asked_first: bool
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    await here.say(clinic.patient)
    here.clock.go_on(minutes=1)
    waiting = await here.schedule(clinic.nutritionist)
    here.clock.go_on(minutes=1)
    if not asked_first:
        await here.say(clinic.guardian)
        await here.ledger.note()
        here.clock.go_on(minutes=1)
    await here.later.send(waiting.id, 1)
    derived = await _turn(here)
    await here.ledger.note()

    assert derived == await _turn(here)
    assert (State.SETTLED if asked_first else State.OWED) is derived[0]


async def test_somebody_claims_hands_over_puts_aside_and_the_log_says_it_to_everybody(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic, ledger, there = here.clinic, here.ledger, here.conversation
    asked = await here.say(clinic.patient)
    claimed = await ledger.claim(clinic.consultant.caller, there, asked)
    again = await ledger.claim(clinic.consultant.caller, there, claimed.standing.version)
    handed = await ledger.assign(
        clinic.consultant.caller, there, again.standing.version, to=clinic.nutritionist.id, reason="She knows the plan"
    )
    back = await ledger.assign(clinic.nutritionist.caller, there, handed.standing.version, to=None)
    waits = await ledger.wait(clinic.nutritionist.caller, there, back.standing.version)
    settled = await ledger.settle(clinic.nutritionist.caller, there, waits.standing.version)

    changes = [(one["type"], one["account"]) for one in (await here.log())[-5:]]
    assert [
        ("assigned", str(clinic.consultant.id)),
        ("assigned", str(clinic.nutritionist.id)),
        ("unassigned", str(clinic.nutritionist.id)),
        ("waiting", str(clinic.patient.id)),
        ("settled", str(clinic.nutritionist.id)),
    ] == changes
    assert claimed.standing.version == again.standing.version
    assert [State.OWED, State.OWED, State.WAITING, State.SETTLED] == [
        one.standing.state for one in (handed, back, waits, settled)
    ]
    assert "She knows" not in str(await here.log())


async def test_a_reason_is_the_teams_alone(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    asked = await here.say(clinic.patient)
    await here.ledger.assign(
        clinic.consultant.caller, here.conversation, asked, to=clinic.nutritionist.id, reason="She knows the plan"
    )

    told = await here.ledger.handovers(clinic.nutritionist.caller, here.conversation)

    assert [(clinic.consultant.name, "She knows the plan")] == [(one.author, one.reason) for one in told]
    for who, refusal in ((clinic.patient, Refused), (clinic.guardian, Refused), (clinic.stranger_consultant, NotFound)):
        with pytest.raises(refusal):
            await here.ledger.handovers(who.caller, here.conversation)
    sealed = await here.sql("select count(*) from messaging_handover where position('plan'::bytea in reason) > 0")
    assert 0 == sealed


async def test_who_answers_hands_over_with_a_reason(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic, there = here.clinic, here.conversation
    mine = await here.ledger.claim(clinic.consultant.caller, there, await here.say(clinic.patient))

    for reason in (None, " \n"):
        with pytest.raises(Invalid) as refusal:
            await here.ledger.assign(
                clinic.consultant.caller, there, mine.standing.version, to=clinic.nutritionist.id, reason=reason
            )
        assert ["reason"] == [one.field for one in refusal.value.errors]
    taken = await here.ledger.assign(
        clinic.nutritionist.caller, there, mine.standing.version, to=clinic.nutritionist.id
    )

    assert clinic.nutritionist.id == taken.standing.owner


async def test_only_the_team_says_who_answers_and_only_the_team_can(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    asked = await here.say(clinic.patient)

    for who, refusal in (
        (clinic.patient, Refused),
        (clinic.guardian, Refused),
        (clinic.stranger_consultant, NotFound),
        (clinic.coordinator, NotFound),
    ):
        with pytest.raises(refusal):
            await here.ledger.settle(who.caller, here.conversation, asked)
    for to in (clinic.patient, clinic.guardian, clinic.stranger_consultant, clinic.coordinator):
        with pytest.raises(NotTheirs):
            await here.ledger.assign(clinic.consultant.caller, here.conversation, asked, to=to.id)
    assert [] == [one for one in await here.log() if one["type"] in ("assigned", "settled")]


async def test_of_two_who_claim_at_once_one_does_and_the_other_is_told_who(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    asked = await here.say(clinic.patient)
    both = (clinic.consultant, clinic.nutritionist)

    answers: list[Any] = await asyncio.gather(
        *(here.ledger.claim(who.caller, here.conversation, asked) for who in both), return_exceptions=True
    )

    lost = [one for one in answers if isinstance(one, LedgerChanged)]
    won = [one for one in answers if not isinstance(one, Exception)]
    assert (1, 1) == (len(lost), len(won))
    assert won[0].owner is not None
    assert lost[0].current is not None
    assert str(won[0].owner.id) == lost[0].current["owner"]["account"]
    assert 1 == len([one for one in await here.log() if one["type"] == "assigned"])


async def test_who_did_not_see_the_last_word_does_not_decide_about_it(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    seen = await here.say(clinic.patient)
    await here.say(clinic.patient, "One more thing")

    for change in (here.ledger.settle, here.ledger.wait, here.ledger.claim):
        with pytest.raises(LedgerChanged):
            await change(clinic.consultant.caller, here.conversation, seen)
    assert State.OWED is (await _turn(here))[0]


async def test_an_answer_and_a_claim_at_once_leave_a_log_that_says_both(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    asked = await here.say(clinic.patient)

    answers = await asyncio.gather(
        here.say(clinic.nutritionist, "Yes, please do"),
        here.ledger.claim(clinic.consultant.caller, here.conversation, asked),
        return_exceptions=True,
    )

    assert isinstance(answers[0], int)
    state, owner, _, _ = await _turn(here)
    claimed = not isinstance(answers[1], BaseException)
    assert (State.SETTLED, clinic.consultant.name if claimed else None) == (state, owner)


async def test_who_leaves_the_team_owes_nothing_any_more(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    asked = await here.say(clinic.patient)
    await here.ledger.claim(clinic.nutritionist.caller, here.conversation, asked)
    await here.sql("update accounts_care set until = now() where member = '" + str(clinic.nutritionist.id) + "'")
    await here.messaging.follow_care_team(clinic.patient.id)

    state, owner, since, _ = await _turn(here)

    assert (State.OWED, None, MONDAY) == (state, owner, since)


async def test_the_inbox_is_sorted_by_promise_and_comes_in_pages(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    me = clinic.consultant.caller
    for words in ("Travel", "Sleep"):
        made = await here.messaging.create(me, clinic.patient.id, words, [])
        await here.messaging.post(clinic.patient.caller, made.id, words, "May I?")
        here.clock.go_on(hours=1)
    await here.say(clinic.patient, urgent=True)

    first = await here.ledger.inbox(me, group=None, cursor=None, limit=2)
    rest = await here.ledger.inbox(me, group=None, cursor=first.next, limit=2)
    here.clock.go_on(days=1, hours=-1)
    later = await here.ledger.inbox(me, group=Group.OVERDUE, cursor=None, limit=10)

    assert [None, "Travel"] == [one.subject for one in first.lines]  # the urgent one first
    assert (["Sleep"], None) == ([one.subject for one in rest.lines], rest.next)
    assert (3, 0) == (first.counts[Group.WEEK], first.counts[Group.OVERDUE])
    assert ["Travel"] == [one.subject for one in later.lines]
    assert 1 == later.counts[Group.OVERDUE]
    assert [] == (await here.ledger.inbox(clinic.stranger_consultant.caller, group=None, cursor=None, limit=9)).lines


async def test_a_patient_reads_who_answers_and_when_before_they_write(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    me = here.clinic.patient.caller
    open_now = await here.ledger.outlook(me, here.conversation)
    here.clock.go_on(hours=9)  # 19:00
    closed = await here.ledger.outlook(me, here.conversation)
    await here.say(here.clinic.patient)
    here.clock.go_on(days=2)
    late = await here.ledger.outlook(me, here.conversation)

    assert (True, MONDAY + timedelta(days=1), False) == (open_now.staffed, open_now.answer_by, open_now.late)
    tuesday = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert (False, tuesday, tuesday + timedelta(hours=8)) == (closed.staffed, closed.next_work, closed.answer_by)
    assert (True, datetime(2026, 11, 26, 16, 0, tzinfo=UTC)) == (late.late, late.answer_by)
    assert closed.helplines


async def test_what_is_kept_never_differs_from_what_the_log_says(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    found = []
    for step in range(4):
        version = await here.say(clinic.patient, f"Question {step}")
        await here.ledger.assign(clinic.consultant.caller, here.conversation, version, to=clinic.nutritionist.id)
        here.clock.go_on(hours=1)
        if step % 2:
            await here.ledger.note()
        await here.say(clinic.nutritionist, f"Answer {step}")
        found.append(await here.ledger.turn(clinic.patient.caller, here.conversation))
    await here.say(clinic.patient, "And this?")
    before = await here.ledger.turn(clinic.patient.caller, here.conversation)
    noted = [await here.ledger.note() for _ in range(2)]
    after = await here.ledger.turn(clinic.patient.caller, here.conversation)
    await here.sql("delete from messaging_standing where conversation = $1")

    assert before == after == await here.ledger.turn(clinic.patient.caller, here.conversation)
    assert [1, 0] == noted
    assert {State.SETTLED} == {one.standing.state for one in found}
    assert 5 == await here.sql("select count(*) from messaging_promise where conversation = $1")


async def test_the_report_counts_what_was_promised_and_nothing_that_was_said(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    await here.say(clinic.patient, "In time")
    here.clock.go_on(hours=2)
    await here.say(clinic.nutritionist)
    version = await here.say(clinic.patient, "Late")
    await here.ledger.claim(clinic.consultant.caller, here.conversation, version)
    here.clock.go_on(days=2)
    await here.say(clinic.consultant)
    version = await here.say(clinic.patient, "Thank you")
    await here.ledger.settle(clinic.consultant.caller, here.conversation, version)
    await here.say(clinic.patient, "Still there?")
    here.clock.go_on(days=7)
    end = here.clock.at

    found = await here.ledger.promises(clinic.coordinator.caller, MONDAY, end)

    whole = found.clinic
    assert (4, 1, 1, 1, 1, 1) == (
        whole.promises, whole.in_time, whole.late, whole.owed, whole.owed_late, whole.put_aside
    )  # fmt: skip
    assert (2 * 3600, 16 * 3600) == (whole.median_s, whole.p90_s)
    assert [(clinic.consultant.name, 3), (None, 1)] == [(one.name, one.promises) for one in found.people]
    for who in (clinic.consultant, clinic.patient):
        with pytest.raises(Refused):
            await here.ledger.promises(who.caller, MONDAY, end)
    with pytest.raises(Invalid):
        await here.ledger.promises(clinic.coordinator.caller, end, MONDAY)


async def test_ten_who_hand_over_at_once_leave_one_hand(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, database_url, settings, MONDAY)
    clinic = here.clinic
    other = await build.person(db, "nutritionist")
    await build.care(db, clinic.patient, clinic.consultant, clinic.nutritionist, other)
    await here.messaging.follow_care_team(clinic.patient.id)
    asked = await here.say(clinic.patient)
    to = (clinic.nutritionist, other)

    answers = await asyncio.gather(
        *(
            here.ledger.assign(clinic.consultant.caller, here.conversation, asked, to=to[number % 2].id)
            for number in range(10)
        ),
        return_exceptions=True,
    )

    assert 9 == len([one for one in answers if isinstance(one, LedgerChanged)])
    assert 1 == len([one for one in await here.log() if one["type"] == "assigned"])


async def test_in_the_inbox_ones_own_words_and_words_taken_back_are_not_unread(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    me, other = here.clinic.consultant, here.clinic.patient

    async def unread() -> list[bool]:
        found = await here.ledger.inbox(me.caller, group=None, cursor=None, limit=9)
        return [one.unread for one in found.lines]

    seen = [await unread()]
    await here.say(other)
    seen.append(await unread())
    await here.messaging.read(me.caller, here.conversation, (await here.log())[-1]["seq"])
    await here.say(me)
    seen.append(await unread())
    await here.say(other, "Never mind")
    await here.messaging.retract(other.caller, here.conversation, UUID((await here.log())[-1]["id"]))
    seen.append(await unread())

    assert [[False], [True], [False]] == seen[:3]
    assert await _unread_of_the_list(here, me) == seen[3]


async def _unread_of_the_list(here: Place, who: Account) -> list[bool]:
    """What the list of conversations says of the same."""
    return [one.unread > 0 for one in await here.messaging.conversations(who.caller)]


async def test_a_former_guardian_who_has_joined_the_care_team_answers(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, database_url, settings)
    clinic, before = here.clinic, here.clock.at - timedelta(days=9)
    async with db.begin(build.BUILDER) as tx:
        await people.add_guardian(tx, clinic.stranger_consultant.id, clinic.patient.id, since=before)
    ended = "update accounts_guardian set until = since + interval '1 day'"
    await here.sql(f"{ended} where guardian = '{clinic.stranger_consultant.id}'")
    await build.care(db, clinic.patient, clinic.consultant, clinic.stranger_consultant)
    await here.messaging.follow_care_team(clinic.patient.id)
    await here.say(clinic.patient)

    await here.say(clinic.stranger_consultant)

    turn = await here.ledger.turn(clinic.consultant.caller, here.conversation)
    assert State.SETTLED is turn.standing.state
