"""How people want to be reached, and the numbers they showed to be their own."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.errors import FieldError, Invalid, TooMany
from telegut.notices.choices.tables import choice
from telegut.notices.push import devices
from telegut.notices.rules import Channel
from telegut.notices.tables import contact, mobile_code

KEY_PURPOSE: Final = "telegut mobile number codes v1"
CODE_LASTS: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
CODES_AN_HOUR: Final = 4
"""Codes that one person may have sent within an hour: somebody else's telephone is not ours to ring."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SEPARATORS = re.compile(r"[\s()./-]")


class Choice(StrEnum):
    """How somebody wants to be reminded."""

    MAIL = "mail"
    SMS = "sms"
    BOTH = "both"
    NONE = "none"


class WrongCode(Invalid):
    """This is not the code that we sent last, or it is too old. You can have a new one sent."""


@dataclass(frozen=True, slots=True)
class Contact:
    """
    How one person is reached.

    reminders: None when they never chose: patients' side then gets mail, practitioners nothing. changes_by_mail: for
    practitioners. mobile: E.164. push: whether there are devices that remind of visits.
    """

    reminders: Choice | None = None
    changes_by_mail: bool = False
    mobile: str | None = None
    verified: bool = False
    push: bool = False

    @property
    def number(self) -> str | None:
        """Where text messages go; None: nowhere."""
        return self.mobile if self.verified else None

    def channels(self, *, practitioner: bool, gateway: bool) -> frozenset[Channel]:
        """How a reminder reaches them now. Who wants text messages that cannot be had gets a mail."""
        chosen = self.reminders or (Choice.NONE if practitioner else Choice.MAIL)
        pushes = {Channel.PUSH} if self.push and (self.reminders is not None or not practitioner) else set()
        if chosen is Choice.NONE:
            return frozenset(pushes)
        by_text = chosen in (Choice.SMS, Choice.BOTH) and gateway and self.number is not None
        texts = {Channel.SMS} if by_text else set()
        mails = {Channel.MAIL} if chosen in (Choice.MAIL, Choice.BOTH) or not by_text else set()
        return frozenset(texts | mails | pushes)


def parse_mobile(text: str) -> str:
    """
    A number as people write it, as E.164 (ITU-T E.164): ``+49 151 234-567 89`` → ``+4915123456789``.

    Raises:
        Invalid: it has no country code, or is no number.
    """
    number = _SEPARATORS.sub("", text.strip())
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not _E164.fullmatch(number):
        message = "Write the number with its country code, such as +49 151 23456789."
        raise Invalid(errors=[FieldError("mobile", message)])
    return number


def code_of(key: bytes, challenge: UUID) -> str:
    """The six digits of a challenge: derived (HMAC-SHA-256, truncated as RFC 4226, 5.3), so that none are stored."""
    digest = hmac.digest(key, challenge.bytes, hashlib.sha256)
    at = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


async def of(tx: Transaction, person: UUID) -> Contact:
    """How *person* is reached."""
    return (await of_all(tx, [person]))[person]


async def of_all(tx: Transaction, people: list[UUID]) -> dict[UUID, Contact]:
    """
    How each of *people* is reached; who never chose is there too.

    Devices are known in telegut's own work and to their owner alone; elsewhere it looks as if there were none.
    """
    rows = await tx.execute(select(contact).where(contact.c.person.in_(people)))
    found = {row.person: _contact(row) for row in rows}
    reminded = await _reminded(tx, people)
    return {one: replace(found.get(one, Contact()), push=one in reminded) for one in people}


async def _reminded(tx: Transaction, people: list[UUID]) -> set[UUID]:
    """Whose devices remind of visits: those who have one and did not say no."""
    owners = await devices.owners(tx, people)
    if not owners:
        return owners
    said_no = select(choice.c.person).where(choice.c.person.in_(owners), ~choice.c.visit_push)
    return owners - set((await tx.execute(said_no)).scalars())


def _contact(row: Row[Any]) -> Contact:
    return Contact(Choice(row.reminders), row.changes_by_mail, row.mobile, row.verified_at is not None)


async def choose(
    tx: Transaction, person: UUID, reminders: Choice, *, changes_by_mail: bool, mobile: str | None
) -> None:
    """Keep how *person* wants to be reached. Another number has to be shown to be theirs anew."""
    now = func.statement_timestamp()
    values = {"reminders": reminders.value, "changes_by_mail": changes_by_mail, "mobile": mobile, "changed_at": now}
    same = contact.c.mobile.is_not_distinct_from(mobile)
    verified_at = select(contact.c.verified_at).where(contact.c.person == person, same).scalar_subquery()
    keep = {**values, "verified_at": verified_at}
    await tx.execute(
        insert(contact).values(person=person, **values).on_conflict_do_update(index_elements=["person"], set_=keep)
    )


async def challenge(tx: Transaction, person: UUID, mobile: str) -> UUID:
    """
    A new challenge for a number; the one before no longer counts.

    Raises:
        TooMany: enough codes were sent within the hour.
    """
    now = func.statement_timestamp()
    mine = mobile_code.c.person == person
    await tx.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(f"mobile code {person}", 0))))
    await tx.execute(delete(mobile_code).where(mine, mobile_code.c.made_at < now - timedelta(hours=1)))
    if int(await tx.scalar(select(func.count()).where(mine)) or 0) >= CODES_AN_HOUR:
        raise TooMany("We have sent several codes already. Please wait an hour.", retry_after=3600)
    row = {"id": new_id(), "person": person, "mobile": mobile, "made_at": now, "expires_at": now + CODE_LASTS}
    made: UUID = await tx.scalar(insert(mobile_code).values(row).returning(mobile_code.c.id))
    return made


async def number_to_check(tx: Transaction, challenge_id: UUID) -> str | None:
    """Where the code of an open challenge goes."""
    found: str | None = await tx.scalar(
        select(mobile_code.c.mobile).where(
            mobile_code.c.id == challenge_id,
            mobile_code.c.used_at.is_(None),
            mobile_code.c.expires_at > func.statement_timestamp(),
        )
    )
    return found


async def try_code(tx: Transaction, key: bytes, person: UUID, code: str) -> bool:
    """Whether *code* shows that the number is theirs. Each try counts, right or wrong; the number is verified then."""
    now = func.statement_timestamp()
    newest = (
        select(mobile_code.c.id)
        .where(mobile_code.c.person == person)
        .order_by(mobile_code.c.made_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    tried = await tx.execute(
        update(mobile_code)
        .where(
            mobile_code.c.id == newest,
            mobile_code.c.used_at.is_(None),
            mobile_code.c.expires_at > now,
            mobile_code.c.tries < CODE_TRIES,
        )
        .values(tries=mobile_code.c.tries + 1)
        .returning(mobile_code.c.id, mobile_code.c.mobile)
    )
    row = tried.one_or_none()
    if row is None or not hmac.compare_digest(code_of(key, row.id), code):
        return False
    await tx.execute(update(mobile_code).where(mobile_code.c.id == row.id).values(used_at=now))
    verified = await tx.execute(
        update(contact)
        .where(contact.c.person == person, contact.c.mobile == row.mobile)
        .values(verified_at=now)
        .returning(contact.c.person)
    )
    return verified.one_or_none() is not None
