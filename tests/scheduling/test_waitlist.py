"""The waitlist: time that becomes free goes to the first in order whom it suits, and never shows as free in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from telegut.app import build_foundation
from telegut.composition import build_services
from telegut.db.engine import Database
from telegut.realtime.tables import item
from telegut.scheduling import catalogue
from telegut.scheduling.waitlist import store
from telegut.scheduling.waitlist.freed import Freed
from telegut.scheduling.waitlist.rules import Urgency, Wish
from telegut.scheduling.waitlist.service import Waitlist
from telegut.scheduling.waitlist.tables import offer, passing, waiting
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.scheduling.conftest import GENEROUS, Api, Client, Practice, at, booked, practice_in, refused
from tests.scheduling.conftest import text as spelled

AWAKE = replace(GENEROUS, quiet_from=datetime.min.time(), quiet_until=datetime.min.time())
"""Nobody sleeps: these tests run at any hour."""


@pytest.fixture
async def practice(db: Database) -> Practice:
    """A practice where it is never too late to ask."""
    return await practice_in(db, AWAKE)


@pytest.fixture
async def waitlist(settings: Settings) -> Any:
    """The service, as the worker uses it."""
    base = build_foundation(settings)
    yield build_services(base).waitlist
    await base.db.dispose()


async def join(client: Client, who: Account, service: UUID, **more: Any) -> dict[str, Any]:
    """Somebody goes on the list."""
    answer = await Api(client, who).post("/api/v1/waitlist", {"service": str(service), **more})
    assert answer.status == 201, await answer.text()
    return dict(await answer.json())


async def offers_of(client: Client, who: Account) -> list[dict[str, Any]]:
    """What somebody is offered at this moment."""
    answer = await Api(client, who).get("/api/v1/waitlist/offers")
    assert answer.status == 200, await answer.text()
    return list((await answer.json())["items"])


async def run_out(db: Database, offer_id: str) -> None:
    """Let an offer's time be over, as the database's clock sees it."""
    async with db.begin(build.BUILDER) as tx:
        past = func.statement_timestamp() - text("interval '1 second'")
        row = (
            await tx.execute(
                update(offer)
                .where(offer.c.id == UUID(offer_id))
                .values(made_at=past - text("interval '30 minutes'"), expires_at=past)
                .returning(offer.c.hold)
            )
        ).one()
        await tx.execute(
            text("update scheduling_hold set made_at = :made, expires_at = :past where id = :hold").bindparams(
                hold=row.hold,
                made=await tx.scalar(select(func.statement_timestamp() - text("interval '31 minutes'"))),
                past=await tx.scalar(select(func.statement_timestamp() - text("interval '1 second'"))),
            )
        )


async def full_hour(client: Client, practice: Practice, start: datetime) -> dict[str, Any]:
    """A visit of somebody else's, that they will give up."""
    return await booked(await Api(client, practice.other).book(practice.short, [practice.consultant], start))


async def cancel(client: Client, who: Account, visit: dict[str, Any]) -> None:
    answer = await Api(client, who).post(f"/api/v1/appointments/{visit['id']}/cancel", {"version": visit["version"]})
    assert answer.status == 200, await answer.text()


async def is_free(client: Client, practice: Practice, start: datetime) -> bool:
    """Whether anybody sees this start as free."""
    found = await Api(client, practice.other).starts(
        practice.short, start, start + timedelta(minutes=1), [practice.consultant]
    )
    return spelled(start) in found


async def test_a_cancelled_time_is_offered_to_who_waits_before_anybody_sees_it_as_free(
    client: Client, practice: Practice
) -> None:
    visit = await full_hour(client, practice, at(5))
    entry = await join(client, practice.patient, practice.short)

    await cancel(client, practice.other, visit)

    [offered] = await offers_of(client, practice.patient)
    assert (spelled(at(5)), str(practice.consultant.id)) == (offered["start"], offered["practitioners"][0])
    assert entry["id"] == offered["entry"]
    assert not await is_free(client, practice, at(5))


async def test_an_accepted_offer_is_a_visit_and_its_patient_waits_no_longer(client: Client, practice: Practice) -> None:
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)
    await cancel(client, practice.other, visit)
    [offered] = await offers_of(client, practice.patient)
    lena = Api(client, practice.patient)

    made = await booked(await lena.post(f"/api/v1/waitlist/offers/{offered['id']}/accept", {"reason": "Sleep"}))

    assert (spelled(at(5)), "booked") == (made["start"], made["status"])
    assert [] == (await (await lena.get("/api/v1/waitlist")).json())["items"]
    again = await lena.post(f"/api/v1/waitlist/offers/{offered['id']}/accept", {})
    assert (409, "hold_used") == await refused(again)


