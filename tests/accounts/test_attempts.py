"""What failed tries cost, and whom they cost it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from telegut.accounts import attempts
from telegut.accounts.attempts import Limits, TooManyAttempts, Tries
from telegut.db.engine import Database
from tests import build

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits(
    free=5,
    free_per_account=12,
    free_per_address=20,
    longest=timedelta(minutes=15),
    remembered=timedelta(hours=24),
)


async def take(db: Database, tries: Tries, now: datetime = NOON) -> int | None:
    """None when the try is let through, otherwise the seconds to wait."""
    try:
        async with db.begin(build.BUILDER) as tx:
            await attempts.take(tx, tries, LIMITS, now=now)
    except TooManyAttempts as refusal:
        return refusal.retry_after
    return None


async def test_five_tries_are_free_and_then_each_costs_twice_as_long(db: Database) -> None:
    tries = LIMITS.of("lena@example.org", "192.0.2.1")

    assert [None] * 5 == [await take(db, tries) for _ in range(5)]
    assert 1 == await take(db, tries)
    assert None is await take(db, tries, NOON + timedelta(seconds=1))
    assert 2 == await take(db, tries, NOON + timedelta(seconds=1))
    assert None is await take(db, tries, NOON + timedelta(seconds=3))
    assert 4 == await take(db, tries, NOON + timedelta(seconds=3))


async def test_a_hundred_tries_at_once_are_a_hundred_tries(db: Database) -> None:
    tries = LIMITS.of("lena@example.org", "192.0.2.1")

    waits = await asyncio.gather(*(take(db, tries) for _ in range(40)))

    assert 5 == waits.count(None)


async def test_somebody_far_away_does_not_lock_the_owner_out(db: Database) -> None:
    elsewhere, home = (LIMITS.of("lena@example.org", address) for address in ("203.0.113.9", "192.0.2.1"))
    for _ in range(8):
        await take(db, elsewhere)

    assert await take(db, elsewhere)
    assert None is await take(db, home)


async def test_many_addresses_on_one_account_are_slowed_down_together(db: Database) -> None:
    waits = [await take(db, LIMITS.of("lena@example.org", f"203.0.113.{number}")) for number in range(14)]

    assert [None] * 12 + [1, 1] == waits


async def test_one_address_on_many_accounts_is_slowed_down(db: Database) -> None:
    waits = [await take(db, LIMITS.of(f"number{number}@example.org", "203.0.113.9")) for number in range(22)]

    assert [None] * 20 + [1, 1] == waits


async def test_an_address_counts_however_it_is_written(db: Database) -> None:
    for written in (
        "Lena@example.org",
        "lena@EXAMPLE.org ",
        " LENA@example.org",
        "lena@example.org",
        "lENA@example.org",
    ):
        assert None is await take(db, LIMITS.of(written, "192.0.2.1"))

    assert await take(db, LIMITS.of("lena@example.org", "192.0.2.1"))


async def test_success_forgets_the_failures_of_the_account(db: Database) -> None:
    tries = LIMITS.of("lena@example.org", "192.0.2.1")
    for _ in range(5):
        await take(db, tries)
    async with db.begin(build.BUILDER) as tx:
        await attempts.succeeded(tx, tries)

    assert [None] * 5 == [await take(db, tries) for _ in range(5)]


async def test_the_right_password_alone_forgets_nothing(db: Database) -> None:
    tries = LIMITS.of("lena@example.org", "192.0.2.1")
    for _ in range(4):
        await take(db, tries)
    for _ in range(10):
        assert None is await take(db, tries)
        async with db.begin(build.BUILDER) as tx:
            await attempts.was_no_guess(tx, tries)

    assert None is await take(db, tries)
    assert await take(db, tries)


async def test_failures_are_forgotten_after_a_day(db: Database) -> None:
    tries = LIMITS.of("lena@example.org", "192.0.2.1")
    for _ in range(5):
        await take(db, tries)
    later = NOON + timedelta(hours=24, seconds=1)

    assert [None] * 5 == [await take(db, tries, later) for _ in range(5)]
    assert 1 == await take(db, tries, later)


async def test_old_counts_are_swept_away(db: Database) -> None:
    tries = LIMITS.of("lena@example.org", "192.0.2.1")
    for _ in range(5):
        await take(db, tries)
    async with db.begin(build.BUILDER) as tx:
        await attempts.forget_old(tx, before=NOON + timedelta(seconds=1))

    assert None is await take(db, tries)
