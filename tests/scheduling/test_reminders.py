"""Reminders on a real PostgreSQL, given to a real mail server and a real SMS gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from email.message import Message
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from telegut.clock import utc_now
from telegut.composition import Foundation, Services, build_foundation, build_services
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.jobs.queue import Job, jobs
from telegut.notices import contacts
from telegut.notices import work as notices_work
from telegut.notices.contacts import Choice
from telegut.notices.tables import contact
from telegut.realtime.tables import item
from telegut.rooms import readiness
from telegut.rooms import work as rooms_work
from telegut.rooms.work import CATCH_UP_JOB, ROUND_JOB
from telegut.scheduling import appointments
from telegut.scheduling.reminders.tables import reminder
from telegut.scheduling.tables import appointment, policy
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.notices.post_office import PostOffice, post_office
from tests.notices.text_office import TOKEN, TextOffice, text_office
from tests.rooms.visits import Agreed, agree, cancel
from tests.scheduling.conftest import Client

SYSTEM = Caller.system("a test")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NUMBER = "+4915123456789"


@dataclass
class House:
    """Everything that reminds, and where it arrives."""

    base: Foundation
    services: Services
    office: PostOffice
    texts: TextOffice

    @property
    def db(self) -> Database:
        """The database."""
        return self.base.db

    async def do(self, kind: str, **payload: str) -> None:
        """Have the worker do one job now."""
        services = self.services
        known = {
            **rooms_work.jobs(services.rooms.entry, services.notices, services.reminders),
            **notices_work.jobs(services.notices),
        }
        await known[kind](Job(new_id(), kind, payload, 1))

    async def tell(self, kind: str, visit: Agreed) -> None:
        """Do the job that a booking, a move or a cancellation leaves."""
        await self.do(kind, visit=str(visit.id), appointment=str(visit.appointment))

    async def round(self) -> None:
        """Look at what is due, and have what comes of it sent."""
        await self.do(ROUND_JOB)
        await self.send()

    async def send(self) -> None:
        """Do every job of notices that waits."""
        async with self.db.begin(SYSTEM) as tx:
            rows = await tx.execute(select(jobs.c.payload).where(jobs.c.kind == "notice.mail"))
            payloads = list(rows.scalars())
        for payload in payloads:
            await self.do("notice.mail", **payload)

    async def states(self) -> Counter[tuple[int, str, str]]:
        """What became of every reminder, by minutes before and channel."""
        async with self.db.begin(SYSTEM) as tx:
            rows = await tx.execute(select(reminder.c.minutes_before, reminder.c.channel, reminder.c.state))
            return Counter((row.minutes_before, row.channel, row.state) for row in rows)


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """A house whose clinic has no quiet hours, so that tests do not depend on the hour they run at."""
    async with post_office() as office, text_office() as texts:
        wanted = replace(
            settings,
            smtp_url=office.url,
            sms_url=texts.url,
            sms_token=TOKEN,
            public_url="https://clinic.example",
        )
        base = build_foundation(wanted)
        async with base.db.begin(SYSTEM) as tx:
            await tx.execute(update(policy).values(quiet_from=time(0), quiet_until=time(0)))
        yield House(base, build_services(base), office, texts)
        await base.db.dispose()


async def set_appointment(db: Database, visit: Agreed, **values: Any) -> None:
    """Change the row beside everything."""
    async with db.begin(SYSTEM) as tx:
        await tx.execute(update(appointment).where(appointment.c.id == visit.appointment).values(**values))


async def booked(
    house: House, starts_in: timedelta, *, ago: timedelta = 10 * DAY, patient: Account | None = None
) -> Agreed:
    """A visit that was booked some time ago and whose reminders are planned; nobody was told yet."""
    visit = await agree(house.db, patient, starts_in=starts_in)
    await set_appointment(house.db, visit, changed_at=utc_now() - ago, booked_at=utc_now() - ago)
    await plan(house, visit)
    return visit


async def plan(house: House, visit: Agreed) -> None:
    """Keep the visit's reminders."""
    async with house.db.begin(SYSTEM) as tx:
        await house.services.reminders.plan(tx, await appointments.one(tx, visit.appointment))


async def choose(house: House, who: Account, choice: Choice, *, verified: bool = True, mails: bool = False) -> None:
    """How somebody wants to be reminded."""
    async with house.db.begin(SYSTEM) as tx:
        await contacts.choose(tx, who.id, choice, changes_by_mail=mails, mobile=NUMBER)
        if verified:
            await tx.execute(update(contact).values(verified_at=utc_now()))


