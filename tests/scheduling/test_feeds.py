"""Private calendar feeds: what they show, to whom, and how they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import vobject
from aiohttp import ClientResponse
from icalendar import Calendar, Event
from sqlalchemy import text as sql

from telegut.app import build_app
from telegut.db.engine import Database
from telegut.scheduling.feeds.pace import Pace, TooOften
from telegut.settings import Settings
from tests import build
from tests.scheduling.conftest import Api, Client, Practice, at, booked, text
from tests.scheduling.test_groups import opened, seat
from tests.scheduling.test_interpreters import interpreter


async def subscribed(who: Api, **more: Any) -> dict[str, Any]:
    """A new feed of somebody."""
    answer = await who.post("/api/v1/calendar-feeds", {"name": "Phone", **more})
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


def path_of(feed: dict[str, Any]) -> str:
    """The feed's address on the test's server."""
    return "/calendar/" + str(feed["url"]).rsplit("/", 1)[1]


async def fetched(client: Client, feed: dict[str, Any], **headers: str) -> ClientResponse:
    """What a calendar program gets: it has no sign-in and no cookie."""
    return await client.get(path_of(feed), headers={name.replace("_", "-"): value for name, value in headers.items()})


async def events(client: Client, feed: dict[str, Any]) -> list[Event]:
    """The events that another library finds in the feed."""
    answer = await fetched(client, feed)
    assert answer.status == 200, await answer.text()
    body = await answer.text()
    assert vobject.readOne(body).method.value == "PUBLISH"
    return list(Calendar.from_ical(body).events)


async def test_a_feed_follows_a_visit_through_its_move_and_its_end(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    feed = await subscribed(lena)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3), reason="Bloating"))
    first = await events(client, feed)
    await booked(
        await lena.post(f"/api/v1/appointments/{visit['id']}/reschedule", {"start": text(at(4)), "version": 1})
    )
    moved = await events(client, feed)
    await booked(await lena.post(f"/api/v1/appointments/{visit['id']}/cancel", {"reason": "Away", "version": 2}))
    ended = await events(client, feed)

    seen = [(event["SEQUENCE"], str(event["STATUS"]), event.start) for [event] in (first, moved, ended)]
    assert [(0, "CONFIRMED", at(3)), (1, "CONFIRMED", at(4)), (2, "CANCELLED", at(4))] == seen
    assert len({str(event["UID"]) for [event] in (first, moved, ended)}) == 1


async def test_a_cancelled_visit_is_gone_after_a_while(client: Client, practice: Practice, db: Database) -> None:
    lena = Api(client, practice.patient)
    feed = await subscribed(lena)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(30)))
    await booked(await lena.post(f"/api/v1/appointments/{visit['id']}/cancel", {"reason": "", "version": 1}))
    assert len(await events(client, feed)) == 1
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(sql("update scheduling_appointment set changed_at = changed_at - interval '15 days'"))

    assert [] == await events(client, feed)


async def test_nobody_is_named_and_nothing_is_said_unless_a_consultant_asks_for_initials(
    client: Client, practice: Practice
) -> None:
    lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
    plain, marked = await subscribed(amara), await subscribed(amara, shows="initials")
    await booked(await lena.book(practice.short, [practice.consultant], at(3), reason="Bloating"))

    assert "Appointment (telegut)" == str((await events(client, plain))[0]["SUMMARY"])
    assert "Appointment L. H. (telegut)" == str((await events(client, marked))[0]["SUMMARY"])
    for feed in (plain, marked):
        body = await (await fetched(client, feed)).text()
        for word in ("Hartmann", "Bloating", "Consultation", practice.patient.email):
            assert word not in body
    refused = await lena.post("/api/v1/calendar-feeds", {"name": "Phone", "shows": "initials"})
    assert refused.status == 422


async def test_a_feed_holds_ones_own_visits_and_no_others(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    feeds = [await subscribed(Api(client, who)) for who in (practice.patient, practice.other, practice.nutritionist)]
    await booked(await lena.book(practice.short, [practice.consultant], at(3, "10:00")))
    await booked(await tom.book(practice.joint, [practice.consultant, practice.nutritionist], at(3, "11:00")))

    found = [[event.start for event in await events(client, feed)] for feed in feeds]
    assert [[at(3, "10:00")], [at(3, "11:00")], [at(3, "11:00")]] == found


async def test_a_group_session_stands_once_in_its_leaders_calendar(
    client: Client, practice: Practice, db: Database
) -> None:
    amara, lena = Api(client, practice.consultant), Api(client, practice.patient)
    leads, sits = await subscribed(amara, shows="initials"), await subscribed(lena)
    session = await opened(client, db, practice)
    for who in (practice.patient, practice.other):
        await booked(await seat(client, who, session))
    [led], [seated] = await events(client, leads), await events(client, sits)

    assert (at(3), at(3)) == (led.start, seated.start)
    assert (f"{session['id']}@127.0.0.1", "Appointment (telegut)") == (str(led["UID"]), str(led["SUMMARY"]))


async def test_an_interpreters_feed_holds_what_they_translate(client: Client, practice: Practice, db: Database) -> None:
    layla = await interpreter(db, "Layla Nasser", "ar")
    feed = await subscribed(Api(client, layla))
    lena = Api(client, practice.patient)
    await booked(await lena.book(practice.short, [practice.consultant], at(3), interpreter="ar"))
    await booked(await lena.book(practice.short, [practice.consultant], at(4)))

    assert [at(3)] == [event.start for event in await events(client, feed)]


async def test_a_revoked_feed_opens_nothing_at_once(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    feed = await subscribed(lena)
    others = await client.delete(f"/api/v1/calendar-feeds/{feed['id']}", headers=tom.who.bearer)
    assert (404, 200) == (others.status, (await fetched(client, feed)).status)
    ended = await client.delete(f"/api/v1/calendar-feeds/{feed['id']}", headers=lena.who.bearer)

    assert (204, 404) == (ended.status, (await fetched(client, feed)).status)
    assert [] == (await (await lena.get("/api/v1/calendar-feeds")).json())["items"]
    assert 404 == (await client.get("/calendar/no-such-secret.ics")).status


async def test_a_feed_of_a_closed_account_opens_nothing(client: Client, practice: Practice, db: Database) -> None:
    feed = await subscribed(Api(client, practice.patient))
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(
            sql("update accounts_person set disabled_at = now() where id = :id"), {"id": practice.patient.id}
        )

    assert 404 == (await fetched(client, feed)).status


async def test_making_and_revoking_stand_in_the_record_and_the_secret_nowhere(
    client: Client, practice: Practice, db: Database
) -> None:
    lena = Api(client, practice.patient)
    feed = await subscribed(lena)
    await client.delete(f"/api/v1/calendar-feeds/{feed['id']}", headers=lena.who.bearer)
    async with db.begin(build.BUILDER) as tx:
        rows = await tx.execute(
            sql("select action, what from db_audit where patient = :id and what like 'calendar%' order by at"),
            {"id": practice.patient.id},
        )
        kept = await tx.scalar(sql("select string_agg(k::text, ' ') from scheduling_calendar_key k"))

    assert [("make", "calendar_feed"), ("revoke", "calendar_key")] == [tuple(row) for row in rows]
    assert path_of(feed)[10:-4] not in str(kept)


async def test_what_has_not_changed_is_not_sent_again(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    feed = await subscribed(lena)
    await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    first = await fetched(client, feed)
    known = await fetched(client, feed, If_None_Match=first.headers["ETag"])
    dated = await fetched(client, feed, If_Modified_Since=first.headers["Last-Modified"])
    head = await client.head(path_of(feed))
    await booked(await lena.book(practice.short, [practice.consultant], at(5)))
    new = await fetched(client, feed, If_None_Match=first.headers["ETag"])

    assert [200, 304, 304, 200, 200] == [one.status for one in (first, known, dated, head, new)]
    assert first.headers["Cache-Control"].startswith("private")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in await first.text()


async def test_a_key_makes_one_feed(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    answers = [
        await lena.post("/api/v1/calendar-feeds", {"name": "Phone"}, **{"Idempotency-Key": "once"}) for _ in range(2)
    ]
    urls = {(await one.json())["url"] for one in answers}

    assert (1, 1) == (len(urls), len((await (await lena.get("/api/v1/calendar-feeds")).json())["items"]))


async def test_somebody_without_visits_of_their_own_has_no_feed(client: Client, practice: Practice) -> None:
    answer = await Api(client, practice.coordinator).post("/api/v1/calendar-feeds", {"name": "Phone"})
    many = [await Api(client, practice.patient).post("/api/v1/calendar-feeds", {"name": "Phone"}) for _ in range(11)]

    assert (403, 409) == (answer.status, many[-1].status)


async def test_a_feed_that_is_fetched_too_often_is_told_when_to_come_back(
    settings: Settings, practice: Practice, aiohttp_client: Any
) -> None:
    limited = await aiohttp_client(build_app(replace(settings, feed_reads_per_hour=3)))
    feed = await subscribed(Api(limited, practice.patient))
    statuses = [(await fetched(limited, feed)).status for _ in range(4)]

    assert [200, 200, 200, 429] == statuses
    assert int((await fetched(limited, feed)).headers["Retry-After"]) > 0


def test_the_pace_fills_up_again_with_time() -> None:
    now = [0.0]
    pace = Pace(2, clock=lambda: now[0])
    pace.take("a")
    pace.take("a")
    with pytest.raises(TooOften):
        pace.take("a")
    pace.take("b")
    now[0] = timedelta(minutes=30).total_seconds()
    pace.take("a")