async def test_an_offer_whose_hold_has_lapsed_is_listed_no_longer(
    client: Client, practice: Practice, db: Database
) -> None:
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)
    await cancel(client, practice.other, visit)
    before = await offers_of(client, practice.patient)
    async with db.begin(build.BUILDER) as tx:
        lapsed = "made_at = made_at - interval '31 minutes', expires_at = statement_timestamp()"
        await tx.execute(text(f"update scheduling_hold set {lapsed}"))

    assert (1, []) == (len(before), await offers_of(client, practice.patient))


async def test_an_offer_is_a_hold_and_can_be_booked_like_every_hold(client: Client, practice: Practice) -> None:
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)
    await cancel(client, practice.other, visit)
    [offered] = await offers_of(client, practice.patient)
    lena = Api(client, practice.patient)

    held = (await (await lena.get("/api/v1/holds")).json())["items"]
    made = await booked(await lena.post("/api/v1/appointments", {"hold": offered["hold"]}))

    assert [(offered["hold"], "offer", False)] == [(one["id"], one["kind"], one["renewable"]) for one in held]
    assert "booked" == made["status"]
    assert [] == (await (await lena.get("/api/v1/waitlist")).json())["items"]


async def test_a_declined_offer_goes_to_the_next_and_the_first_keeps_their_place(
    client: Client, practice: Practice, db: Database
) -> None:
    visit = await full_hour(client, practice, at(5))
    second = await build.person(db, "patient", "Mei Tanaka", "Europe/Berlin")
    await join(client, practice.patient, practice.short)
    await join(client, second, practice.short)
    await cancel(client, practice.other, visit)
    [offered] = await offers_of(client, practice.patient)

    answer = await Api(client, practice.patient).post(f"/api/v1/waitlist/offers/{offered['id']}/decline", {})

    assert 204 == answer.status
    assert [] == await offers_of(client, practice.patient)
    assert [spelled(at(5))] == [one["start"] for one in await offers_of(client, second)]
    [mine] = (await (await Api(client, practice.patient).get("/api/v1/waitlist")).json())["items"]
    assert (1, "waiting", None) == (mine["position"], mine["state"], mine["offer"])


async def test_fifty_wait_and_the_first_two_let_it_lapse(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    """Nasty case 29: offers go 1, 2, 3, one at a time, and the time never shows as free meanwhile."""
    visit = await full_hour(client, practice, at(5))
    queue = [await build.person(db, "patient", f"Number {number}", "Europe/Berlin") for number in range(50)]
    async with db.begin(build.BUILDER) as tx:
        for number, one in enumerate(queue):
            entry = await store.add(tx.on_behalf_of(one.caller), one.id, Wish(practice.short, "UTC"), Urgency.ORDINARY)
            since = func.statement_timestamp() - timedelta(hours=1) + timedelta(minutes=number)
            await tx.execute(update(waiting).where(waiting.c.id == entry).values(added_at=since))
    seen_free: list[bool] = []

    await cancel(client, practice.other, visit)
    for one in queue[:2]:
        seen_free.append(await is_free(client, practice, at(5)))
        [offered] = await offers_of(client, one)
        await run_out(db, offered["id"])
        seen_free.append(await is_free(client, practice, at(5)))
        await waitlist.lapse(UUID(offered["id"]))
        await waitlist.lapse(UUID(offered["id"]))
    seen_free.append(await is_free(client, practice, at(5)))

    async with db.begin(build.BUILDER) as tx:
        made = (await tx.execute(select(offer.c.patient, offer.c.ended).order_by(offer.c.id))).all()
    assert [(queue[0].id, "lapsed"), (queue[1].id, "lapsed"), (queue[2].id, None)] == [tuple(one) for one in made]
    assert not any(seen_free)
    assert 1 == len(await offers_of(client, queue[2]))


async def test_urgency_goes_before_who_came_first_and_only_staff_gives_it(
    client: Client, practice: Practice, db: Database
) -> None:
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)
    pressed = await build.person(db, "patient", "Mei Tanaka", "Europe/Berlin")
    entry = await join(client, pressed, practice.short)
    noor = Api(client, practice.coordinator)
    own = await Api(client, pressed).post("/api/v1/waitlist", {"service": str(practice.padded), "urgency": "urgent"})
    path = f"/api/v1/waitlist/{entry['id']}"
    never = await client.patch(path, json={"urgency": "urgent", "version": 2**31}, headers=noor.who.bearer)
    changed = await client.patch(path, json={"urgency": "urgent", "version": 1}, headers=noor.who.bearer)

    await cancel(client, practice.other, visit)

    assert (403, 409, 200) == (own.status, never.status, changed.status)
    assert 1 == (await changed.json())["position"]
    assert ([], 1) == (await offers_of(client, practice.patient), len(await offers_of(client, pressed)))


