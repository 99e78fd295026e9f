"""Group sessions: opened, filled, given back, moved and cancelled; nobody sits twice, nobody too many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientResponse
from sqlalchemy import text as sql

from telegut.db.engine import Database
from telegut.scheduling import catalogue
from telegut.scheduling.rules import VisitType
from tests import build
from tests.build import Account
from tests.scheduling.conftest import Api, Client, Practice, at, booked, refused, text, visit_type
from tests.scheduling.test_races import outcomes

SEATS = 3


async def group_kind(db: Database, practice: Practice, seats: int = SEATS, after: int = 0) -> UUID:
    """A kind of visit with seats, which the consultant offers."""
    kind = visit_type("Group session", 60, "consultant", after=after)
    kind = VisitType(kind.id, kind.name, kind.duration, kind.buffer_before, kind.buffer_after, kind.needs, seats=seats)
    async with db.begin(build.BUILDER) as tx:
        await catalogue.add_visit_type(tx, kind)
        await catalogue.add_provider(tx, practice.consultant.id, "consultant", "UTC", [kind.id])
    return kind.id


def session_body(practice: Practice, kind: UUID, start: datetime, **more: Any) -> dict[str, Any]:
    """A session to open."""
    who = [str(practice.consultant.id)]
    return {"service": str(kind), "practitioners": who, "start": text(start), **more}


async def opened(
    client: Client, db: Database, practice: Practice, start: datetime | None = None, seats: int = SEATS
) -> dict[str, Any]:
    """A session of the consultant."""
    kind = await group_kind(db, practice, seats)
    body = session_body(practice, kind, start or at(3), title="questions")
    return await booked(await Api(client, practice.consultant).post("/api/v1/group-sessions", body))


async def seat(client: Client, who: Account, session: dict[str, Any], **more: Any) -> ClientResponse:
    """Ask for a seat."""
    return await Api(client, who).post(f"/api/v1/group-sessions/{session['id']}/seats", more)


async def session_as(client: Client, who: Account, session: dict[str, Any]) -> dict[str, Any]:
    """The session as somebody sees it."""
    return await booked(await Api(client, who).get(f"/api/v1/group-sessions/{session['id']}"))


async def test_a_session_takes_its_practitioners_time(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    start = at(3)
    lena = Api(client, practice.patient)

    assert (3, 0, 3, "open", "Questions and answers") == (
        session["seats"],
        session["taken"],
        session["left"],
        session["status"],
        session["title_text"],
    )
    assert [] == await lena.starts(practice.short, start, start + timedelta(hours=1))
    taken = await lena.book(practice.short, [practice.consultant], start + timedelta(minutes=30))
    assert (409, "slot_taken") == await refused(taken)
    again = await Api(client, practice.consultant).post(
        "/api/v1/group-sessions", session_body(practice, UUID(session["service"]), start)
    )
    assert (409, "slot_taken") == await refused(again)


async def test_a_kind_with_seats_is_nobody_s_alone(client: Client, practice: Practice, db: Database) -> None:
    kind = await group_kind(db, practice)
    lena = Api(client, practice.patient)

    assert [] == await lena.starts(kind, at(3, "08:00"), at(3, "18:00"))
    answer = await lena.book(kind, [practice.consultant], at(3))
    assert (422, "not_offered") == await refused(answer)
    explained = await lena.get(
        "/api/v1/slots/explain", service=kind, practitioner=practice.consultant.id, start=text(at(3))
    )
    assert {"offered": False, "reasons": ["group_only"]}.items() <= (await explained.json()).items()


async def test_a_seat_is_an_appointment_of_its_patient(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    lena = Api(client, practice.patient)
    mine = await booked(await seat(client, practice.patient, session))
    file = await lena.get(f"/api/v1/appointments/{mine['id']}.ics")

    assert (session["id"], session["start"], "booked") == (mine["group_session"], mine["start"], mine["status"])
    assert [str(practice.consultant.id)] == mine["practitioners"]
    assert session["visit"] == mine["visit"]
    assert "METHOD:REQUEST" in await file.text()
    listed = await (await lena.get("/api/v1/appointments")).json()
    assert [mine["id"]] == [one["id"] for one in listed["items"]]
    by_host = await (
        await Api(client, practice.consultant).get("/api/v1/appointments", practitioner=practice.consultant.id)
    ).json()
    assert [mine["id"]] == [one["id"] for one in by_host["items"]]


async def test_patients_see_how_many_seats_are_left_and_of_nobody_else(
    client: Client, practice: Practice, db: Database
) -> None:
    session = await opened(client, db, practice)
    await booked(await seat(client, practice.other, session))
    hers = await session_as(client, practice.patient, session)
    his = await session_as(client, practice.other, session)
    host = await session_as(client, practice.consultant, session)

    assert (2, [], None, None) == (hers["left"], hers["my_seats"], hers["seats_taken"], hers["visit"])
    assert "Tom" not in str(hers)
    assert ([str(practice.other.id)], session["visit"]) == ([one["patient"] for one in his["my_seats"]], his["visit"])
    assert ["Tom Brennan"] == [one["name"] for one in host["seats_taken"]]
    listed = await (await Api(client, practice.patient).get("/api/v1/group-sessions")).json()
    assert [session["id"]] == [one["id"] for one in listed["items"]]


async def test_holding_a_session_opens_nobody_s_record(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    mine = await booked(await seat(client, practice.patient, session))
    amara = Api(client, practice.consultant)
    team = await amara.get(f"/api/v1/patients/{practice.patient.id}/care-team")
    own = await amara.get(f"/api/v1/appointments/{mine['id']}")

    assert (404, 200) == (team.status, own.status)


async def test_nobody_has_two_seats_and_nobody_is_in_two_places(
    client: Client, practice: Practice, db: Database
) -> None:
    session = await opened(client, db, practice)
    await booked(await seat(client, practice.patient, session))
    twice = await seat(client, practice.patient, session)
    tom = Api(client, practice.other)
    await booked(await tom.book(practice.advice, [practice.nutritionist], at(3, "10:30")))
    elsewhere = await seat(client, practice.other, session)
    over = await Api(client, practice.patient).book(practice.advice, [practice.nutritionist], at(3, "10:00"))

    assert (409, "seated_already") == await refused(twice)
    assert (409, "patient_busy") == await refused(elsewhere)
    assert (409, "patient_busy") == await refused(over)
    assert 1 == (await session_as(client, practice.patient, session))["taken"]


async def test_a_seat_that_is_given_back_is_free_at_once(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice, seats=2)
    guests = [practice.patient, practice.other]
    first = [await booked(await seat(client, one, session)) for one in guests]
    late = await build.person(db)
    full = await seat(client, late, session)
    lena = Api(client, practice.patient)
    await booked(await lena.post(f"/api/v1/appointments/{first[0]['id']}/cancel", {"version": 1}))
    then = await seat(client, late, session)
    back = await seat(client, practice.patient, session)

    assert (409, "no_seats") == await refused(full)
    assert 201 == then.status
    assert (409, "no_seats") == await refused(back)


async def test_a_seat_does_not_move_alone(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    mine = await booked(await seat(client, practice.patient, session))
    path = f"/api/v1/appointments/{mine['id']}/reschedule"
    answer = await Api(client, practice.patient).post(path, {"start": text(at(4)), "version": 1})

    assert (422, "seat_of_a_session") == await refused(answer)


async def test_moving_a_session_moves_every_seat(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    guests = [practice.patient, practice.other]
    first = [await booked(await seat(client, one, session)) for one in guests]
    amara = Api(client, practice.consultant)
    path = f"/api/v1/group-sessions/{session['id']}/reschedule"
    # Half an hour later: it overlaps its own old time.
    later = at(3, "10:30")
    moved = await booked(await amara.post(path, {"start": text(later), "version": 1}))
    stale = await amara.post(path, {"start": text(at(4)), "version": 1})

    assert (2, 1, text(later)) == (moved["version"], moved["sequence"], moved["start"])
    assert (409, "session_changed") == await refused(stale)
    for who, one in zip(guests, first, strict=True):
        now = await booked(await Api(client, who).get(f"/api/v1/appointments/{one['id']}"))
        assert (2, 1, text(later), one["visit"]) == (now["version"], now["sequence"], now["start"], now["visit"])
    free = await Api(client, practice.other).starts(practice.short, at(3), at(3, "12:00"), [practice.consultant])
    assert [text(at(3)), text(at(3, "11:30"))] == free


async def test_a_session_says_whose_visits_forbid_a_move(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    mine = await booked(await seat(client, practice.patient, session))
    await booked(await seat(client, practice.other, session))
    lena = Api(client, practice.patient)
    await booked(await lena.book(practice.advice, [practice.nutritionist], at(4, "14:00")))
    amara = Api(client, practice.consultant)
    answer = await amara.post(
        f"/api/v1/group-sessions/{session['id']}/reschedule", {"start": text(at(4, "14:00")), "version": 1}
    )
    told = await answer.json()

    assert (409, "seats_in_the_way") == (answer.status, told["code"])
    assert [mine["id"]] == [one["appointment"] for one in told["current"]["in_the_way"]]
    now = await session_as(client, practice.consultant, session)
    assert (1, session["start"]) == (now["version"], now["start"])


async def test_a_hold_that_ran_out_forbids_no_move(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    await booked(await seat(client, practice.patient, session))
    lena = Api(client, practice.patient)
    await booked(await lena.hold(practice.advice, [practice.nutritionist], at(4, "14:00")))
    async with db.begin(build.BUILDER) as tx:
        past = "statement_timestamp() - interval '1 s'"
        made = "statement_timestamp() - interval '9 minutes'"
        await tx.execute(sql(f"update scheduling_hold set made_at = {made}, expires_at = {past}"))
        await tx.execute(sql(f"update scheduling_participant set expires_at = {past} where hold is not null"))
    answer = await Api(client, practice.consultant).post(
        f"/api/v1/group-sessions/{session['id']}/reschedule", {"start": text(at(4, "14:00")), "version": 1}
    )

    assert 200 == answer.status, await answer.text()


async def test_cancelling_a_session_cancels_every_seat(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    guests = [practice.patient, practice.other]
    first = [await booked(await seat(client, one, session)) for one in guests]
    ended = await booked(
        await Api(client, practice.coordinator).post(f"/api/v1/group-sessions/{session['id']}/cancel", {"version": 1})
    )

    assert ("cancelled", 0, 1) == (ended["status"], ended["taken"], ended["sequence"])
    for who, one in zip(guests, first, strict=True):
        now = await booked(await Api(client, who).get(f"/api/v1/appointments/{one['id']}"))
        assert ("cancelled", 1) == (now["status"], now["sequence"])
    assert (409, "session_closed") == await refused(await seat(client, await build.person(db), session))
    free = await Api(client, practice.other).starts(practice.short, at(3), at(3, "11:00"), [practice.consultant])
    assert [text(at(3)), text(at(3, "10:30"))] == free
    async with db.begin(build.BUILDER) as tx:
        jobs = await tx.scalar(sql("select count(*) from jobs_job where kind = 'appointment.cancelled'"))
    assert 2 == jobs


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"seats": 1}, 422),
        ({"seats": 4}, 422),
        ({"title": "My depression group"}, 422),
        ({"start": "2020-01-06T10:00:00Z"}, 422),
        ({"practitioners": []}, 422),
        ({"seats": 2}, 201),
    ],
)
async def test_what_a_session_may_be(
    client: Client, practice: Practice, db: Database, change: dict[str, Any], expected: int
) -> None:
    kind = await group_kind(db, practice)
    body = {**session_body(practice, kind, at(3)), **change}

    assert expected == (await Api(client, practice.consultant).post("/api/v1/group-sessions", body)).status


async def test_others_neither_open_nor_end_a_session(client: Client, practice: Practice, db: Database) -> None:
    session = await opened(client, db, practice)
    body = session_body(practice, UUID(session["service"]), at(5))
    found = []
    for who in (practice.nutritionist, practice.patient):
        api = Api(client, who)
        found.append((await api.post("/api/v1/group-sessions", body)).status)
        found.append((await api.post(f"/api/v1/group-sessions/{session['id']}/cancel", {"version": 1})).status)

    assert [403] * 4 == found


async def race(client: Client, people: Sequence[Account], session: dict[str, Any], wishes: int) -> Any:
    """So many wishes for the seats of one session at once."""
    asked = [seat(client, people[number % len(people)], session) for number in range(wishes)]
    return await outcomes(await asyncio.gather(*asked))


@pytest.mark.parametrize("wishes", [40, pytest.param(200, marks=pytest.mark.long)])
async def test_of_many_who_want_a_seat_as_many_get_one_as_there_are(
    client: Client, practice: Practice, db: Database, wishes: int
) -> None:
    people = [await build.person(db) for _ in range(wishes)]
    session = await opened(client, db, practice, seats=8)
    found = await race(client, people, session, wishes)

    assert {(201, ""): 8, (409, "no_seats"): wishes - 8} == dict(found)
    now = await session_as(client, practice.consultant, session)
    assert (8, 0) == (now["taken"], now["left"])


@pytest.mark.long
async def test_seats_are_raced_for_in_two_hundred_rounds(client: Client, practice: Practice, db: Database) -> None:
    people = [await build.person(db) for _ in range(12)]
    kind = await group_kind(db, practice, 4)
    amara = Api(client, practice.consultant)
    for number in range(200):
        body = session_body(practice, kind, at(3 + number))
        session = await booked(await amara.post("/api/v1/group-sessions", body))
        found = await race(client, people, session, 24)
        assert 4 == found[(201, "")]
        assert set(found) <= {(201, ""), (409, "no_seats"), (409, "seated_already")}
        path = f"/api/v1/group-sessions/{session['id']}/cancel"
        await booked(await amara.post(path, {"version": 1}))


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=pytest.mark.long)])
async def test_seats_taken_given_back_and_moved_at_once_stay_counted(
    client: Client, practice: Practice, db: Database, rounds: int
) -> None:
    people = [await build.person(db) for _ in range(6)]
    kind = await group_kind(db, practice, 3)
    amara = Api(client, practice.consultant)
    for number in range(rounds):
        body = session_body(practice, kind, at(3 + number))
        session = await booked(await amara.post("/api/v1/group-sessions", body))
        first = await booked(await seat(client, people[0], session))
        path = f"/api/v1/group-sessions/{session['id']}"
        answers = await asyncio.gather(
            Api(client, people[0]).post(f"/api/v1/appointments/{first['id']}/cancel", {"version": 1}),
            amara.post(f"{path}/reschedule", {"start": text(at(3 + number, "14:00")), "version": 1}),
            *(seat(client, one, session) for one in people),
        )
        now = await session_as(client, practice.consultant, session)

        assert {one.status for one in answers} <= {200, 201, 409}
        assert now["taken"] == len(now["seats_taken"]) <= 3
        starts = {
            (await booked(await amara.get(f"/api/v1/appointments/{one['appointment']}")))["start"]
            for one in now["seats_taken"]
        }
        assert starts <= {now["start"]}
        await booked(await amara.post(f"{path}/cancel", {"version": now["version"]}))
