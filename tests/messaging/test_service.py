"""Conversations on a real PostgreSQL: who takes part, what changes, what is read, and that state and events agree."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from telegut.accounts import care as care_teams
from telegut.clock import utc_now
from telegut.db.caller import Caller, VisitScope
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import Invalid, NotFound, Refused, TelegutError
from telegut.messaging.rules import AlreadyRetracted, NotInTheTeam, NotTheAuthor
from telegut.realtime.service import Feed
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.messaging.places import Place, place, service, writing


async def test_a_patient_with_a_care_team_has_one_place_with_everybody_in_it(db: Database, settings: Settings) -> None:
    clinic = await build.clinic(db)
    messaging = service(db, settings)

    found = [await messaging.conversations(who.caller) for who in (clinic.nutritionist, clinic.patient)]

    assert 1 == len({one.id for many in found for one in many}) == len(found[0])
    circle = {clinic.patient.id, clinic.guardian.id, clinic.consultant.id, clinic.nutritionist.id}
    assert circle == {one.account for one in found[1][0].members}
    assert (None, "care") == (found[0][0].subject, found[0][0].kind)


async def test_ten_who_open_it_at_once_make_one_place(db: Database, settings: Settings) -> None:
    clinic = await build.clinic(db)
    messaging = service(db, settings)
    people = [clinic.patient, clinic.consultant, clinic.nutritionist, clinic.guardian] * 3

    found = await asyncio.gather(*(messaging.care_conversation(who.caller, clinic.patient.id) for who in people))

    assert 1 == len({one.id for one in found if one})
    assert [1, 2, 3, 4] == [one["seq"] for one in await Place(clinic, found[0].id, messaging).log()]  # type: ignore[union-attr]


async def test_without_a_care_team_there_is_no_place(db: Database, settings: Settings) -> None:
    patient = await build.person(db)
    messaging = service(db, settings)

    assert [] == await messaging.conversations(patient.caller)
    assert None is await messaging.care_conversation(patient.caller, patient.id)


async def test_the_place_follows_the_care_team(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    await build.care(db, clinic.patient, clinic.nutritionist, clinic.stranger_consultant)

    await here.messaging.follow_care_team(clinic.patient.id)

    changes = [(one["type"], one["account"]) for one in await here.log()][4:]
    assert [
        ("member.added", str(clinic.stranger_consultant.id)),
        ("member.removed", str(clinic.consultant.id)),
    ] == changes
    assert 1 == len(await here.messaging.conversations(clinic.stranger_consultant.caller))
    assert [] == await here.messaging.conversations(clinic.consultant.caller)
    with pytest.raises(NotFound):
        await here.messaging.log_page(clinic.consultant.caller, here.conversation, after=0, limit=10)


async def test_who_leaves_the_care_team_reads_nothing_even_before_the_place_has_followed(
    db: Database, settings: Settings
) -> None:
    here = await place(db, settings)
    await build.care(db, here.clinic.patient, here.clinic.nutritionist)

    with pytest.raises(NotFound):
        await here.messaging.log_page(here.clinic.consultant.caller, here.conversation, after=0, limit=10)


async def test_who_leaves_is_told_which_place_and_nothing_of_the_record(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    before = len(await Feed(db).after(clinic.consultant.caller, 0))
    await build.care(db, clinic.patient, clinic.nutritionist)
    await here.messaging.follow_care_team(clinic.patient.id)

    told = [one.event for one in await Feed(db).after(clinic.consultant.caller, 0)][before:]
    stays = [one.event["type"] for one in await Feed(db).after(clinic.nutritionist.caller, 0) if one.event]

    assert [{"type": "place.left", "place": str(here.conversation)}] == told
    assert "member.removed" in stays
    assert "place.left" not in stays


async def test_nobody_else_finds_a_conversation(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic

    for who in (clinic.stranger_patient, clinic.stranger_consultant, clinic.coordinator, clinic.admin, clinic.auditor):
        assert [] == await here.messaging.conversations(who.caller)
        for attempt in (
            here.messaging.conversation(who.caller, here.conversation),
            here.messaging.log_page(who.caller, here.conversation, after=0, limit=10),
            here.messaging.read(who.caller, here.conversation, 1),
            here.messaging.create(who.caller, clinic.patient.id, "Oats", []),
            here.messaging.care_conversation(who.caller, clinic.patient.id),
        ):
            with pytest.raises(NotFound):
                await attempt


@pytest.mark.parametrize("admitted", [True, False])
async def test_a_personal_link_opens_the_visits_patient_only_while_admitted(
    admitted: bool, db: Database, settings: Settings
) -> None:
    here = await place(db, settings)
    patient = here.clinic.patient
    linked = replace(patient.caller, session=None, scope=VisitScope(new_id(), patient.id, admitted))

    found = await here.messaging.conversations(linked)

    assert ([here.conversation] if admitted else []) == [one.id for one in found]
    if not admitted:
        with pytest.raises(NotFound):
            await here.messaging.log_page(linked, here.conversation, after=0, limit=10)


async def test_a_conversation_about_a_subject_is_for_those_who_were_named(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic

    made = await here.messaging.create(clinic.nutritionist.caller, clinic.patient.id, " Oats ", [])

    assert ("Oats", "topic") == (made.subject, made.kind)
    assert {clinic.patient.id, clinic.nutritionist.id} == {one.account for one in made.members}
    with pytest.raises(NotFound):
        await here.messaging.conversation(clinic.consultant.caller, made.id)


async def test_a_stranger_cannot_be_named(db: Database, settings: Settings) -> None:
    here = await place(db, settings)

    with pytest.raises(NotInTheTeam):
        await here.messaging.create(
            here.clinic.patient.caller, here.clinic.patient.id, "Oats", [here.clinic.stranger_consultant.id]
        )


async def test_an_edit_is_appended_and_the_first_words_stay(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    patient = here.clinic.patient.caller
    await here.messaging.post(patient, here.conversation, "1", "Otas")
    (message,) = await here.messages()

    edited = await here.messaging.edit(patient, here.conversation, UUID(message["id"]), "Oats")

    log = await here.log(here.clinic.nutritionist)
    assert ["Otas", "Oats"] == [one["body"] for one in log if one["type"].startswith("message.")]
    assert (6, message["id"]) == (edited.seq, log[-1]["message"])
    (seen,) = await here.messaging.conversations(here.clinic.nutritionist.caller)
    assert seen.last is not None
    assert "Oats" == seen.last.body


async def test_a_retraction_hides_every_word_from_everybody_and_destroys_none(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    patient = here.clinic.patient.caller
    await here.messaging.post(patient, here.conversation, "1", "Too much said")
    (message,) = await here.messages()
    await here.messaging.edit(patient, here.conversation, UUID(message["id"]), "Still too much")

    await here.messaging.retract(patient, here.conversation, UUID(message["id"]))

    for who in (here.clinic.patient, here.clinic.nutritionist):
        said = [(one["type"], one.get("body")) for one in await here.log(who)][4:]
        assert [("message.sent", None), ("message.edited", None), ("message.retracted", None)] == said
    (seen,) = await here.messaging.conversations(here.clinic.nutritionist.caller)
    assert seen.last is not None
    assert None is seen.last.body
    connection = await asyncpg.connect(database_url)
    kept = await connection.fetchval("select count(*) from messaging_entry where body is not null")
    await connection.close()
    assert 2 == kept


@pytest.mark.parametrize(
    ("who", "message", "refusal"),
    [("nutritionist", None, NotTheAuthor), ("stranger_consultant", None, NotFound), ("patient", new_id(), NotFound)],
)
async def test_only_the_author_changes_a_message(
    who: str, message: UUID | None, refusal: type[TelegutError], db: Database, settings: Settings
) -> None:
    here = await place(db, settings)
    await here.messaging.post(here.clinic.patient.caller, here.conversation, "1", "Mine")
    mine = UUID((await here.messages())[0]["id"])
    caller = getattr(here.clinic, who).caller

    with pytest.raises(refusal):
        await here.messaging.edit(caller, here.conversation, message or mine, "Yours")
    with pytest.raises(refusal):
        await here.messaging.retract(caller, here.conversation, message or mine)


async def test_other_words_for_what_was_read_are_news_and_the_same_words_change_nothing(
    db: Database, settings: Settings
) -> None:
    here = await place(db, settings)
    patient, reader, late = here.clinic.patient, here.clinic.consultant, here.clinic.nutritionist
    first = await here.messaging.post(patient.caller, here.conversation, "1", "Thanks a lot")
    message = UUID((await here.messages())[0]["id"])
    await here.messaging.read(reader.caller, here.conversation, first)
    edit = await here.messaging.edit(patient.caller, here.conversation, message, "I fainted twice")
    again = await here.messaging.edit(patient.caller, here.conversation, message, "I fainted twice")

    async def unread(who: Account) -> tuple[int, int]:
        (one,) = await here.messaging.conversations(who.caller)
        return one.unread, await here.messaging.unread(who.caller)

    counted = [await unread(who) for who in (reader, late, patient)]
    last = await here.messaging.edit(patient.caller, here.conversation, message, "I fainted three times")
    counted_anew = await unread(reader)
    await here.messaging.read(reader.caller, here.conversation, last.seq)

    assert edit == again
    assert (1, 1) == counted_anew
    assert ["message.edited"] == [one["type"] for one in await here.log() if one["seq"] >= edit.seq][:1]
    assert [(1, 1), (1, 1), (0, 0)] == counted
    assert (0, 0) == await unread(reader)
    await here.messaging.edit(patient.caller, here.conversation, message, "I am well")
    await here.messaging.retract(patient.caller, here.conversation, message)
    assert (0, 0) == await unread(reader)


async def test_ten_who_retract_at_once_do_it_once(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    patient = here.clinic.patient.caller
    await here.messaging.post(patient, here.conversation, "1", "Once")
    message = UUID((await here.messages())[0]["id"])

    tries = (here.messaging.retract(patient, here.conversation, message) for _ in range(10))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert 9 == sum(isinstance(one, AlreadyRetracted) for one in outcomes)
    assert [1, 2, 3, 4, 5, 6] == [one["seq"] for one in await here.log()]


async def test_a_guardian_who_only_reads_cannot_write(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    guardian = here.clinic.guardian
    connection = await asyncpg.connect(database_url)
    await connection.execute("update accounts_guardian set scope = 'read' where guardian = $1", guardian.id)
    await connection.close()

    assert 4 == len(await here.log(guardian))
    with pytest.raises(Refused):
        await here.messaging.post(guardian.caller, here.conversation, "1", "May I?")
    async with writing(database_url) as writer:
        with pytest.raises(NotFound):
            await writer.send(here.send(guardian, "1"))


async def test_markers_are_merged_by_maximum_and_only_progress_is_told(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    for n in range(3):
        await here.messaging.post(clinic.patient.caller, here.conversation, str(n), "Words")

    markers = [
        await here.messaging.read(clinic.nutritionist.caller, here.conversation, up_to) for up_to in (6, 5, 6, 7)
    ]

    assert [6, 6, 6, 7] == markers
    reads = [(one["sender"], one["up_to"]) for one in await here.log() if one["type"] == "read"]
    assert [(str(clinic.nutritionist.id), 6), (str(clinic.nutritionist.id), 7)] == reads
    with pytest.raises(Invalid):
        await here.messaging.read(clinic.nutritionist.caller, here.conversation, 99)


async def test_unread_counts_what_others_wrote_behind_the_marker(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    for n in range(3):
        await here.messaging.post(clinic.patient.caller, here.conversation, str(n), "Words")
    await here.messaging.post(clinic.consultant.caller, here.conversation, "1", "More")

    async def unread(who: Account) -> tuple[int, int]:
        (one,) = await here.messaging.conversations(who.caller)
        return one.unread, await here.messaging.unread(who.caller)

    assert (4, 1) == await unread(clinic.nutritionist)
    assert (1, 1) == await unread(clinic.patient)
    assert (3, 1) == await unread(clinic.consultant)
    await here.messaging.read(clinic.nutritionist.caller, here.conversation, 8)
    assert (0, 0) == await unread(clinic.nutritionist)


async def test_who_waits_for_whom_and_since_when(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    start = utc_now() - timedelta(hours=5)

    async def say(who: Account, hour: int) -> None:
        then = replace(here.messaging, now=lambda: start + timedelta(hours=hour))
        await then.post(who.caller, here.conversation, str(hour), "Words")

    async def seen() -> tuple[bool, bool, Any]:
        (one,) = await here.messaging.conversations(here.clinic.nutritionist.caller)
        return one.waits_for_team, one.waits_for_patient, one.last and one.last.since

    assert (False, False, None) == await seen()
    await say(here.clinic.patient, 0)
    await say(here.clinic.patient, 1)
    assert (True, False, start) == await seen()
    await say(here.clinic.nutritionist, 2)
    assert (False, True, start + timedelta(hours=2)) == await seen()
    await say(here.clinic.patient, 3)
    await say(here.clinic.patient, 4)
    assert (True, False, start + timedelta(hours=3)) == await seen()


async def test_delivered_is_what_a_device_has_acknowledged(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    patient, nutritionist = here.clinic.patient, here.clinic.nutritionist
    feed = Feed(db)

    async def reached() -> int | None:
        one = await here.messaging.conversation(patient.caller, here.conversation)
        return next(member.delivered_up_to for member in one.members if member.account == nutritionist.id)

    await here.messaging.post(patient.caller, here.conversation, "1", "One")
    await here.messaging.post(patient.caller, here.conversation, "2", "Two")
    before = await reached()
    arrived = [one.seq for one in await feed.after(nutritionist.caller, 0) if one.event and one.event["seq"] <= 5]
    await feed.acknowledge(nutritionist.id, arrived[-1])
    between = await reached()
    await feed.acknowledge(nutritionist.id, (await feed.mailbox(nutritionist.id)).seq)

    assert (0, 5, 6) == (before, between, await reached())


async def test_what_was_forgotten_undelivered_is_not_called_delivered(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    await here.messaging.post(here.clinic.patient.caller, here.conversation, "1", "One")
    connection = await asyncpg.connect(database_url)
    await connection.execute("update realtime_item set at = now() - interval '5 days'")
    await connection.close()
    await Feed(db).purge(timedelta(days=3))

    one = await here.messaging.conversation(here.clinic.patient.caller, here.conversation)

    assert {0} == {member.delivered_up_to for member in one.members}


def folded(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """A thread as a screen derives it."""
    messages: dict[str, Any] = {}
    markers: dict[str, int] = {}
    members: set[str] = set()
    for one in entries:
        match one["type"]:
            case "message.sent":
                messages[one["id"]] = one["body"]
            case "message.edited" if messages[one["message"]] is not None:
                messages[one["message"]] = one["body"]
            case "message.retracted":
                messages[one["message"]] = None
            case "read":
                markers[one["sender"]] = max(markers.get(one["sender"], 0), one["up_to"])
            case "member.added":
                members.add(one["account"])
            case "member.removed":
                members.discard(one["account"])
    return {"messages": messages, "markers": markers, "members": members}


async def test_state_before_and_events_give_the_state_after_for_every_type(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    feed = Feed(db)
    for prefix in ("message.", "read", "member.", "assigned"):
        feed.reader(prefix, here.messaging.complete)
    before = await here.log()
    stands = (await feed.mailbox(clinic.patient.id)).seq

    async with writing(database_url) as writer:
        ids = [(await writer.send(here.send(clinic.patient, str(n), f"Words {n}"))).id for n in range(4)]
    caller = clinic.patient.caller
    await here.messaging.edit(caller, here.conversation, ids[0], "Other words")
    await here.messaging.retract(caller, here.conversation, ids[1])
    await here.messaging.read(clinic.nutritionist.caller, here.conversation, 8)
    await build.care(db, clinic.patient, clinic.nutritionist)
    await here.messaging.follow_care_team(clinic.patient.id)
    events = [one.event for one in await feed.after(caller, stands)]
    live = [{name: value for name, value in one.items() if name != "patient"} for one in events if one]

    after = await here.log()
    assert folded(after) == folded(before + live)
    assert {"message.sent", "message.edited", "message.retracted", "read", "member.removed"} == {
        one["type"] for one in live
    }
    assert after[len(before) :] == live  # two readers and the history: the same, to the byte


async def test_every_reader_gets_the_identical_log(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    async with writing(database_url) as writer:
        await asyncio.gather(*(writer.send(here.send(here.clinic.patient, str(n), str(n))) for n in range(250)))

    logs = [await here.log(who) for who in (here.clinic.patient, here.clinic.consultant, here.clinic.guardian)]

    assert logs[0] == logs[1] == logs[2]
    assert 254 == len(logs[0])


async def test_the_writer_and_the_care_rules_agree_about_who_may_write(
    db: Database, database_url: str, settings: Settings
) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    await build.care(db, clinic.patient, clinic.nutritionist)
    people = [
        clinic.patient,
        clinic.guardian,
        clinic.consultant,
        clinic.nutritionist,
        clinic.stranger_patient,
        clinic.stranger_consultant,
        clinic.coordinator,
        clinic.admin,
        clinic.auditor,
    ]

    async def by_care(who: Account) -> bool:
        async with db.begin(who.caller) as tx:
            return (await care_teams.relation_to(tx, clinic.patient.id)).writes

    async with writing(database_url) as writer:
        sends = (writer.send(here.send(who, "1")) for who in people)
        outcomes = await asyncio.gather(*sends, return_exceptions=True)

    assert [await by_care(who) for who in people] == [not isinstance(one, Exception) for one in outcomes]


async def test_bodies_lie_sealed_in_the_database(db: Database, database_url: str, settings: Settings) -> None:
    here = await place(db, settings)
    caller = here.clinic.patient.caller
    await here.messaging.post(caller, here.conversation, "1", "canary-sentence")
    await here.messaging.create(caller, here.clinic.patient.id, "canary-subject", [])
    connection = await asyncpg.connect(database_url)
    tables = [row[0] for row in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")]
    dump = "".join([str(await connection.fetch(f'select * from "{one}"')) for one in tables])
    await connection.close()

    assert 0 == dump.count("canary")
    assert ["canary-sentence"] == [one["body"] for one in await here.messages()]


async def test_telegut_itself_takes_part_nowhere(db: Database, settings: Settings) -> None:
    here = await place(db, settings)

    assert [] == await here.messaging.conversations(Caller.system("a test"))