async def test_who_is_passed_over_stays_and_the_reason_is_written_down(
    client: Client, practice: Practice, db: Database
) -> None:
    visit = await full_hour(client, practice, at(5))
    mornings = [{"weekdays": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "start": "06:00", "end": "08:00"}]
    others = [await build.person(db, "patient", f"Number {number}", "UTC") for number in range(4)]
    first = await join(client, others[0], practice.short, windows=mornings)
    second = await join(client, others[1], practice.short, notice_minutes=10_000)
    third = await join(client, others[2], practice.short, until=spelled(at(2))[:10])
    await booked(await Api(client, others[3]).book(practice.advice, [practice.nutritionist], at(5)))
    fourth = await join(client, others[3], practice.short)
    last = await join(client, practice.patient, practice.short)

    await cancel(client, practice.other, visit)

    async with db.begin(build.BUILDER) as tx:
        rows = (await tx.execute(select(passing.c.entry, passing.c.reason))).all()
        [entry] = (await tx.execute(select(offer.c.entry))).scalars()
    assert last["id"] == str(entry)
    assert {
        first["id"]: "not_their_hours",
        second["id"]: "too_short_notice",
        third["id"]: "not_their_days",
        fourth["id"]: "patient_busy",
    } == {str(one.entry): one.reason for one in rows}


async def test_at_night_nobody_is_asked_and_the_time_is_looked_at_again_in_the_morning(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    always_night = replace(
        GENEROUS, quiet_from=datetime.min.time(), quiet_until=datetime.max.time().replace(microsecond=0)
    )
    async with db.begin(build.BUILDER) as tx:
        await catalogue.set_policy(tx, always_night)
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)

    await cancel(client, practice.other, visit)

    async with db.begin(build.BUILDER) as tx:
        jobs = (
            await tx.execute(text("select payload, run_at > now() from jobs_job where kind = 'waitlist.look'"))
        ).all()
        await catalogue.set_policy(tx, AWAKE)
    assert [] == await offers_of(client, practice.patient)
    assert await is_free(client, practice, at(5))
    assert [True] == [row[1] for row in jobs]
    await waitlist.look(jobs[0][0])
    assert 1 == len(await offers_of(client, practice.patient))


async def test_a_moved_visit_leaves_its_old_time_to_who_waits(client: Client, practice: Practice) -> None:
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)

    await booked(
        await Api(client, practice.other).post(
            f"/api/v1/appointments/{visit['id']}/reschedule", {"start": spelled(at(6)), "version": 1}
        )
    )

    assert [spelled(at(5))] == [one["start"] for one in await offers_of(client, practice.patient)]


async def test_new_hours_are_offered_and_what_was_free_before_is_not(
    client: Client, practice: Practice, waitlist: Waitlist, db: Database
) -> None:
    await join(client, practice.patient, practice.short)
    amara = Api(client, practice.consultant)
    day = spelled(at(9))[:10]
    week = {"weekdays": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "start": "08:00", "end": "18:00"}
    extra = {"start": f"{day}T20:00", "end": f"{day}T21:00", "kind": "extra"}

    answer = await amara.put(
        f"/api/v1/practitioners/{practice.consultant.id}/availability",
        {"zone": "UTC", "rules": [week], "exceptions": [extra]},
    )

    assert 200 == answer.status, await answer.text()
    async with db.begin(build.BUILDER) as tx:
        [payload] = (await tx.execute(text("select payload from jobs_job where kind = 'waitlist.look'"))).scalars()
    await waitlist.look(payload)
    assert [f"{day}T20:00:00Z"] == [one["start"] for one in await offers_of(client, practice.patient)]


async def test_a_kept_time_that_is_given_back_goes_to_who_came_meanwhile(
    client: Client, practice: Practice, waitlist: Waitlist, db: Database
) -> None:
    tom = Api(client, practice.other)
    before = await build.person(db, "patient", "Mei Tanaka", "Europe/Berlin")
    await join(client, before, practice.short)
    held = await (await tom.hold(practice.short, [practice.consultant], at(5))).json()
    await join(client, practice.patient, practice.short)

    answer = await client.delete(f"/api/v1/holds/{held['id']}", headers=tom.who.bearer)

    assert 204 == answer.status
    async with db.begin(build.BUILDER) as tx:
        payloads = (
            await tx.execute(text("select payload from jobs_job where kind = 'waitlist.look' and run_at <= now()"))
        ).scalars()
        [payload] = payloads
    await waitlist.look(payload)
    assert [] == await offers_of(client, before)
    assert [spelled(at(5))] == [one["start"] for one in await offers_of(client, practice.patient)]


