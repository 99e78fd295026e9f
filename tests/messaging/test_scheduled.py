"""Messages that are sent later: once, in time, and not when their writer has left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import text

from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.errors import Invalid, NotFound
from telegut.messaging.scheduled.rules import (
    ChangedElsewhere,
    KeptOtherwise,
    NotWaiting,
    SentAlready,
    State,
    Why,
    check_moment,
    is_quiet,
)
from telegut.messaging.scheduled.service import Draft, Later
from telegut.realtime.service import Feed
from telegut.settings import Settings
from tests import build
from tests.messaging.places import place
from tests.messaging.test_handlers import Caller, Client

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(("after", "taken"), [(-1, False), (0, False), (1, True), (86_400, True), (86_401, False)])
def test_the_moment_lies_ahead_but_not_too_far(after: int, taken: bool) -> None:
    moment = NOON + timedelta(seconds=after)
    if not taken:
        with pytest.raises(Invalid):
            check_moment(moment, now=NOON, horizon=timedelta(days=1))
        return
    assert moment == check_moment(moment, now=NOON, horizon=timedelta(days=1))


@pytest.mark.parametrize(
    ("hour", "zone", "quiet"),
    [
        (12, "Europe/Berlin", False),
        (20, "Europe/Berlin", True),
        (7, "Europe/Berlin", False),
        (6, "Europe/Berlin", True),
        (12, "Asia/Tokyo", True),
    ],
)
def test_quiet_hours_are_the_reader_s(hour: int, zone: str, quiet: bool) -> None:
    assert quiet == is_quiet(NOON.replace(hour=hour), zone)


async def test_two_workers_send_it_once(db: Database, settings: Settings, database_url: str) -> None:
    here = await place(db, settings)
    sender = here.clinic.consultant
    later = Later(here.messaging, timedelta(days=30))
    draft = Draft("a1", "Take your oats with you", utc_now() + timedelta(hours=1), urgent=True)
    waiting = await later.write(sender.caller, here.conversation, draft)
    assert waiting == await later.write(sender.caller, here.conversation, draft)
    for other in (replace(draft, body="Other words"), replace(draft, send_at=draft.send_at + timedelta(hours=1))):
        with pytest.raises(KeptOtherwise):
            await later.write(sender.caller, here.conversation, other)
    assert [] == await here.messages()
    connection = await asyncpg.connect(database_url)
    row = await connection.fetchrow("select * from messaging_scheduled")
    job = await connection.fetchrow("select * from jobs_job where kind = 'messaging.send_later'")
    await connection.close()
    assert b"oats" not in row["body"]
    assert ("oats" in job["payload"], draft.send_at) == (False, job["run_at"])

    await asyncio.gather(*(later.send(waiting.id, 1) for _ in range(4)))

    (message,) = await here.messages()
    said = (message["body"], message["client_id"], message["urgent"], message["sender"], message["scheduled"])
    assert ("Take your oats with you", "a1", True, str(sender.id), True) == said
    assert [] == await later.mine(sender.caller)
    with pytest.raises(NotWaiting):
        await later.cancel(sender.caller, waiting.id)
    with pytest.raises(NotWaiting):
        await later.write(sender.caller, here.conversation, draft)


@pytest.mark.parametrize(("by_hand", "kept"), [("Eat oats", False), ("Eat rye", True)])
async def test_what_was_sent_by_hand_meanwhile_stays_and_other_words_are_kept(
    db: Database, settings: Settings, by_hand: str, kept: bool
) -> None:
    here = await place(db, settings)
    sender = here.clinic.consultant
    later = Later(here.messaging, timedelta(days=30))
    draft = Draft("a1", "Eat oats", utc_now() + timedelta(hours=1))
    waiting = await later.write(sender.caller, here.conversation, draft)
    await here.messaging.post(sender.caller, here.conversation, "a1", by_hand)

    await later.send(waiting.id, 1)

    (message,) = await here.messages()
    told = [one.event for one in await Feed(db).after(sender.caller, 0) if one.event]
    assert (by_hand, False) == (message["body"], message.get("scheduled", False))
    left = [("Eat oats", State.REFUSED, Why.CLIENT_ID)] if kept else []
    assert left == [(one.body, one.state, one.why) for one in await later.mine(sender.caller)]
    assert [("scheduled.refused", "client_id_reused") if kept else ("scheduled.sent", None)] == [
        (one["type"], one.get("why")) for one in told if one["type"].startswith("scheduled.")
    ]


async def test_what_was_sent_already_is_not_kept_for_later(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    sender = here.clinic.consultant
    later = Later(here.messaging, timedelta(days=30))
    await here.messaging.post(sender.caller, here.conversation, "a1", "Eat oats")

    with pytest.raises(SentAlready):
        await later.write(sender.caller, here.conversation, Draft("a1", "Eat oats", utc_now() + timedelta(hours=1)))

    assert [] == await later.mine(sender.caller)


async def test_it_can_be_changed_and_cancelled_until_then(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    sender = here.clinic.consultant
    later = Later(here.messaging, timedelta(days=30))
    moment = utc_now() + timedelta(hours=1)
    first = await later.write(sender.caller, here.conversation, Draft("a1", "Eat oats", moment))

    changed = await later.change(sender.caller, first.id, version=1, body="Eat rye", send_at=None)
    with pytest.raises(ChangedElsewhere):
        await later.change(sender.caller, first.id, version=1, body="Eat corn", send_at=None)
    with pytest.raises(NotFound):
        await later.cancel(here.clinic.nutritionist.caller, first.id)
    await later.send(first.id, 1)  # the job of the first words finds other ones
    assert [] == await here.messages()
    assert [("Eat rye", 2)] == [(one.body, one.version) for one in await later.mine(sender.caller)]

    await later.cancel(sender.caller, changed.id)
    await later.cancel(sender.caller, changed.id)
    await later.send(changed.id, 2)

    assert ([], []) == (await here.messages(), await later.mine(sender.caller))


async def test_who_has_left_the_team_is_told_that_it_was_not_sent(db: Database, settings: Settings) -> None:
    here = await place(db, settings)
    clinic = here.clinic
    later = Later(here.messaging, timedelta(days=30))
    draft = Draft("a1", "See you", utc_now() + timedelta(hours=1))
    waiting = await later.write(clinic.consultant.caller, here.conversation, draft)
    await build.care(db, clinic.patient, clinic.nutritionist)
    (before,) = await later.mine(clinic.consultant.caller)

    await later.send(waiting.id, 1)
    await later.send(waiting.id, 1)

    told = [one.event for one in await Feed(db).after(clinic.consultant.caller, 0)]
    assert [{"type": "scheduled.refused", "scheduled": str(waiting.id), "why": "left"}] == [
        one for one in told if one and one["type"].startswith("scheduled.")
    ]
    async with db.begin(build.BUILDER) as tx:
        assert State.REFUSED.value == await tx.scalar(text("select state from messaging_scheduled"))
    assert [] == await replace(here).messages()
    # The words are still the writer's own: read, and thrown away; changed only by who could send them.
    (after,) = await later.mine(clinic.consultant.caller)
    assert (("See you", State.WAITING, Why.LEFT), ("See you", State.REFUSED, Why.LEFT)) == tuple(
        (one.body, one.state, one.why) for one in (before, after)
    )
    with pytest.raises(NotFound):
        await later.change(clinic.consultant.caller, waiting.id, version=1, body="Other words", send_at=None)
    for other in (clinic.nutritionist, clinic.patient, clinic.stranger_consultant):
        assert [] == await later.mine(other.caller)
        with pytest.raises(NotFound):
            await later.cancel(other.caller, waiting.id)
    await later.cancel(clinic.consultant.caller, waiting.id)
    assert [] == await later.mine(clinic.consultant.caller)


async def test_over_http(client: Client, db: Database) -> None:
    clinic = await build.clinic(db)
    consultant, patient = Caller(client, clinic.consultant), Caller(client, clinic.patient)
    whole = (await patient.get("/api/v1/conversations"))["items"][0]
    path = f"/api/v1/conversations/{whole['id']}/scheduled"
    wish = {"client_id": "a1", "body": "Hello", "send_at": "2026-01-01T10:00:00Z"}

    past = await consultant.post(path, wish, 422)
    moment = (utc_now() + timedelta(days=2)).replace(hour=23, minute=30, microsecond=0)
    made = await consultant.post(path, {**wish, "send_at": moment.isoformat()})
    mine = (await consultant.get("/api/v1/scheduled-messages"))["items"]
    asked = await patient.post(
        path, {**wish, "send_at": moment.isoformat(), "urgent": True, "urgent_confirmed": False}, 422
    )

    assert ["send_at"] == [one["field"] for one in past["errors"]]
    assert ([made], "waiting", True) == (mine, made["state"], made["quiet_hours"])
    assert [] == (await patient.get("/api/v1/scheduled-messages"))["items"]
    assert ("urgent_unconfirmed", "112") == (asked["code"], asked["helplines"][0]["number"])
