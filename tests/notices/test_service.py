"""Notices on a real PostgreSQL, given to a real mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from telegut.clock import utc_now
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import Invalid
from telegut.jobs.queue import Job
from telegut.notices import AppointmentNotice, Kind, Link, MessageNotice, Notice, Notices, State
from telegut.notices.answers import Away
from telegut.notices.mail import Server
from telegut.notices.service import build_notices, sender_address
from telegut.notices.work import jobs
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.notices.post_office import PostOffice, post_office

SYSTEM = Caller.system("a test")
START = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """The mail server."""
    async with post_office() as made:
        yield made


@pytest.fixture
def notices(db: Database, settings: Settings, office: PostOffice) -> Notices:
    """Notices that reach the mail server."""
    wanted = replace(settings, smtp_url=office.url, public_url="https://clinic.example", clinic_name="telegut")
    return build_notices(db, build.VAULT, utc_now, wanted)


@pytest.fixture
async def patient(db: Database) -> Account:
    """Whom the notices are for."""
    return await build.person(db, "patient", "Lena Hartmann")


async def have_sent(notices: Notices, notice: Notice) -> bool:
    async with notices.db.begin(SYSTEM) as tx:
        return await notices.send(tx, notice)


async def work(notices: Notices) -> None:
    """Do what the worker would do now."""
    async with notices.db.begin(SYSTEM) as tx:
        rows = await tx.connection.exec_driver_sql("select payload from jobs_job where kind = 'notice.mail'")
        payloads: list[dict[str, Any]] = [row.payload for row in rows]
    for payload in payloads:
        await jobs(notices)["notice.mail"](Job(new_id(), "notice.mail", payload, 1))


def message(patient: Account, conversation: UUID) -> MessageNotice:
    return MessageNotice(patient.id, patient.id, conversation)


def appointment(patient: Account, **changes: Any) -> AppointmentNotice:
    first = AppointmentNotice(
        patient.id, patient.id, Kind.APPOINTMENT_BOOKED, new_id(), 1, START, patient.zone, Link("/j/" + "s" * 22)
    )
    return replace(first, **changes)


async def test_a_message_notice_arrives_with_no_word_too_much(
    notices: Notices, patient: Account, office: PostOffice
) -> None:
    await have_sent(notices, message(patient, new_id()))

    await work(notices)

    ((to, mail),) = office.taken
    assert (patient.email, "You have a message in telegut") == (to, mail["Subject"])
    assert "You have a message in telegut." == office.bodies[0].splitlines()[0]
    assert "https://clinic.example/messages" in office.bodies[0]
    assert ("auto-generated", "telegut@clinic.example") == (mail["Auto-Submitted"], mail["From"])
    assert {State.SENT: 1} == await notices.counts(since=utc_now() - timedelta(hours=1))


async def test_it_is_said_once_until_it_was_seen(notices: Notices, patient: Account, office: PostOffice) -> None:
    conversation = new_id()

    first = [await have_sent(notices, message(patient, conversation)) for _ in range(3)]
    await work(notices)
    async with notices.db.begin(SYSTEM) as tx:
        await notices.seen(tx, patient.id, conversation)
    later = replace(notices, now=lambda: utc_now() + timedelta(minutes=16))
    second = await have_sent(later, message(patient, conversation))
    await work(later)

    assert ([True, False, False], True) == (first, second)
    assert 2 == len(office.taken)


async def test_what_was_seen_meanwhile_is_not_sent(notices: Notices, patient: Account, office: PostOffice) -> None:
    conversation = new_id()
    await have_sent(notices, message(patient, conversation))
    async with notices.db.begin(SYSTEM) as tx:
        await notices.seen(tx, patient.id, conversation)

    await work(notices)

    assert [] == office.taken


async def test_a_notice_is_mailed_once_however_often_its_job_runs(
    notices: Notices, patient: Account, office: PostOffice
) -> None:
    await have_sent(notices, message(patient, new_id()))

    for _ in range(3):
        await work(notices)

    assert 1 == len(office.taken)


async def test_a_server_that_says_later_gets_the_same_mail_later(
    notices: Notices, patient: Account, office: PostOffice
) -> None:
    await have_sent(notices, message(patient, new_id()))
    office.moods.append("451 Not now")

    with pytest.raises(Away):
        await work(notices)
    await work(notices)

    assert 1 == len(office.taken)
    row = await _only(notices)
    assert f"<{row['id']}@clinic.example>" == office.taken[0][1]["Message-ID"]
    assert "sent" == row["state"]


async def test_a_server_that_says_never_is_believed(notices: Notices, patient: Account, office: PostOffice) -> None:
    await have_sent(notices, message(patient, new_id()))
    office.moods.append("550 There is nobody called Lena with that gut feeling")

    await work(notices)

    row = await _only(notices)
    assert ("refused", "550") == (row["state"], row["problem"])


async def test_a_server_that_is_away_keeps_the_notice_waiting(
    db: Database, settings: Settings, patient: Account
) -> None:
    async with post_office() as office:
        closed = office.url
    notices = build_notices(db, build.VAULT, utc_now, replace(settings, smtp_url=closed, smtp_timeout_s=2))
    await have_sent(notices, message(patient, new_id()))

    with pytest.raises(Away):
        await work(notices)

    assert "waiting" == (await _only(notices))["state"]


async def test_without_a_mail_server_a_notice_says_so(db: Database, settings: Settings, patient: Account) -> None:
    notices = build_notices(db, build.VAULT, utc_now, settings)
    await have_sent(notices, message(patient, new_id()))

    await work(notices)

    assert {State.NOT_CONFIGURED: 1} == await notices.counts(since=utc_now() - timedelta(hours=1))


async def test_an_appointment_is_told_in_its_readers_zone_with_their_link(
    notices: Notices, patient: Account, office: PostOffice
) -> None:
    notice = appointment(patient)
    sent = [await have_sent(notices, one) for one in (notice, notice, replace(notice, version=2))]

    await work(notices)

    assert [True, False, True] == sent
    assert (
        "Your appointment is on Tuesday 24 November 2026 at 15:30 (Berlin, UTC+1)." == office.bodies[0].splitlines()[0]
    )
    assert "https://clinic.example/j/" + "s" * 22 in office.bodies[0]


async def test_a_personal_link_is_kept_sealed_and_only_until_it_was_sent(
    notices: Notices, patient: Account, database_url: str
) -> None:
    await have_sent(notices, appointment(patient))
    before = await _only(notices)
    await work(notices)
    after = await _only(notices)

    assert b"/j/" not in before["link"]
    assert None is after["link"]


async def test_the_sweep_tries_again_and_gives_up_after_a_day(
    notices: Notices, patient: Account, office: PostOffice
) -> None:
    old = replace(notices, now=lambda: utc_now() - timedelta(hours=25))
    late = replace(notices, now=lambda: utc_now() - timedelta(hours=1))
    await have_sent(old, message(patient, new_id()))
    await have_sent(late, message(patient, new_id()))
    async with notices.db.begin(SYSTEM) as tx:
        await tx.connection.exec_driver_sql("delete from jobs_job")  # parked long ago, say

    await notices.sweep()
    await work(notices)

    assert {State.REFUSED: 1, State.SENT: 1} == await notices.counts(since=utc_now() - timedelta(days=2))
    assert 1 == len(office.taken)


async def test_nobody_who_left_gets_mail(notices: Notices, patient: Account, office: PostOffice) -> None:
    await have_sent(notices, message(patient, new_id()))
    async with notices.db.begin(SYSTEM) as tx:
        await tx.connection.exec_driver_sql("update accounts_person set disabled_at = now()")

    await work(notices)

    assert [] == office.taken


@pytest.mark.parametrize("url", ["ftp://host", "smtp://", "host:25", "smtp://host:many"])
def test_an_address_that_is_no_mail_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(Invalid):
        Server.parse(url, sender="telegut@example.org", timeout_s=1)


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user", "password"),
    [
        ("smtp://host", "host", 587, False, None, None),
        ("smtps://host", "host", 465, True, None, None),
        ("smtp://a%40b:p%3Aw@host:2525", "host", 2525, False, "a@b", "p:w"),
    ],
)
def test_an_address_of_a_mail_server_is_read(
    url: str, host: str, port: int, tls: bool, user: str | None, password: str | None
) -> None:
    server = Server.parse(url, sender="telegut@example.org", timeout_s=1)

    assert server is not None
    assert (host, port, tls, user, password) == (server.host, server.port, server.tls, server.user, server.password)


@pytest.mark.parametrize(
    ("mail_from", "origin", "sender"),
    [
        ("", "https://clinic.example", "telegut@clinic.example"),
        ("", "http://127.0.0.1:8080", "telegut@127.0.0.1"),
        ("Practice <hello@clinic.example>", "https://x.example", "Practice <hello@clinic.example>"),
    ],
)
def test_who_mails_come_from(mail_from: str, origin: str, sender: str) -> None:
    assert sender == sender_address(mail_from, origin)


async def _only(notices: Notices) -> asyncpg.Record | Any:
    async with notices.db.begin(SYSTEM) as tx:
        return (await tx.connection.exec_driver_sql("select * from notices_notice")).mappings().one()