async def test_leaving_the_list_hands_the_offer_on(client: Client, practice: Practice, db: Database) -> None:
    visit = await full_hour(client, practice, at(5))
    second = await build.person(db, "patient", "Mei Tanaka", "Europe/Berlin")
    entry = await join(client, practice.patient, practice.short)
    await join(client, second, practice.short)
    await cancel(client, practice.other, visit)

    answer = await client.delete(f"/api/v1/waitlist/{entry['id']}", headers=practice.patient.bearer)

    assert 204 == answer.status
    assert 1 == len(await offers_of(client, second))


async def test_a_guardian_answers_for_the_patient_and_a_stranger_finds_nothing(
    client: Client, practice: Practice, db: Database
) -> None:
    visit = await full_hour(client, practice, at(5))
    ruth = await build.guardian(db, practice.patient)
    entry = await join(client, ruth, practice.short, patient=str(practice.patient.id))
    await cancel(client, practice.other, visit)
    [offered] = await offers_of(client, ruth)
    path = f"/api/v1/waitlist/offers/{offered['id']}/accept"

    stranger = await Api(client, practice.other).post(path, {})
    made = await booked(await Api(client, ruth).post(path, {}))

    assert 404 == stranger.status
    assert (str(practice.patient.id), str(practice.patient.id)) == (made["patient"], entry["patient"])


