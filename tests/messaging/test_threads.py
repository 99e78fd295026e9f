"""Side threads, mentions, places that a message points at, what it said before, and the whole thread to take along."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from telegut.accounts.patients import Patients
from telegut.clock import utc_now
from telegut.db import audit
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import NotFound
from telegut.messaging import membership
from telegut.messaging.extras import Cite, CiteKind, Extras, NotInThisConversation, check_mentions
from telegut.messaging.log import Head
from telegut.messaging.rules import Audience, NobodyAnswers, NoCareTeam, NotInTheTeam, taking_part
from telegut.messaging.threads.disclosure import disclosed
from telegut.messaging.threads.following import following_topic
from telegut.messaging.threads.history import history
from telegut.messaging.threads.openness import open_ones
from telegut.realtime.service import Feed
from telegut.settings import Settings
from tests import build
from tests.messaging.places import Place, place, writing
from tests.messaging.test_handlers import Caller, Client, heard

PATIENT, GUARDIAN, ONE, TWO, OTHER, GONE = (UUID(int=n) for n in range(1, 7))
CIRCLE, TEAM = {PATIENT, GUARDIAN, ONE, TWO}, {ONE, TWO}


@pytest.mark.parametrize(
    ("audience", "wanted", "expected"),
    [
        (Audience.EVERYONE, {ONE}, {PATIENT, ONE}),
        (Audience.EVERYONE, {ONE, GUARDIAN}, {PATIENT, ONE, GUARDIAN}),
        (Audience.EVERYONE, set(), {PATIENT, ONE, TWO}),
        (Audience.EVERYONE, {PATIENT}, {PATIENT, ONE, TWO}),
        (Audience.EVERYONE, {PATIENT, GUARDIAN}, None),
        (Audience.EVERYONE, {OTHER}, None),
        (Audience.TEAM, {ONE}, TEAM),
        (Audience.TEAM, {ONE, PATIENT}, None),
        (Audience.TEAM, {ONE, GUARDIAN}, None),
        (Audience.TEAM, {ONE, OTHER}, None),
    ],
)
def test_who_takes_part(audience: Audience, wanted: set[UUID], expected: set[UUID] | None) -> None:
    if expected is None:
        with pytest.raises((NotInTheTeam, NobodyAnswers)):
            taking_part(audience, wanted, caller=PATIENT, patient=PATIENT, circle=CIRCLE, team=TEAM)
        return
    assert expected == taking_part(audience, wanted, caller=PATIENT, patient=PATIENT, circle=CIRCLE, team=TEAM)


def test_a_patient_whom_nobody_cares_for_yet_writes_to_nobody() -> None:
    with pytest.raises(NoCareTeam):
        taking_part(Audience.EVERYONE, {PATIENT}, caller=PATIENT, patient=PATIENT, circle={PATIENT}, team=())


@pytest.mark.parametrize(
    ("present", "covers", "expected"),
    [
        ({PATIENT: None, ONE: None}, (), {PATIENT: None, ONE: None}),
        ({PATIENT: None, ONE: None, GONE: None}, (), {PATIENT: None, ONE: None}),
        ({PATIENT: None, ONE: None}, ((TWO, ONE),), {PATIENT: None, ONE: None, TWO: ONE}),
        ({PATIENT: None, ONE: None}, ((TWO, OTHER),), {PATIENT: None, ONE: None}),
        ({PATIENT: None, ONE: None}, ((GONE, ONE),), {PATIENT: None, ONE: None}),
        ({PATIENT: None, GONE: None}, (), {PATIENT: None, ONE: None, TWO: None}),
        ({PATIENT: None, GONE: None}, ((TWO, GONE),), {PATIENT: None, TWO: GONE}),
        # Who came along stays as long as they answer for that one, and no longer, whatever else they do in the team.
        ({PATIENT: None, ONE: None, TWO: ONE}, ((TWO, ONE),), {PATIENT: None, ONE: None, TWO: ONE}),
        ({PATIENT: None, ONE: None, TWO: ONE}, (), {PATIENT: None, ONE: None}),
        ({PATIENT: None, ONE: None, TWO: ONE}, ((TWO, OTHER),), {PATIENT: None, ONE: None}),
        ({PATIENT: None, TWO: GONE}, ((TWO, GONE),), {PATIENT: None, TWO: GONE}),
        ({PATIENT: None, TWO: GONE}, (), {PATIENT: None, ONE: None, TWO: None}),
        ({PATIENT: None, ONE: None, TWO: None}, ((TWO, ONE),), {PATIENT: None, ONE: None, TWO: None}),
        ({PATIENT: None, ONE: None, TWO: OTHER}, ((TWO, ONE),), {PATIENT: None, ONE: None, TWO: ONE}),
    ],
)
def test_who_is_in_a_topic_when_the_team_changes(
    present: dict[UUID, UUID | None], covers: tuple[tuple[UUID, UUID], ...], expected: dict[UUID, UUID | None]
) -> None:
    assert expected == following_topic(present, CIRCLE, TEAM, covers)


def test_what_is_beside_the_words_comes_back_as_it_was() -> None:
    extras = Extras(
        (ONE, TWO), (Cite(CiteKind.FINDING, str(OTHER), "Roseburia"), Cite(CiteKind.DIARY_DAY, "2026-11-22"))
    )

    assert extras == Extras.of(extras.sealed_form())
    assert "Roseburia" not in extras.cites[0].path(PATIENT)


def test_only_members_are_mentioned() -> None:
    check_mentions([ONE], [ONE, TWO])
    with pytest.raises(NotInThisConversation):
        check_mentions([ONE, OTHER], [ONE, TWO])


async def _feed(db: Database, who: build.Account, here: Place) -> list[dict[str, Any]]:
    feed = Feed(db)
    for prefix in ("message.", "read", "member.", "mention"):
        feed.reader(prefix, here.messaging.complete)
    return [one.event for one in await feed.after(who.caller, 0) if one.event is not None]


async def test_a_side_thread_is_not_there_for_the_family(db: Database, settings: Settings, database_url: str) -> None:
    here = await place(db, settings)
    clinic, messaging = here.clinic, here.messaging
    family = (clinic.patient, clinic.guardian)
    side = await messaging.create(clinic.consultant.caller, clinic.patient.id, "A worry", [], Audience.TEAM)
    thread = replace(here, conversation=side.id)
    async with writing(database_url) as writer:
        sent = await writer.send(thread.send(clinic.consultant, "a1", "I am worried about her"))
        with pytest.raises(NotFound):
            await writer.send(thread.send(clinic.patient, "a1"))

    team = {clinic.consultant.id, clinic.nutritionist.id}
    assert ("team", Audience.TEAM, team) == (side.kind, side.audience, {one.account for one in side.members})
    assert 2 == len(await messaging.conversations(clinic.nutritionist.caller))
    for who in family:
        assert [here.conversation] == [one.id for one in await messaging.conversations(who.caller)]
        assert str(side.id) not in json.dumps(await _feed(db, who, here))
        for attempt in (
            messaging.log_page(who.caller, side.id, after=0, limit=10),
            messaging.conversation(who.caller, side.id),
            messaging.read(who.caller, side.id, 1),
            messaging.others(who.caller, side.id),
            history(db, build.VAULT, who.caller, side.id, sent.id),
            messaging.create(who.caller, clinic.patient.id, "Ours", [], Audience.TEAM),
        ):
            with pytest.raises(NotFound):
                await attempt
    for named in ([clinic.patient.id], [clinic.guardian.id]):
        with pytest.raises(NotInTheTeam):
            await messaging.create(clinic.consultant.caller, clinic.patient.id, "Oops", named, Audience.TEAM)


async def test_the_list_of_accesses_tells_the_family_no_side_thread(
    db: Database, settings: Settings, database_url: str
) -> None:
    here = await place(db, settings)
    clinic, messaging = here.clinic, here.messaging
    side = await messaging.create(clinic.consultant.caller, clinic.patient.id, "A worry", [], Audience.TEAM)
    thread = replace(here, conversation=side.id)
    async with writing(database_url) as writer:
        shown = await writer.send(here.send(clinic.consultant, "a1", "Good morning"))
        sent = await writer.send(thread.send(clinic.consultant, "a2", "I am worried about her"))
    await messaging.edit(clinic.consultant.caller, side.id, sent.id, "I am less worried")
    await messaging.log_page(clinic.nutritionist.caller, side.id, after=0, limit=10)
    await messaging.conversations(clinic.nutritionist.caller)
    async with db.begin(clinic.nutritionist.caller) as tx:
        await audit.record(tx, "write", "upload", GONE, patient=clinic.patient.id)
    patients = Patients(db, utc_now, open_ones)

    for who in (clinic.patient, clinic.guardian):
        told = await patients.accesses(who.caller, clinic.patient.id, before=None)
        objects = {one.object for one in told}
        assert not {side.id, sent.id, GONE} & objects
        assert shown.id in objects
        worked = {one.account for one in told if (one.action, one.what) == ("work", "record")}
        assert {clinic.consultant.id, clinic.nutritionist.id} == worked
    whole = await patients.accesses(clinic.consultant.caller, clinic.patient.id, before=None)
    assert {side.id, sent.id, shown.id, GONE} <= {one.object for one in whole}


async def test_the_database_keeps_the_family_out_of_a_side_thread(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    side = await here.messaging.create(clinic.consultant.caller, clinic.patient.id, "A worry", [], Audience.TEAM)
    head = Head(side.id, clinic.patient.id, side.last_seq)

    for account in (clinic.patient.id, clinic.guardian.id, clinic.stranger_consultant.id):
        with pytest.raises(Exception, match="care team's alone"):
            async with db.begin(build.BUILDER) as tx:
                await membership.change_members(
                    tx, build.VAULT, head, joining={account}, leaving=(), now=here.messaging.now()
                )
    with pytest.raises(Exception, match="stays of its kind"):
        async with db.begin(build.BUILDER) as tx:
            await tx.execute(text(f"update messaging_conversation set kind = 'topic' where id = '{side.id}'"))


async def test_side_threads_and_topics_follow_the_care_team(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic, messaging = here.clinic, here.messaging
    side = await messaging.create(clinic.consultant.caller, clinic.patient.id, "A worry", [], Audience.TEAM)
    topic = await messaging.create(clinic.consultant.caller, clinic.patient.id, "Oats", [clinic.nutritionist.id])
    await build.care(db, clinic.patient, clinic.nutritionist, clinic.stranger_consultant)

    await messaging.follow_care_team(clinic.patient.id)

    inside = {one.account for one in (await messaging.conversation(clinic.nutritionist.caller, side.id)).members}
    about = {one.account for one in (await messaging.conversation(clinic.patient.caller, topic.id)).members}
    assert {clinic.nutritionist.id, clinic.stranger_consultant.id} == inside
    assert {clinic.nutritionist.id, clinic.patient.id} == about

    await build.care(db, clinic.patient, clinic.stranger_consultant)
    await messaging.follow_care_team(clinic.patient.id)

    about = {one.account for one in (await messaging.conversation(clinic.patient.caller, topic.id)).members}
    assert {clinic.stranger_consultant.id, clinic.patient.id} == about


async def test_who_is_mentioned_is_told(db: Database, settings: Settings, database_url: str) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    extras = Extras((clinic.nutritionist.id,), (Cite(CiteKind.FINDING, str(OTHER), "Roseburia intestinalis"),))
    wish = replace(here.send(clinic.patient, "a1", "What do you think?"), extras=extras)
    async with writing(database_url) as writer:
        sent, again = await writer.send(wish), await writer.send(wish)
        with pytest.raises(Exception, match="other words"):
            await writer.send(replace(wish, extras=Extras()))
        stranger = replace(wish, client_id="a2", extras=Extras((clinic.stranger_consultant.id,)))
        with pytest.raises(NotInThisConversation):
            await writer.send(stranger)

    (message,) = await here.messages()
    mentions = {
        who.name: [one for one in await _feed(db, who, here) if one["type"] == "mention"]
        for who in (clinic.nutritionist, clinic.consultant, clinic.patient)
    }
    assert (sent.id, True) == (again.id, again.again)
    assert [str(clinic.nutritionist.id)] == message["mentions"]
    assert ["Roseburia intestinalis"] == [one["place"] for one in message["cites"]]
    told = {"type": "mention", "patient": str(clinic.patient.id), "conversation": str(here.conversation)}
    assert [{**told, "seq": sent.seq, "message": str(sent.id)}] == mentions[clinic.nutritionist.name]
    assert ([], []) == (mentions[clinic.consultant.name], mentions[clinic.patient.name])
    connection = await asyncpg.connect(database_url)
    sealed = await connection.fetchval("select extras from messaging_entry where extras is not null")
    await connection.close()
    assert b"Roseburia" not in sealed


async def test_history_shows_edits_and_hides_what_was_taken_back(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic, messaging = here.clinic, here.messaging
    await messaging.post(clinic.consultant.caller, here.conversation, "a1", "Eat oats")
    (message,) = await here.messages()
    about = UUID(message["id"])
    await messaging.edit(clinic.consultant.caller, here.conversation, about, "Eat more oats")

    edited = await history(db, build.VAULT, clinic.patient.caller, here.conversation, about)
    await messaging.retract(clinic.consultant.caller, here.conversation, about)
    retracted = await history(db, build.VAULT, clinic.nutritionist.caller, here.conversation, about)

    assert ["Eat oats", "Eat more oats"] == [one.body for one in edited]
    assert {"Amara Okafor"} == {one.by_name for one in retracted}
    assert [("message.sent", None), ("message.edited", None), ("message.retracted", None)] == [
        (one.type, one.body) for one in retracted
    ]
    whole = [one async for one in disclosed(db, build.VAULT, here.conversation, "VII 12/26")]
    assert ["Eat oats", "Eat more oats"] == [one["body"] for one in whole if "body" in one]
    async with db.begin(build.BUILDER) as tx:
        actor = await tx.scalar(text("select actor from db_audit where action = 'disclose'"))
    assert "telegut: disclosure: VII 12/26" == actor
    for who, what in ((clinic.stranger_consultant, about), (clinic.patient, new_id())):
        with pytest.raises(NotFound):
            await history(db, build.VAULT, who.caller, here.conversation, what)


async def test_over_http_a_message_points_at_the_diary_and_the_thread_can_be_taken_along(
    client: Client, db: Database
) -> None:
    clinic = await build.clinic(db)
    patient, consultant = Caller(client, clinic.patient), Caller(client, clinic.consultant)
    whole = (await patient.get("/api/v1/conversations"))["items"][0]
    path = f"/api/v1/conversations/{whole['id']}"
    cite = {"kind": "diary_day", "id": "2026-01-01"}
    problem = await patient.post(f"{path}/messages", {"client_id": "a1", "body": "<b>Hi</b>", "cites": [cite]}, 422)
    await patient.post(f"{path}/messages", {"client_id": "a2", "body": "<b>Hi</b> <script>"})
    side = await consultant.post(
        "/api/v1/conversations", {"patient": str(clinic.patient.id), "subject": "Ours", "audience": "team"}
    )
    taken = await patient.get(f"{path}/export?format=json")
    async with client.get(f"{path}/export?format=html", headers=clinic.patient.bearer) as answer:
        page = await answer.text()
        headers = answer.headers

    assert ("no_such_place", ["cites"]) == (problem["code"], [one["field"] for one in problem["errors"]])
    assert ("team", "team") == (side["kind"], side["audience"])
    await patient.get(f"/api/v1/conversations/{side['id']}/export", 404)
    entries = taken["entries"]
    assert list(range(1, len(entries) + 1)) == [one["seq"] for one in entries]
    assert ("<b>Hi</b> <script>", "Lena Hartmann") == (entries[-1]["body"], entries[-1]["sender_name"])
    assert ("<script>" in page, "&lt;script&gt;" in page) == (False, True)
    assert headers["Content-Disposition"].startswith("attachment")
    assert "X-Content-Type-Options" in headers


async def test_who_was_removed_hears_nothing_more_on_an_open_socket(client: Client, db: Database) -> None:
    """Not after five seconds, not even at once: every delivery asks the care team."""
    clinic = await build.clinic(db)
    patient, leaving = Caller(client, clinic.patient), Caller(client, clinic.nutritionist)
    staying = Caller(client, clinic.consultant)
    whole = (await patient.get("/api/v1/conversations"))["items"][0]
    side = await staying.post(
        "/api/v1/conversations", {"patient": str(clinic.patient.id), "subject": "Ours", "audience": "team"}
    )
    before = (await leaving.get("/api/v1/events"))["cursor"]
    async with leaving.socket() as socket, staying.socket() as other, patient.socket() as writer:
        await build.care(db, clinic.patient, clinic.consultant)
        for place, who in ((whole, patient), (side, staying)):
            await who.post(f"/api/v1/conversations/{place['id']}/messages", {"client_id": "a1", "body": "Still here?"})
        await writer.send_json({"type": "typing", "conversation": whole["id"]})
        assert "typing" == (await heard(other, "typing"))["type"]
        # Something of their own comes behind everything that they must not hear.
        own = await build.person(db, "patient", "Nils Berg")
        await build.care(db, own, clinic.nutritionist)
        theirs = (await Caller(client, own).get("/api/v1/conversations"))["items"][0]
        await Caller(client, own).post(
            f"/api/v1/conversations/{theirs['id']}/messages", {"client_id": "b1", "body": "Hello"}
        )
        heard_at_all: list[dict[str, Any]] = []
        async with asyncio.timeout(20):
            while not heard_at_all or heard_at_all[-1].get("event", {}).get("type") != "message.sent":
                heard_at_all.append(await socket.receive_json())
    polled = await leaving.get(f"/api/v1/events?cursor={before}")

    for said in (heard_at_all, polled["items"]):
        assert "Still here?" not in json.dumps(said)
        assert str(clinic.patient.id) not in json.dumps([one for one in said if "message" in json.dumps(one)])
    assert "typing" not in {one["type"] for one in heard_at_all}
