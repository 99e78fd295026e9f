"""Telling people as they chose: on a real PostgreSQL, with real servers that take what is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest

from telegut.db import audit
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.notices import Kind, UrgentNotice
from telegut.notices.answers import Away
from telegut.notices.choices import kept
from telegut.notices.deciding import ALL, Matter, Pace, QuietKind, Wishes
from telegut.notices.rules import Channel
from telegut.notices.undelivered.service import Undelivered
from telegut.settings import Settings
from tests import build
from tests.notices.desk import NOON, Desk, desk

PUSH_ALONE = {"channels": dict.fromkeys(Matter, frozenset({Channel.PUSH}))}
EVERYWAY = {"channels": dict.fromkeys(Matter, ALL)}


@pytest.fixture
async def at(db: Database, settings: Settings) -> AsyncIterator[Desk]:
    """The desk."""
    async with desk(db, settings) as made:
        yield made


async def test_a_message_goes_by_every_way_that_was_chosen_and_leads_to_its_thread(at: Desk) -> None:
    await at.has_device()
    await at.has_number()
    await at.wants(**EVERYWAY)
    new = at.message()

    await at.send(new)
    await at.work()

    link = f"/messages/{new.conversation}"
    assert [{"title": "telegut", "body": "A new message", "link": link}] == [
        {name: said for name, said in one.items() if name != "tag"} for one in at.pushes.taken
    ]
    assert [f"You have a message in telegut. https://clinic.example{link}"] == at.texts.texts
    assert f"https://clinic.example{link}" in at.mails.bodies[0].splitlines()


async def test_who_never_chose_gets_mail_and_a_push_where_they_turned_it_on(at: Desk) -> None:
    await at.send(at.message())
    await at.work()
    await at.has_device()
    await at.send(at.message())
    await at.work()

    assert (2, 1, []) == (len(at.mails.taken), len(at.pushes.taken), at.texts.texts)


async def test_who_wants_nothing_gets_nothing_and_is_not_asked_again(at: Desk) -> None:
    await at.wants(channels=dict.fromkeys(Matter, frozenset()))
    new = at.message()
    for _ in range(3):
        await at.send(new)
    await at.work()

    assert ([], [("message", "mail", "settled")]) == (at.mails.taken, await at.states())


async def test_what_was_read_meanwhile_is_not_sent(at: Desk) -> None:
    await at.has_device()
    await at.wants(**PUSH_ALONE, pace=Pace.HOURLY)
    at.now = NOON + timedelta(minutes=10)
    new = at.message()
    await at.send(new)
    await at.read(new.conversation)

    await at.passes(hours=1)

    assert [] == at.pushes.taken


async def test_nothing_rings_at_night_and_everything_in_the_morning_as_one(at: Desk) -> None:
    await at.has_device()
    await at.wants(**PUSH_ALONE)
    at.now = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    await at.send(at.message(), at.message())

    await at.work()
    quiet = list(at.pushes.taken)
    at.now = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    await at.work()

    assert ([], ["You have new messages in telegut."]) == (quiet, [one["body"] for one in at.pushes.taken])
    assert "/messages" == at.pushes.taken[0]["link"]


@pytest.mark.long
async def test_quiet_hours_that_were_chosen_after_it_was_said_still_hold(at: Desk) -> None:
    await at.has_device()
    await at.send(at.message())
    await at.wants(**PUSH_ALONE, quiet=QuietKind.HOURS, quiet_from=time(11), quiet_until=time(13))

    await at.work()
    quiet = list(at.pushes.taken)
    await at.passes(hours=1)

    assert ([], 1) == (quiet, len(at.pushes.taken))


async def test_what_is_urgent_passes_quiet_hours_by_every_way(at: Desk) -> None:
    await at.has_device()
    await at.has_number()
    await at.wants(pace=Pace.DAILY)
    at.now = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
    async with at.db.begin(build.BUILDER) as tx:
        ways = await at.notices.planner.urgent(tx, at.reader.id)
    await at.send(*(UrgentNotice(at.reader.id, at.reader.id, new_id(), 1, way) for way in ways))

    await at.work()

    assert ["mail", "push", "sms"] == list(ways)
    assert (1, 1, 1) == (len(at.mails.taken), len(at.texts.texts), len(at.pushes.taken))
    assert "high" == at.pushes.headers[0]["Urgency"]


async def test_a_day_s_messages_and_news_are_one_mail(at: Desk) -> None:
    await at.wants(pace=Pace.DAILY, daily_at=time(18))
    await at.send(at.message(), at.message(), at.news(), at.news(Kind.PLAN))

    await at.work()
    before = len(at.mails.taken)
    await at.passes(hours=6)

    assert (0, ["You have several new things in telegut"]) == (before, [mail["Subject"] for _, mail in at.mails.taken])
    assert "https://clinic.example/today" in at.mails.bodies[0]
    assert {"sent"} == {state for _, _, state in await at.states()}


async def test_what_was_to_go_with_a_message_that_was_read_goes_by_itself(at: Desk) -> None:
    await at.wants(pace=Pace.HOURLY)
    at.now = NOON + timedelta(minutes=1)
    first, second = at.message(), at.message()
    await at.send(first, second)
    at.mails.moods.append("451 Not now")
    with pytest.raises(Away):
        await at.passes(hours=1)
    await at.read(first.conversation)

    await at.passes(minutes=1)

    assert [f"https://clinic.example/messages/{second.conversation}"] == [
        line for body in at.mails.bodies for line in body.splitlines() if line.startswith("https")
    ]


@pytest.mark.long
async def test_a_conversation_is_said_once_in_a_quarter_of_an_hour(at: Desk) -> None:
    new = at.message()
    for _ in range(2):
        await at.send(new)
        await at.passes(minutes=4)
        await at.read(new.conversation)
    early = len(at.mails.taken)
    await at.send(new)
    await at.passes(minutes=12)

    assert (1, 2) == (early, len(at.mails.taken))


async def test_who_wants_it_is_told_again_after_five_and_sixty_minutes(at: Desk) -> None:
    await at.wants(again=True)
    await at.send(at.message())

    told = []
    for minutes in (0, 4, 2, 50, 10, 600):
        await at.passes(minutes=minutes)
        told.append(len(at.mails.taken))

    assert [1, 1, 2, 2, 3, 3] == told


@pytest.mark.long
async def test_nobody_else_is_told_again(at: Desk) -> None:
    await at.send(at.message())
    for _ in range(3):
        await at.passes(hours=1)

    assert 1 == len(at.mails.taken)


async def test_no_device_rings_while_its_owner_is_in_telegut(at: Desk) -> None:
    await at.has_device()
    await at.is_here(NOON - timedelta(seconds=30))
    await at.send(at.message())

    await at.work()
    early = (len(at.mails.taken), len(at.pushes.taken))
    await at.passes(minutes=2)

    assert ((1, 0), (1, 1)) == (early, (len(at.mails.taken), len(at.pushes.taken)))


async def test_a_report_that_was_opened_in_telegut_is_no_news(at: Desk) -> None:
    at.now = datetime.now(UTC)
    opened, waits = at.news(), at.news()
    await at.send(opened, waits)
    async with at.db.begin(at.reader.caller) as tx:
        await audit.record(tx, "read", "report", opened.about, patient=at.reader.id)

    await at.passes(minutes=3)

    assert ["Something new for you"] == [mail["Subject"] for _, mail in at.mails.taken]
    assert ["sent", "settled"] == sorted(state for _, _, state in await at.states())


async def test_a_device_that_is_gone_is_forgotten_and_a_mail_goes_instead(at: Desk) -> None:
    await at.has_device()
    await at.wants(**PUSH_ALONE)
    at.pushes.moods.append(410)
    await at.send(at.message())

    await at.work()

    assert ([], 1) == (await at.notices.push.mine(at.reader.caller), len(at.mails.taken))
    assert [("message", "mail", "sent"), ("message", "push", "refused")] == await at.states()


async def test_a_push_service_that_is_away_is_tried_again(at: Desk) -> None:
    await at.has_device()
    await at.wants(**PUSH_ALONE)
    at.pushes.moods += [503, 0]
    await at.send(at.message())

    for _ in range(2):
        with pytest.raises(Away):
            await at.work()
    await at.work()

    assert (1, []) == (len(at.pushes.taken), at.mails.taken)


@pytest.mark.long
async def test_a_changed_mind_moves_what_waits(at: Desk) -> None:
    await at.wants(pace=Pace.DAILY)
    await at.send(at.message())
    await at.wants(pace=Pace.AT_ONCE)

    await at.work()

    assert 1 == len(at.mails.taken)


async def test_no_push_says_a_word_too_much(at: Desk) -> None:
    await at.has_device()
    await at.wants(**PUSH_ALONE)
    await at.send(at.message())
    await at.work()
    await at.send(at.news(), at.news(Kind.PLAN))
    await at.passes(minutes=3)

    assert {"title", "body", "link", "tag"} == {name for one in at.pushes.taken for name in one}
    assert {"telegut"} == {one["title"] for one in at.pushes.taken}
    assert {"A new message", "You have several new things in telegut."} == {one["body"] for one in at.pushes.taken}
    assert 1 == len(at.pushes.sizes)


async def test_what_was_refused_is_seen_by_an_administrator_and_tried_again(at: Desk) -> None:
    admin = await build.person(at.db, "admin")
    at.now = datetime.now(UTC)
    at.mails.moods.append("550 No such person")
    await at.send(at.message())
    await at.work()

    undelivered = Undelivered(at.db)
    (lost,) = await undelivered.recent(admin.caller)
    await undelivered.again(admin.caller, lost.id)
    await at.work()

    assert ("Lena Hartmann", "mail", "refused", "550") == (lost.name, lost.channel, lost.state, lost.problem)
    assert ([], 1) == (await undelivered.recent(admin.caller), len(at.mails.taken))


async def test_choices_are_each_persons_own(at: Desk, db: Database) -> None:
    stranger = await build.person(db, "consultant")
    await at.wants(again=True)

    async with db.begin(stranger.caller) as tx:
        assert Wishes() == await kept.of(tx, at.reader.id)
    async with db.begin(at.reader.caller) as tx:
        assert (await kept.of(tx, at.reader.id)).again
