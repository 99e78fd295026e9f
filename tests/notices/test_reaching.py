"""How somebody chooses to be reached, and shows that a number is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from telegut.composition import build_foundation, build_services
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.ids import new_id
from telegut.errors import Invalid, TooMany
from telegut.jobs.queue import Job, jobs
from telegut.notices.contacts import CODE_TRIES, CODES_AN_HOUR, Choice, Contact, WrongCode, code_of, parse_mobile
from telegut.notices.reaching import CODE_JOB, NoTextMessages, Reaching
from telegut.notices.rules import Channel
from telegut.notices.tables import mobile_code
from telegut.notices.work import code_jobs
from telegut.settings import Settings
from tests import build
from tests.build import Account
from tests.notices.text_office import TOKEN, TextOffice, text_office

SYSTEM = Caller.system("a test")
_HOUR = timedelta(hours=1)
NUMBER = "+4915123456789"
MAIL, SMS = Channel.MAIL, Channel.SMS


@pytest.fixture
async def office() -> AsyncIterator[TextOffice]:
    """The gateway."""
    async with text_office() as made:
        yield made


@pytest.fixture
async def reaching(settings: Settings, office: TextOffice) -> AsyncIterator[Reaching]:
    """A clinic that sends text messages."""
    base = build_foundation(replace(settings, sms_url=office.url, sms_token=TOKEN))
    yield build_services(base).reaching
    await base.db.dispose()


@pytest.fixture
async def lena(db: Database) -> Account:
    """Who chooses."""
    return await build.person(db, "patient", "Lena Hartmann")


async def work(reaching: Reaching) -> None:
    """Send every code that waits."""
    async with reaching.db.begin(SYSTEM) as tx:
        payloads = list((await tx.execute(select(jobs.c.payload).where(jobs.c.kind == CODE_JOB))).scalars())
    for payload in payloads:
        await code_jobs(reaching)[CODE_JOB](Job(new_id(), CODE_JOB, payload, 1))


async def choose(reaching: Reaching, who: Account, choice: Choice = Choice.SMS, mobile: str | None = NUMBER) -> Any:
    return await reaching.choose(who.caller, choice, changes_by_mail=False, mobile=mobile)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 151 234-567 89", NUMBER),
        ("0049 151 23456789", NUMBER),
        (" +49 (151) 23.456.789 ", NUMBER),
        ("+1 212 555 0100", "+12125550100"),
    ],
)
def test_a_number_is_read_as_people_write_it(written: str, number: str) -> None:
    assert number == parse_mobile(written)


@pytest.mark.parametrize(
    "written", ["0151 23456789", "+0 151 234567", "+49", "+49 151 23456789012345", "call me", "+49x151"]
)
def test_what_is_no_number_with_a_country_code_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        parse_mobile(written)


@pytest.mark.parametrize(
    ("contact", "practitioner", "gateway", "expected"),
    [
        (Contact(), False, True, {MAIL}),
        (Contact(), True, True, set()),
        (Contact(Choice.MAIL), True, True, {MAIL}),
        (Contact(Choice.SMS, False, NUMBER, True), False, True, {SMS}),
        (Contact(Choice.SMS, False, NUMBER, True), False, False, {MAIL}),
        (Contact(Choice.SMS, False, NUMBER, False), False, True, {MAIL}),
        (Contact(Choice.BOTH, False, NUMBER, True), False, True, {MAIL, SMS}),
        (Contact(Choice.BOTH, False, NUMBER, False), False, True, {MAIL}),
        (Contact(Choice.NONE, False, NUMBER, True), False, True, set()),
    ],
)
def test_nobody_misses_a_reminder_because_text_messages_cannot_be_had(
    contact: Contact, practitioner: bool, gateway: bool, expected: set[Channel]
) -> None:
    assert expected == contact.channels(practitioner=practitioner, gateway=gateway)


def test_a_code_is_six_digits_and_another_for_each_challenge() -> None:
    codes = {code_of(bytes(32), UUID(int=n)) for n in range(100)}

    assert {6} == {len(code) for code in codes}
    assert all(code.isdigit() for code in codes)
    assert len(codes) > 95


async def test_a_number_counts_once_its_code_was_shown(reaching: Reaching, office: TextOffice, lena: Account) -> None:
    chosen = await choose(reaching, lena)
    await work(reaching)
    (text,) = office.texts
    shown = await reaching.verify(lena.caller, text[:6])
    kept = await choose(reaching, lena, Choice.BOTH)
    other = await choose(reaching, lena, mobile="+12125550100")

    assert [None, NUMBER, NUMBER, None] == [one.contact.number for one in (chosen, shown, kept, other)]


async def test_a_wrong_code_counts_and_after_a_few_none_helps(
    reaching: Reaching, office: TextOffice, lena: Account
) -> None:
    await choose(reaching, lena)
    await work(reaching)
    right = office.texts[0][:6]
    wrong = f"{(int(right) + 1) % 1_000_000:06}"

    for code in [*[wrong] * CODE_TRIES, right]:
        with pytest.raises(WrongCode):
            await reaching.verify(lena.caller, code)


async def test_an_old_code_and_somebody_elses_do_not_help(
    reaching: Reaching, office: TextOffice, lena: Account, db: Database
) -> None:
    tom = await build.person(db, "patient", "Tom Brennan")
    await choose(reaching, lena)
    await work(reaching)
    code = office.texts[0][:6]
    with pytest.raises(WrongCode):
        await reaching.verify(tom.caller, code)
    async with db.begin(SYSTEM) as tx:
        await tx.execute(
            update(mobile_code).values(
                made_at=mobile_code.c.made_at - _HOUR, expires_at=mobile_code.c.expires_at - _HOUR
            )
        )
    with pytest.raises(WrongCode):
        await reaching.verify(lena.caller, code)


async def test_somebody_elses_telephone_is_not_rung_again_and_again(reaching: Reaching, lena: Account) -> None:
    for _ in range(CODES_AN_HOUR):
        await choose(reaching, lena)

    with pytest.raises(TooMany):
        await choose(reaching, lena)


async def test_text_messages_need_a_number_and_a_gateway(reaching: Reaching, lena: Account) -> None:
    with pytest.raises(Invalid):
        await choose(reaching, lena, mobile=None)
    with pytest.raises(NoTextMessages):
        await choose(replace(reaching, gateway=None), lena)
