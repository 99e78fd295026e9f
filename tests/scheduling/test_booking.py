"""Visits over HTTP: booked, held, moved and cancelled, by those who may, when it is offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text as sql

from telegut.accounts import care, covering
from telegut.accounts.covering import Cover
from telegut.clock import utc_now
from telegut.db.engine import Database
from telegut.scheduling import catalogue
from tests import build
from tests.scheduling.conftest import GENEROUS, Api, Client, Practice, at, booked, refused, text


async def test_a_patient_books_a_free_time(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))

    expected = {
        "version": 1,
        "sequence": 0,
        "status": "booked",
        "service": str(practice.short),
        "patient": str(practice.patient.id),
        "practitioners": [str(practice.consultant.id)],
        "start": text(at(3)),
        "end": text(at(3, "10:30")),
        "zone": "UTC",
    }

    assert expected == {name: visit[name] for name in expected}
    assert visit == {**visit, **await booked(await lena.get(f"/api/v1/appointments/{visit['id']}"))}


async def test_a_booked_time_is_offered_to_nobody(client: Client, practice: Practice) -> None:
    await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))
    tom = Api(client, practice.other)

    assert text(at(3)) not in await tom.starts(practice.short, at(3, "00:00"), at(4, "00:00"))
    assert await refused(await tom.book(practice.short, [practice.consultant], at(3))) == (409, "slot_taken")


async def test_everything_listed_may_be_booked_and_nothing_else(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    await booked(await lena.book(practice.padded, [practice.consultant], at(3, "12:00")))
    listed = set(await tom.starts(practice.padded, at(3, "07:00"), at(3, "19:00"), [practice.consultant]))

    for number in range(24):
        start = at(3, "07:00") + timedelta(minutes=30 * number)
        explained = await tom.get(
            "/api/v1/slots/explain", service=practice.padded, practitioner=practice.consultant.id, start=text(start)
        )
        answer = await tom.hold(practice.padded, [practice.consultant], start)

        assert ((await explained.json())["offered"], answer.status == 201) == (text(start) in listed,) * 2


STARTS: dict[str, tuple[Any, tuple[int, str]]] = {
    "without a zone": ("2027-05-05T10:00:00", (422, "invalid")),
    "no time": ("soon", (422, "invalid")),
    "null": (None, (422, "invalid")),
    "off the grid": (at(3, "10:07"), (422, "not_offered")),
    "a little off the grid": (at(3) + timedelta(microseconds=1), (422, "not_offered")),
    "past": (at(-1), (422, "not_offered")),
    "at night": (at(3, "03:00"), (422, "not_offered")),
    "over the end": (at(3, "17:45"), (422, "not_offered")),
    "beyond the horizon": (at(1097), (422, "not_offered")),
}


async def test_a_start_that_is_not_offered_is_refused(
    client: Client, practice: Practice, subtests: pytest.Subtests
) -> None:
    lena = Api(client, practice.patient)
    for name, (start, expected) in STARTS.items():
        given = text(start) if isinstance(start, datetime) else start
        body = {"service": str(practice.short), "practitioners": [str(practice.consultant.id)], "start": given}
        for path in ("/api/v1/appointments", "/api/v1/holds"):
            with subtests.test(name, path=path):
                assert await refused(await lena.post(path, body)) == expected
    assert (await (await lena.get("/api/v1/appointments")).json())["items"] == []


TAMPERED: list[dict[str, Any]] = [
    {"practitioners": [str(uuid4())]},
    {"practitioners": []},
    {"practitioners": None},
    {"practitioners": ["nobody"]},
    {"service": str(uuid4())},
    {"end": text(at(3, "22:00"))},
    {"duration_minutes": 1500},
    {"hold": str(uuid4())},
    {"patient": 5},
]


async def test_a_tampered_request_books_nothing(client: Client, practice: Practice, subtests: pytest.Subtests) -> None:
    lena = Api(client, practice.patient)
    body = {"service": str(practice.short), "practitioners": [str(practice.consultant.id)], "start": text(at(3))}
    for change in TAMPERED:
        with subtests.test(str(change)):
            assert (await lena.post("/api/v1/appointments", {**body, **change})).status == 422
    assert (await (await lena.get("/api/v1/appointments")).json())["items"] == []


async def test_nobody_is_named_twice_when_asking_and_when_booking(client: Client, practice: Practice) -> None:
    lena, twice = Api(client, practice.patient), [practice.consultant.id] * 2
    asked = {"service": practice.short, "practitioner": twice}
    answers = [
        await lena.get("/api/v1/slots", **asked),
        await lena.get("/api/v1/slots/first", **asked),
        await lena.get("/api/v1/slots/explain", **asked, start=text(at(3))),
        await Api(client, practice.coordinator).get("/api/v1/group-sessions/starts", **asked),
        await lena.book(practice.short, [practice.consultant] * 2, at(3)),
    ]
    said = [((await one.json())["errors"][0]["message"], one.status) for one in answers]

    assert [("Name each person once.", 422)] * 5 == said


async def test_a_practitioner_who_does_not_offer_this_is_refused(client: Client, practice: Practice) -> None:
    lena = Api(client, practice.patient)

    assert await refused(await lena.book(practice.short, [practice.nutritionist], at(3))) == (422, "role_missing")
    assert await refused(await lena.book(practice.joint, [practice.consultant], at(3))) == (422, "role_missing")


async def test_a_buffer_keeps_the_next_visit_at_a_distance(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    await booked(await lena.book(practice.padded, [practice.consultant], at(3, "10:00")))

    assert await refused(await tom.book(practice.short, [practice.consultant], at(3, "10:30"))) == (422, "not_offered")
    await booked(await tom.book(practice.short, [practice.consultant], at(3, "11:00")))


async def test_visits_without_buffers_may_touch(client: Client, practice: Practice) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    await booked(await lena.book(practice.short, [practice.consultant], at(3, "10:00")))

    await booked(await tom.book(practice.short, [practice.consultant], at(3, "10:30")))


async def test_who_has_as_many_visits_ahead_as_can_be_is_listed_nothing_and_told_why(
    client: Client, practice: Practice, db: Database
) -> None:
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, replace(GENEROUS, max_future_visits=1))
    lena, tom, noor = (Api(client, one) for one in (practice.patient, practice.other, practice.coordinator))
    visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    explain = {"service": practice.short, "practitioner": practice.consultant.id, "start": text(at(5))}
    hers = {"patient": practice.patient.id}

    async def said(api: Api, **more: Any) -> tuple[list[str], int, int]:
        """What explain says, how many times are listed, and how many people have a first free time."""
        explained = await booked(await api.get("/api/v1/slots/explain", **explain, **more))
        listed = await booked(await api.get("/api/v1/slots", service=practice.short, **more))
        only = {name: value for name, value in more.items() if name != "moving"}
        first = await booked(await api.get("/api/v1/slots/first", service=practice.short, **only))
        return explained["reasons"], min(1, len(listed["items"])), len(first["items"])

    assert (["too_many_visits"], 0, 0) == await said(lena)
    assert ([], 1, 0) == await said(lena, moving=visit["id"])
    assert ([], 1, 1) == await said(tom)
    assert ([], 1, 1) == await said(noor, **hers)
    assert await refused(await lena.hold(practice.short, [practice.consultant], at(5))) == (422, "too_many_visits")
    pages = [await (await one.get("/book")).text() for one in (lena, tom, noor)]
    assert ["You have 1 visit ahead" in page for page in pages] == [True, False, False]


async def test_notice_and_limit_bind_patients_and_the_limit_not_staff(
    client: Client, practice: Practice, db: Database
) -> None:
    async with db.begin(build.BUILDER) as tx:
        tight = type(GENEROUS)(timedelta(days=2), timedelta(days=30), max_future_visits=1)
        await catalogue.set_policy(tx, tight)
    lena, noor = Api(client, practice.patient), Api(client, practice.coordinator)
    mine = {"patient": str(practice.patient.id)}

    assert await refused(await lena.book(practice.short, [practice.consultant], at(1))) == (422, "not_offered")
    await booked(await lena.book(practice.short, [practice.consultant], at(3)))
    assert await refused(await lena.book(practice.short, [practice.consultant], at(4))) == (422, "too_many_visits")
    await booked(await noor.book(practice.short, [practice.consultant], at(4), **mine))


class TestPeople:
    """Who books for whom."""

    async def test_a_patient_is_never_in_two_visits_at_once(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        await booked(await lena.book(practice.short, [practice.consultant], at(3)))

        assert await refused(await lena.book(practice.advice, [practice.nutritionist], at(3))) == (409, "patient_busy")

    async def test_a_patient_books_for_nobody_else(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        answer = await lena.book(practice.short, [practice.consultant], at(3), patient=str(practice.other.id))

        assert answer.status == 404

    async def test_a_coordinator_books_for_everybody_and_reads_no_words(
        self, client: Client, practice: Practice
    ) -> None:
        noor, lena = Api(client, practice.coordinator), Api(client, practice.patient)
        mine = {"patient": str(practice.patient.id), "reason": "It hurts after meals."}
        visit = await booked(await noor.book(practice.short, [practice.consultant], at(3), **mine))
        path = f"/api/v1/appointments/{visit['id']}"

        assert (await booked(await lena.get(path)))["reason"] == "It hurts after meals."
        assert (await booked(await noor.get(path)))["reason"] is None

    async def test_somebody_has_to_be_named(self, client: Client, practice: Practice) -> None:
        answer = await Api(client, practice.coordinator).book(practice.short, [practice.consultant], at(3))

        assert await refused(answer) == (422, "invalid")

    async def test_a_practitioner_books_only_for_their_own_patients(
        self, client: Client, practice: Practice, db: Database
    ) -> None:
        jonas = Api(client, practice.nutritionist)
        mine = {"patient": str(practice.patient.id)}

        assert (await jonas.book(practice.advice, [practice.nutritionist], at(3), **mine)).status == 404
        await build.care(db, practice.patient, practice.nutritionist)
        await booked(await jonas.book(practice.advice, [practice.nutritionist], at(3), **mine))

    async def test_a_guardian_books_for_their_child(self, client: Client, practice: Practice, db: Database) -> None:
        ruth = Api(client, await build.guardian(db, practice.patient))
        visit = await booked(await ruth.book(practice.short, [practice.consultant], at(3)))

        assert visit["patient"] == str(practice.patient.id)

    async def test_who_has_nothing_to_do_with_visits_books_none(
        self, client: Client, practice: Practice, db: Database
    ) -> None:
        for role in ("admin", "auditor"):
            other = Api(client, await build.person(db, role))
            answer = await other.book(practice.short, [practice.consultant], at(3), patient=str(practice.patient.id))

            assert answer.status == 403

    async def test_whoever_will_see_a_patient_joins_their_care_team(self, client: Client, practice: Practice) -> None:
        lena, amara = Api(client, practice.patient), Api(client, practice.consultant)
        path = f"/api/v1/patients/{practice.patient.id}"
        before = (await amara.get(path)).status
        await booked(await lena.book(practice.short, [practice.consultant], at(3)))

        assert (before, (await amara.get(path)).status) == (404, 200)

    async def test_a_cover_who_will_see_a_patient_stays_and_other_covers_stay_covers(
        self, client: Client, practice: Practice, db: Database
    ) -> None:
        now, other = utc_now(), await build.person(db, "nutritionist")
        covers = [Cover(one, now + timedelta(days=2)) for one in (practice.consultant.id, other.id)]
        async with db.begin(build.BUILDER) as tx:
            for cover in covers:
                await covering.join(tx, [practice.patient.id], cover, now)
        await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))

        async with db.begin(build.BUILDER) as tx:
            ending = [one.account for one in await care.team(tx, practice.patient.id) if one.ends_at is not None]
        assert [other.id] == ending

    async def test_a_clinic_may_keep_patients_to_their_care_team(
        self, client: Client, practice: Practice, db: Database
    ) -> None:
        async with db.begin(build.BUILDER) as tx:
            await catalogue.set_policy(tx, type(GENEROUS)(any_practitioner=False, minimum_notice=timedelta(0)))
        await build.care(db, practice.patient, practice.nutritionist)
        lena = Api(client, practice.patient)

        assert [one["name"] for one in (await booked(await lena.get("/api/v1/practitioners")))["items"]] == [
            practice.nutritionist.name
        ]
        assert (await lena.book(practice.short, [practice.consultant], at(3))).status == 422
        assert await lena.starts(practice.short, at(3), at(4)) == []
        await booked(await lena.book(practice.advice, [practice.nutritionist], at(3)))

    async def test_a_visit_is_nobody_elses_to_see(self, client: Client, practice: Practice) -> None:
        visit = await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))
        tom = Api(client, practice.other)
        path = f"/api/v1/appointments/{visit['id']}"

        assert (await tom.get(path)).status == 404
        assert (await tom.get(path + ".ics")).status == 404
        assert (await tom.post(path + "/cancel", {"reason": "", "version": 1})).status == 404
        assert (await booked(await tom.get("/api/v1/appointments")))["items"] == []


class TestJoint:
    """A visit of two practitioners is one appointment, all or nothing."""

    async def test_a_joint_visit_takes_the_time_of_both(self, client: Client, practice: Practice) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        both = [practice.nutritionist, practice.consultant]
        visit = await booked(await lena.book(practice.joint, both, at(3)))

        assert visit["practitioners"] == [str(practice.consultant.id), str(practice.nutritionist.id)]
        assert await refused(await tom.book(practice.advice, [practice.nutritionist], at(3))) == (409, "slot_taken")

    async def test_only_times_that_both_have_are_offered(self, client: Client, practice: Practice) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        await booked(await lena.book(practice.short, [practice.consultant], at(3, "09:00")))
        await booked(await lena.book(practice.advice, [practice.nutritionist], at(3, "10:00")))
        both = [practice.consultant, practice.nutritionist]
        expected = [text(at(3, clock)) for clock in ("08:00", "08:30", "09:30", "10:30")]

        assert expected == await tom.starts(practice.joint, at(3, "08:00"), at(3, "11:00"), both)
        assert expected == await tom.starts(practice.joint, at(3, "08:00"), at(3, "11:00"))
        assert expected == await tom.starts(practice.joint, at(3, "08:00"), at(3, "11:00"), both[:1])


class TestHolds:
    """A time is kept for one person for some minutes."""

    async def test_a_hold_becomes_an_appointment_once(self, client: Client, practice: Practice) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        hold = await booked(await lena.hold(practice.short, [practice.consultant], at(3)))

        assert await refused(await tom.book(practice.short, [practice.consultant], at(3))) == (409, "slot_taken")
        assert text(at(3)) not in await tom.starts(practice.short, at(3), at(4))
        assert text(at(3)) in await lena.starts(practice.short, at(3), at(4))
        assert (await tom.post("/api/v1/appointments", {"hold": hold["id"]})).status == 404

        visit = await booked(await lena.post("/api/v1/appointments", {"hold": hold["id"], "reason": "First talk"}))

        assert (visit["start"], visit["reason"]) == (text(at(3)), "First talk")
        again = await lena.post("/api/v1/appointments", {"hold": hold["id"]})
        assert await refused(again) == (409, "hold_used")

    async def test_a_hold_that_ran_out_is_gone_and_the_time_is_free_at_once(
        self, client: Client, practice: Practice, db: Database
    ) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        hold = await booked(await lena.hold(practice.short, [practice.consultant], at(3)))
        await expire_holds(db)

        assert text(at(3)) in await tom.starts(practice.short, at(3), at(4))
        answer = await lena.post("/api/v1/appointments", {"hold": hold["id"]})
        assert await refused(answer) == (410, "hold_expired")
        await booked(await tom.book(practice.short, [practice.consultant], at(3)))

    async def test_two_holds_at_most_the_newest_stay(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        kept = [
            await booked(await lena.hold(practice.short, [practice.consultant], at(3, clock)))
            for clock in ("09:00", "10:00", "11:00")
        ]
        answers = [await lena.post("/api/v1/appointments", {"hold": hold["id"]}) for hold in kept]

        assert [one.status for one in answers] == [410, 201, 201]

    async def test_ones_own_hold_is_never_in_ones_way(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        first = await booked(await lena.hold(practice.short, [practice.consultant], at(3)))
        second = await booked(await lena.hold(practice.short, [practice.consultant], at(3)))
        await booked(await lena.book(practice.short, [practice.consultant], at(3)))

        for hold in (first, second):
            assert (await lena.post("/api/v1/appointments", {"hold": hold["id"]})).status == 410

    async def test_a_coordinator_may_keep_a_time_before_it_is_known_for_whom(
        self, client: Client, practice: Practice
    ) -> None:
        noor = Api(client, practice.coordinator)
        hold = await booked(await noor.hold(practice.joint, [practice.consultant, practice.nutritionist], at(3)))
        body = {"hold": hold["id"], "patient": str(practice.patient.id)}

        assert (await noor.post("/api/v1/appointments", {"hold": hold["id"]})).status == 422
        visit = await booked(await noor.post("/api/v1/appointments", body))

        assert visit["patient"] == str(practice.patient.id)


async def expire_holds(db: Database) -> None:
    """Let every hold run out now."""
    async with db.begin(build.BUILDER) as tx:
        for table in ("scheduling_hold", "scheduling_participant"):
            made = ", made_at = made_at - interval '10 minutes'" if table == "scheduling_hold" else ""
            statement = f"update {table} set expires_at = statement_timestamp(){made} where expires_at is not null"
            await tx.execute(sql(statement))


class TestChanges:
    """Moving and cancelling keep the appointment; versions tell who was first."""

    async def test_a_move_keeps_the_visit_and_frees_the_old_time(self, client: Client, practice: Practice) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
        path = f"/api/v1/appointments/{visit['id']}/reschedule"
        moved = await booked(await lena.post(path, {"start": text(at(4)), "version": 1}))

        assert (moved["id"], moved["visit"], moved["start"]) == (visit["id"], visit["visit"], text(at(4)))
        assert (moved["version"], moved["sequence"]) == (2, 1)
        await booked(await tom.book(practice.short, [practice.consultant], at(3)))

    async def test_a_move_to_the_time_it_has_changes_nothing(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
        path = f"/api/v1/appointments/{visit['id']}"

        same = await booked(await lena.post(f"{path}/reschedule", {"start": visit["start"], "version": 1}))
        stale = await lena.post(f"{path}/reschedule", {"start": visit["start"], "version": 2})
        after = await booked(await lena.get(path))

        assert (409, "stale") == await refused(stale)
        assert [(1, 0)] * 2 == [(one["version"], one["sequence"]) for one in (same, after)]

    async def test_a_visit_may_move_into_its_own_time(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        visit = await booked(await lena.book(practice.padded, [practice.consultant], at(3, "10:00")))
        path = f"/api/v1/appointments/{visit['id']}/reschedule"

        assert (await lena.post(path, {"start": text(at(3, "10:30")), "version": 1})).status == 200

    async def test_a_move_to_a_taken_time_changes_nothing(self, client: Client, practice: Practice) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
        await booked(await tom.book(practice.short, [practice.consultant], at(4)))
        path = f"/api/v1/appointments/{visit['id']}"
        answer = await lena.post(path + "/reschedule", {"start": text(at(4)), "version": 1})

        assert await refused(answer) == (409, "slot_taken")
        assert (await booked(await lena.get(path)))["start"] == text(at(3))

    async def test_a_stale_change_gets_the_current_state(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
        path = f"/api/v1/appointments/{visit['id']}"
        await booked(await lena.post(path + "/reschedule", {"start": text(at(4)), "version": 1}))
        late = await lena.post(path + "/cancel", {"reason": "", "version": 1})
        problem = await late.json()

        assert (late.status, problem["code"], problem["current"]["version"]) == (409, "stale", 2)

    async def test_a_cancelled_visit_stays_to_be_seen_and_its_time_is_free(
        self, client: Client, practice: Practice
    ) -> None:
        lena, tom = Api(client, practice.patient), Api(client, practice.other)
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(3)))
        path = f"/api/v1/appointments/{visit['id']}"
        ended = await booked(await lena.post(path + "/cancel", {"reason": "I am travelling.", "version": 1}))

        assert (ended["status"], ended["sequence"], ended["version"]) == ("cancelled", 1, 2)
        assert (await booked(await lena.get(path)))["cancel_reason"] == "I am travelling."
        assert await refused(await lena.post(path + "/cancel", {"reason": "", "version": 2})) == (409, "not_booked")
        await booked(await tom.book(practice.short, [practice.consultant], at(3)))

    async def test_a_late_patient_may_cancel_and_not_move(
        self, client: Client, practice: Practice, db: Database
    ) -> None:
        lena = Api(client, practice.patient)
        visit = await booked(await lena.book(practice.short, [practice.consultant], at(2)))
        async with db.begin(build.BUILDER) as tx:
            await catalogue.set_policy(tx, type(GENEROUS)(cancel_notice=timedelta(days=5)))
        path = f"/api/v1/appointments/{visit['id']}"
        move = await lena.post(path + "/reschedule", {"start": text(at(4)), "version": 1})

        assert await refused(move) == (422, "too_late_to_move")
        assert (await booked(await lena.post(path + "/cancel", {"version": 1})))["cancelled_late"]

    async def test_a_key_is_one_visit(self, client: Client, practice: Practice) -> None:
        lena = Api(client, practice.patient)
        body = {"service": str(practice.short), "practitioners": [str(practice.consultant.id)], "start": text(at(3))}
        key = {"Idempotency-Key": "one and the same"}
        first, second = [await lena.post("/api/v1/appointments", body, **key) for _ in range(2)]

        assert (first.status, await first.json()) == (second.status, await second.json())


async def test_everybody_who_takes_part_hears_of_it(client: Client, practice: Practice, db: Database) -> None:
    visit = await booked(await Api(client, practice.patient).book(practice.short, [practice.consultant], at(3)))
    async with db.begin(build.BUILDER) as tx:
        rows = (await tx.execute(sql("select account, type, facts from realtime_item"))).all()
        jobs = (await tx.execute(sql("select kind, payload from jobs_job where kind like 'appointment%'"))).all()
    told = {row.account for row in rows if row.type == "appointment.booked"}

    assert told == {practice.patient.id, practice.consultant.id}
    assert [(one.kind, one.payload["appointment"]) for one in jobs] == [("appointment.booked", visit["id"])]


async def test_the_list_goes_on_where_the_page_ended(
    client: Client, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telegut.scheduling.handlers.PAGE", 2)
    lena = Api(client, practice.patient)
    ids = [(await booked(await lena.book(practice.short, [practice.consultant], at(day))))["id"] for day in (3, 4, 5)]
    first = await booked(await lena.get("/api/v1/appointments"))
    second = await booked(await lena.get("/api/v1/appointments", cursor=first["next"]))

    assert (ids, None) == ([one["id"] for one in first["items"] + second["items"]], second["next"])


async def test_a_list_holds_what_its_reader_may_see(
    client: Client, practice: Practice, subtests: pytest.Subtests
) -> None:
    lena, tom = Api(client, practice.patient), Api(client, practice.other)
    for who, clock in ((lena, "09:00"), (lena, "10:00"), (tom, "11:00")):
        await booked(await who.book(practice.short, [practice.consultant], at(3, clock)))
    only = {"from_": text(at(3, "00:00")), "to": text(at(4, "00:00")), "practitioner": practice.consultant.id}

    for name, expected in (("patient", 2), ("other", 1), ("consultant", 3), ("coordinator", 3), ("nutritionist", 0)):
        with subtests.test(name):
            listed = await booked(await Api(client, getattr(practice, name)).get("/api/v1/appointments", **only))
            assert expected == len(listed["items"])