async def test_somebody_waits_once_for_each_kind_of_visit(client: Client, practice: Practice) -> None:
    entry = await join(client, practice.patient, practice.short)

    again = await Api(client, practice.patient).post("/api/v1/waitlist", {"service": str(practice.short)})

    assert (409, "already_waiting") == await refused(again)
    assert entry["id"] == (await again.json())["current"]["id"]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"windows": [{"weekdays": ["MO"], "start": "09:00", "end": "09:00"}]}, "windows.0.end"),
        ({"from": "2027-02-01", "until": "2027-01-01"}, "until"),
        ({"until": "2020-01-01"}, "until"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"language": "<b>"}, "language"),
        ({"wish": "soon"}, "wish"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_told_so(
    client: Client, practice: Practice, wish: dict[str, Any], field: str
) -> None:
    answer = await Api(client, practice.patient).post("/api/v1/waitlist", {"service": str(practice.short), **wish})

    assert 422 == answer.status
    assert field in [one["field"] for one in (await answer.json())["errors"]]


async def test_the_patient_hears_of_an_offer_by_event_and_by_a_neutral_mail(
    client: Client, practice: Practice, db: Database, worker: None
) -> None:
    visit = await full_hour(client, practice, at(5))
    await join(client, practice.patient, practice.short)
    await cancel(client, practice.other, visit)

    async with asyncio.timeout(20):
        while True:
            async with db.begin(build.BUILDER) as tx:
                told = await tx.scalar(text("select count(*) from notices_notice where kind = 'waitlist.offer'"))
                types = (await tx.execute(select(item.c.type).where(item.c.account == practice.patient.id))).scalars()
                if told and "waitlist.offered" in list(types):
                    break
            await asyncio.sleep(0.05)


async def test_two_workers_at_once_make_one_offer_of_a_time_and_one_to_an_entry(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    await _two_workers(client, practice, db, waitlist, rounds=2)


@pytest.mark.long
async def test_two_workers_at_once_two_hundred_times(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    await _two_workers(client, practice, db, waitlist, rounds=200)


async def _two_workers(client: Client, practice: Practice, db: Database, waitlist: Waitlist, *, rounds: int) -> None:
    people = [await build.person(db, "patient", f"Number {number}", "UTC") for number in range(3)]
    for number in range(rounds):
        start = at(2 + number // 10, f"{8 + number % 10:02}:00")
        entries = [await join(client, one, practice.short) for one in people]
        freed = Freed(frozenset({practice.consultant.id}), start, start + timedelta(minutes=30))

        await asyncio.gather(*(waitlist.look(freed.payload()) for _ in range(4)))

        async with db.begin(build.BUILDER) as tx:
            made = (await tx.execute(select(offer.c.patient).where(offer.c.ended_at.is_(None)))).scalars()
            assert [people[0].id] == list(made)
        for one, entry in reversed(list(zip(people, entries, strict=True))):
            assert 204 == (await client.delete(f"/api/v1/waitlist/{entry['id']}", headers=one.bearer)).status


async def test_accept_against_lapse_has_one_winner(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    await _accept_against_lapse(client, practice, db, waitlist, rounds=2)


@pytest.mark.long
async def test_accept_against_lapse_two_hundred_times(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    await _accept_against_lapse(client, practice, db, waitlist, rounds=200)


async def _accept_against_lapse(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist, *, rounds: int
) -> None:
    other = await build.person(db, "patient", "Mei Tanaka", "UTC")
    for number in range(rounds):
        start = at(2 + number // 10, f"{8 + number % 10:02}:00")
        visit = await full_hour(client, practice, start)
        await join(client, practice.patient, practice.short)
        entry = await join(client, other, practice.short)
        await cancel(client, practice.other, visit)
        [offered] = await offers_of(client, practice.patient)
        await _end_in(db, offered["id"], timedelta(milliseconds=8 * (number % 5)))
        path = f"/api/v1/waitlist/offers/{offered['id']}/accept"
        answer, _ = await asyncio.gather(
            Api(client, practice.patient).post(path, {}), _lapse_until_ended(db, waitlist, offered["id"])
        )
        follow = await offers_of(client, other)

        assert answer.status in (201, 410), await answer.text()
        assert (answer.status == 410) == (len(follow) == 1)
        assert not await is_free(client, practice, start)
        await client.delete(f"/api/v1/waitlist/{entry['id']}", headers=other.bearer)
        if answer.status == 201:
            await cancel(client, practice.patient, await answer.json())
        else:
            [mine] = (await (await Api(client, practice.patient).get("/api/v1/waitlist")).json())["items"]
            await client.delete(f"/api/v1/waitlist/{mine['id']}", headers=practice.patient.bearer)


async def _end_in(db: Database, offer_id: str, length: timedelta) -> None:
    async with db.begin(build.BUILDER) as tx:
        until = (await tx.scalar(select(func.statement_timestamp()))) + length
        hold = await tx.scalar(
            update(offer).where(offer.c.id == UUID(offer_id)).values(expires_at=until).returning(offer.c.hold)
        )
        await tx.execute(
            text("update scheduling_hold set expires_at = :until where id = :hold").bindparams(until=until, hold=hold)
        )


async def _lapse_until_ended(db: Database, waitlist: Waitlist, offer_id: str) -> None:
    async with asyncio.timeout(30):
        while True:
            await waitlist.lapse(UUID(offer_id))
            async with db.begin(build.BUILDER) as tx:
                if await tx.scalar(select(offer.c.ended).where(offer.c.id == UUID(offer_id))):
                    return


async def test_accepting_against_leaving_ends_as_one_of_them(client: Client, practice: Practice) -> None:
    await _accept_against_leave(client, practice, rounds=2)


@pytest.mark.long
async def test_accepting_against_leaving_two_hundred_times(client: Client, practice: Practice) -> None:
    await _accept_against_leave(client, practice, rounds=200)


async def _accept_against_leave(client: Client, practice: Practice, *, rounds: int) -> None:
    for number in range(rounds):
        start = at(2 + number // 10, f"{8 + number % 10:02}:00")
        visit = await full_hour(client, practice, start)
        entry = await join(client, practice.patient, practice.short)
        await cancel(client, practice.other, visit)
        [offered] = await offers_of(client, practice.patient)
        accepting, leaving = await asyncio.gather(
            Api(client, practice.patient).post(f"/api/v1/waitlist/offers/{offered['id']}/accept", {}),
            client.delete(f"/api/v1/waitlist/{entry['id']}", headers=practice.patient.bearer),
        )

        assert (accepting.status, leaving.status) in {(201, 404), (201, 409), (410, 204)}
        assert (accepting.status == 410) == await is_free(client, practice, start)
        if accepting.status == 201:
            await cancel(client, practice.patient, await accepting.json())


async def test_the_list_sweeps_what_is_over(
    client: Client, practice: Practice, db: Database, waitlist: Waitlist
) -> None:
    await join(client, practice.patient, practice.short, until=spelled(at(3))[:10])
    async with db.begin(build.BUILDER) as tx:
        await tx.execute(update(waiting).values(from_day=None, until_day=at(-2).date()))

    await waitlist.sweep()

    async with db.begin(build.BUILDER) as tx:
        assert ["over"] == list((await tx.execute(select(waiting.c.ended))).scalars())