def subjects(taken: Iterable[tuple[str, Message]]) -> list[tuple[str, str]]:
    return [(to, str(mail["Subject"])) for to, mail in taken]


def body_of(mail: Message) -> str:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    payload = parts[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


async def test_a_reminder_is_sent_once_when_it_is_due_with_the_readers_own_link(house: House) -> None:
    visit = await booked(house, DAY - MINUTE)

    for _ in range(3):
        await house.round()

    ((to, mail),) = house.office.taken
    words = body_of(mail)
    assert (visit.patient.email, "Your appointment") == (to, mail["Subject"])
    assert words.startswith("Your appointment is on ")
    assert "Say that you will be there, and check camera and sound before:\nhttps://clinic.example/j/" in words
    assert {
        (1440, "mail", "sent"): 1,
        (1440, "sms", "unwanted"): 1,
        (1440, "push", "unwanted"): 1,
        (60, "mail", "waiting"): 1,
        (60, "sms", "waiting"): 1,
        (60, "push", "waiting"): 1,
    } == await house.states()


async def test_what_is_not_due_is_not_sent(house: House) -> None:
    await booked(house, DAY + 5 * MINUTE)

    await house.round()

    assert [] == house.office.taken


async def test_a_reminder_that_would_be_due_before_the_booking_is_never_sent(house: House) -> None:
    """A reminder for a day before, of a visit that was booked a day ahead (S16)."""
    await booked(house, DAY, ago=timedelta(0))

    await house.round()

    assert [] == house.office.taken
    assert 1 == (await house.states())[(1440, "mail", "passed")]


async def test_a_cancelled_visit_is_not_reminded_of(house: House) -> None:
    visit = await booked(house, DAY - MINUTE)
    await cancel(house.db, visit)

    await house.round()

    assert [] == house.office.taken


async def test_a_moved_visit_is_reminded_of_at_its_new_time_once_a_revision(house: House) -> None:
    visit = await booked(house, DAY - MINUTE)
    start = utc_now() + HOUR - MINUTE
    times = {"start_at": start, "end_at": start + 30 * MINUTE}
    await set_appointment(house.db, visit, sequence=1, version=2, changed_at=utc_now() - 2 * DAY, **times)
    await house.round()
    before = list(house.office.taken)
    await house.tell("appointment.moved", visit)
    await house.round()

    assert [] == before  # the old one is stale; the new one is not planned yet
    assert ["Your appointment has a new time", "Your appointment"] == [
        str(mail["Subject"]) for _, mail in house.office.taken
    ]
    assert 1 == (await house.states())[(1440, "mail", "superseded")]


async def test_a_reminder_that_waits_for_the_mail_server_is_asked_again_before_it_leaves(house: House) -> None:
    visit = await booked(house, HOUR - MINUTE)
    await house.do(ROUND_JOB)
    await cancel(house.db, visit)
    await house.send()

    assert [] == house.office.taken


async def test_of_two_that_are_due_the_nearer_one_is_enough(house: House) -> None:
    await booked(house, 50 * MINUTE)

    await house.round()

    assert 1 == len(house.office.taken)
    states = await house.states()
    assert (1, 1) == (states[1440, "mail", "superseded"], states[60, "mail", "sent"])


@pytest.mark.parametrize("chose", [False, True])
async def test_guardians_are_reminded_too_and_practitioners_only_when_they_chose_it(house: House, chose: bool) -> None:
    clinic = await build.clinic(house.db)
    if chose:
        await choose(house, clinic.consultant, Choice.MAIL)
    visit = await agree(house.db, clinic.patient, clinic.consultant, starts_in=HOUR - MINUTE)
    await set_appointment(house.db, visit, changed_at=utc_now() - 10 * DAY)
    await plan(house, visit)

    await house.round()

    reached = {clinic.patient.email, clinic.guardian.email} | ({clinic.consultant.email} if chose else set())
    assert reached == {to for to, _ in house.office.taken}


async def test_a_text_message_goes_to_a_verified_number_that_wants_it(house: House) -> None:
    visit = await booked(house, HOUR - MINUTE)
    await choose(house, visit.patient, Choice.SMS)

    await house.round()

    ((_, message),) = house.texts.taken.items()
    assert NUMBER == message["to"]
    assert message["text"].startswith("Your appointment is on ")
    assert "https://clinic.example/j/" in message["text"]
    assert [] == house.office.taken


@pytest.mark.parametrize(
    ("choice", "verified", "mails", "texts"),
    [
        (Choice.MAIL, True, 1, 0),
        (Choice.BOTH, True, 1, 1),
        (Choice.NONE, True, 0, 0),
        (Choice.SMS, False, 1, 0),  # nobody showed that the number is theirs: a mail instead
        (Choice.BOTH, False, 1, 0),
    ],
)
async def test_everybody_is_reminded_as_they_chose(
    house: House, choice: Choice, verified: bool, mails: int, texts: int
) -> None:
    visit = await booked(house, HOUR - MINUTE)
    await choose(house, visit.patient, choice, verified=verified)

    await house.round()

    assert (mails, texts) == (len(house.office.taken), len(house.texts.taken))


async def test_a_text_message_that_no_gateway_takes_goes_by_mail_instead(house: House) -> None:
    visit = await booked(house, HOUR - MINUTE)
    await choose(house, visit.patient, Choice.SMS)
    house.texts.moods.append(422)

    await house.round()
    await house.send()

    assert ([(visit.patient.email, "Your appointment")], {}) == (subjects(house.office.taken), house.texts.taken)


async def test_a_text_message_waits_through_the_quiet_hours(house: House) -> None:
    patient = await build.person(house.db, "patient", zone="UTC")
    visit = await booked(house, HOUR - MINUTE, patient=patient)
    await choose(house, visit.patient, Choice.SMS)
    await house.do(ROUND_JOB)
    now = datetime.now(UTC)
    quiet = {"quiet_from": (now - HOUR).time(), "quiet_until": (now + HOUR).time()}
    async with house.db.begin(SYSTEM) as tx:
        await tx.execute(update(policy).values(**quiet))
    await house.send()
    by_night = dict(house.texts.taken)
    async with house.db.begin(SYSTEM) as tx:
        await tx.execute(update(policy).values(quiet_from=time(0), quiet_until=time(0)))
    await house.send()

    assert ({}, 1) == (by_night, len(house.texts.taken))


async def test_who_passed_the_check_is_told_so(house: House) -> None:
    visit = await booked(house, HOUR - MINUTE)
    await readiness.passed(house.services.rooms.rooms, visit.patient.caller, visit.id)

    await house.round()

    assert "Your camera and sound were checked." in body_of(house.office.taken[0][1])


async def test_no_visit_is_forgotten_whatever_was_killed_in_between(house: House) -> None:
    visit = await agree(house.db, starts_in=HOUR + 2 * MINUTE)
    await set_appointment(house.db, visit, changed_at=utc_now() - 10 * DAY)

    for _ in range(2):
        await house.do(CATCH_UP_JOB)

    assert {
        (1440, "mail", "passed"): 1,
        (1440, "sms", "passed"): 1,
        (1440, "push", "passed"): 1,
        (60, "mail", "waiting"): 1,
        (60, "sms", "waiting"): 1,
        (60, "push", "waiting"): 1,
    } == await house.states()


async def test_a_new_kind_of_reminder_mails_nobody_for_times_that_are_past(house: House) -> None:
    await booked(house, 3 * HOUR)
    async with house.db.begin(SYSTEM) as tx:
        await tx.execute(update(policy).values(reminder_minutes=[300, 60]))

    await house.do(CATCH_UP_JOB)
    await house.round()

    assert [] == house.office.taken
    assert 1 == (await house.states())[(300, "mail", "passed")]


async def test_a_visit_goes_into_calendars_by_mail_and_out_again(house: House) -> None:
    visit = await booked(house, 3 * DAY)
    await choose(house, visit.consultant, Choice.NONE, mails=True)
    await house.tell("appointment.booked", visit)
    start = visit.start + HOUR
    moved = {"start_at": start, "end_at": start + 30 * MINUTE, "sequence": 1, "version": 2}
    await house.send()
    await set_appointment(house.db, visit, **moved)
    await house.tell("appointment.moved", visit)
    await house.send()
    ended = {"status": "cancelled", "cancelled_at": utc_now(), "sequence": 2, "version": 3}
    await set_appointment(house.db, visit, **ended)
    await house.tell("appointment.cancelled", visit)
    await house.send()

    for who in (visit.patient, visit.consultant):
        mails = [mail for to, mail in house.office.taken if to == who.email]
        assert 3 == len(mails)
        found = [_invitation(mail) for mail in mails]
        assert ["REQUEST", "REQUEST", "CANCEL"] == [method for method, _ in found]
        assert [0, 1, 2] == [int(event["SEQUENCE"]) for _, event in found]
        assert 1 == len({str(event["UID"]) for _, event in found})
        assert {f"mailto:{who.email}"} == {str(event["ATTENDEE"]) for _, event in found}


def _invitation(mail: Message) -> tuple[str, Any]:
    """The method and event of the calendar file in a mail: the same in the MIME type and in the file, twice."""
    kinds = [part.get_content_type() for part in mail.walk()]
    assert [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "application/ics",
    ] == kinds
    part, file = (one for one in mail.walk() if one.get_content_type() in ("text/calendar", "application/ics"))
    payloads = [one.get_payload(decode=True) for one in (part, file)]
    assert isinstance(payloads[0], bytes)
    assert isinstance(payloads[1], bytes)
    assert payloads[0].split() == payloads[1].split()
    parsed = Calendar.from_ical(payloads[0])
    assert part.get_param("method") == str(parsed["METHOD"])
    return str(parsed["METHOD"]), parsed.walk("VEVENT")[0]


async def test_a_booking_that_was_moved_before_anybody_was_told_is_told_once_as_it_is(house: House) -> None:
    visit = await booked(house, 3 * DAY)
    await set_appointment(house.db, visit, sequence=1, version=2)

    for kind in ("appointment.booked", "appointment.moved", "appointment.moved"):
        await house.tell(kind, visit)
    await house.send()

    assert [(visit.patient.email, "Your appointment has a new time")] == subjects(house.office.taken)


async def confirmed(house: House, client: Client, visit: Agreed, who: Account) -> tuple[int, Any]:
    """Say that one will be there; the status and the answer."""
    path = f"/api/v1/appointments/{visit.appointment}/confirm"
    async with client.post(path, json={}, headers=who.bearer) as answer:
        return answer.status, await answer.json()


async def test_somebody_says_that_they_will_be_there_once_for_each_time(house: House, client: Client) -> None:
    clinic = await build.clinic(house.db)
    visit = await agree(house.db, clinic.patient, clinic.consultant, starts_in=DAY)

    first, again = [await confirmed(house, client, visit, clinic.patient) for _ in range(2)]
    await set_appointment(house.db, visit, sequence=1, version=2)
    async with client.get(f"/api/v1/appointments/{visit.appointment}", headers=clinic.consultant.bearer) as answer:
        moved = await answer.json()
    after, _ = await confirmed(house, client, visit, clinic.guardian)

    assert (200, 200, 200) == (first[0], again[0], after)
    assert first[1]["confirmed_at"] == again[1]["confirmed_at"] is not None
    assert None is moved["confirmed_at"]
    async with house.db.begin(SYSTEM) as tx:
        row = (await tx.execute(select(appointment.c.confirmed_by, appointment.c.confirmed_sequence))).one()
        told = await tx.execute(select(item.c.account).where(item.c.type == "appointment.confirmed"))
        assert 2 == list(told.scalars()).count(clinic.consultant.id)
    assert (clinic.guardian.id, 1) == (row.confirmed_by, row.confirmed_sequence)


async def test_only_the_patients_side_says_it_and_only_before_the_visit(house: House, client: Client) -> None:
    clinic = await build.clinic(house.db)
    ahead = await agree(house.db, clinic.patient, clinic.consultant, starts_in=DAY)
    begun = await agree(house.db, clinic.patient, clinic.consultant, starts_in=-HOUR)
    off = await agree(house.db, clinic.patient, clinic.consultant, starts_in=2 * DAY)
    await cancel(house.db, off)

    refused = {who: (await confirmed(house, client, ahead, getattr(clinic, who)))[0] for who in ("consultant", "admin")}
    late = [(await confirmed(house, client, visit, clinic.patient))[0] for visit in (begun, off)]

    assert {"consultant": 403, "admin": 404} == refused
    assert [409, 409] == late


async def test_a_personal_link_is_enough_to_say_it(house: House, client: Client) -> None:
    visit, other = await agree(house.db, starts_in=DAY), await agree(house.db, starts_in=DAY)
    async with house.db.begin(SYSTEM) as tx:
        path = (await house.services.rooms.entry.paths(tx, visit.id))[visit.patient.id]
    statuses = []
    async with client.get(path) as page:
        cookie, text = page.cookies["telegut-visit"].value, await page.text()
    csrf = text.split('name="csrf" content="')[1].split('"')[0]
    headers = {"Cookie": f"telegut-visit={cookie}", "X-CSRF-Token": csrf}
    headers["Origin"] = str(client.make_url("")).rstrip("/")
    for one in (visit, other):
        async with client.post(f"/api/v1/appointments/{one.appointment}/confirm", json={}, headers=headers) as answer:
            statuses.append(answer.status)

    assert [200, 404] == statuses
