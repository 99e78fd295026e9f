"""Codes: right ones, used ones, and the same one from everywhere at once."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select

from telegut.accounts.second_factor import SecondFactor, matching_step, new_secret
from telegut.accounts.tables import person
from telegut.db.engine import Database
from telegut.db.sealed import Tampered
from tests import build

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "eight_digits"),
    [(59, "94287082"), (1_111_111_109, "07081804"), (1_234_567_890, "89005924"), (2_000_000_000, "69279037")],
)
def test_the_codes_are_those_of_rfc_6238(at: int, eight_digits: str) -> None:
    now = datetime.fromtimestamp(at, UTC)

    assert at // 30 == matching_step(RFC_SECRET, eight_digits[-6:], now)


@pytest.mark.parametrize(("seconds", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phone_s_clock_may_be_one_step_off(seconds: int, fits: bool) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOON + timedelta(seconds=seconds))

    assert fits == (matching_step(RFC_SECRET, code, NOON) is not None)


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "1234567", "١٢٣٤٥٦", "000000 or 1=1"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert matching_step(RFC_SECRET, code, NOON) is None


def test_spaces_as_apps_show_them_are_read() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOON)

    assert matching_step(RFC_SECRET, f"{code[:3]} {code[3:]}", NOON) is not None


def test_a_new_secret_is_160_bits() -> None:
    assert 20 == len(base64.b32decode(new_secret()))
    assert new_secret() != new_secret()


def test_a_secret_opens_for_its_own_account_only() -> None:
    factor = SecondFactor(build.ROOT_KEY)
    sealed = factor.seal(UUID(int=1), RFC_SECRET)

    assert RFC_SECRET == factor.open(UUID(int=1), sealed)
    with pytest.raises(Tampered):
        factor.open(UUID(int=2), sealed)


async def test_a_code_works_once(db: Database) -> None:
    factor = SecondFactor(build.ROOT_KEY)
    amara = await build.person(db, "consultant", otp_secret=RFC_SECRET)
    code = pyotp.TOTP(RFC_SECRET).at(NOON)

    assert [True, False] == [await _use(db, factor, amara, code) for _ in range(2)]


async def test_the_code_before_a_used_one_is_used_up_too(db: Database) -> None:
    factor = SecondFactor(build.ROOT_KEY)
    amara = await build.person(db, "consultant", otp_secret=RFC_SECRET)
    earlier, now = (pyotp.TOTP(RFC_SECRET).at(NOON - timedelta(seconds=back)) for back in (30, 0))

    assert await _use(db, factor, amara, now)
    assert not await _use(db, factor, amara, earlier)


async def test_the_same_code_from_everywhere_at_once_works_once(db: Database) -> None:
    factor = SecondFactor(build.ROOT_KEY)
    amara = await build.person(db, "consultant", otp_secret=RFC_SECRET)
    code = pyotp.TOTP(RFC_SECRET).at(NOON)

    used = await asyncio.gather(*(_use(db, factor, amara, code) for _ in range(16)))

    assert 1 == used.count(True)


async def _use(db: Database, factor: SecondFactor, account: build.Account, code: str) -> bool:
    async with db.begin(build.BUILDER) as tx:
        sealed = await tx.scalar(select(person.c.otp_secret).where(person.c.id == account.id))
        return await factor.use(tx, account.id, sealed, code, now=NOON)
