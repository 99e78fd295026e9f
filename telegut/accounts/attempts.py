"""
How often sign-in was tried without success, by account and by address, counted where every process can see it.

A try is counted *before* the password is looked at, and forgotten when it was right: a hundred guesses sent at the
same moment are a hundred guesses. What is stored is a hash of the account's address or of the network address.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from telegut.accounts.rules import wait_after
from telegut.accounts.tables import attempt
from telegut.db.engine import Transaction
from telegut.errors import TooMany


class TooManyAttempts(TooMany):
    """That did not work several times in a row. Please wait a moment before the next try."""

    code = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Counted:
    """Something whose failures are counted: *free* of them cost nothing."""

    key: bytes
    free: int


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How many failures are free before the next try has to wait, and for how long at most.

    The strict count is that of one account from one address, so that somebody far away who guesses does not lock the
    owner out at home. The account as a whole and the address as a whole have looser counts of their own.
    """

    free: int
    free_per_account: int
    free_per_address: int
    longest: timedelta
    remembered: timedelta

    def of(self, account: str, address: str) -> Tries:
        """What one try counts for. *account* counts whether or not there is such an account."""
        name = account.strip().casefold()
        return Tries(
            pair=Counted(_hash("pair", name, address), self.free),
            account=Counted(_hash("account", name), self.free_per_account),
            address=Counted(_hash("address", address), self.free_per_address),
        )


@dataclass(frozen=True, slots=True)
class Tries:
    """The three counts that one try adds to."""

    pair: Counted
    account: Counted
    address: Counted

    @property
    def sorted(self) -> list[Counted]:
        """In the one order in which their rows are taken."""
        return sorted((self.pair, self.account, self.address), key=lambda each: each.key)


def _hash(*what: str) -> bytes:
    return hashlib.sha256("\0".join(what).encode()).digest()


async def take(tx: Transaction, tries: Tries, limits: Limits, *, now: datetime) -> None:
    """
    Count one more try, or refuse it; a refused one is not counted.

    Rows are taken in the order of their keys, so that two sign-ins never wait for each other in a circle.

    Raises:
        TooManyAttempts: one of the counts still has to wait, as long as ``retry_after`` says (seconds).
    """
    for one in tries.sorted:
        failures = await _count(tx, one, limits, now)
        if failures is None:
            raise TooManyAttempts(retry_after=await _seconds_left(tx, one, now))
        wait = wait_after(failures, free=one.free, longest=limits.longest)
        if wait:
            await tx.execute(update(attempt).where(attempt.c.key == one.key).values(next_at=now + wait))


async def _count(tx: Transaction, one: Counted, limits: Limits, now: datetime) -> int | None:
    """The failures including this try; None when it comes too soon."""
    forgotten = attempt.c.last_at < now - limits.remembered
    failures = case((forgotten, 1), else_=attempt.c.failures + 1)
    statement = (
        insert(attempt)
        .values(key=one.key, failures=1, last_at=now, next_at=now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"failures": failures, "last_at": now, "next_at": now},
            where=attempt.c.next_at <= now,
        )
        .returning(attempt.c.failures)
    )
    found: int | None = await tx.scalar(statement)
    return found


async def _seconds_left(tx: Transaction, one: Counted, now: datetime) -> int:
    next_at: datetime | None = await tx.scalar(select(attempt.c.next_at).where(attempt.c.key == one.key))
    return max(1, math.ceil((next_at - now).total_seconds())) if next_at else 1


async def succeeded(tx: Transaction, tries: Tries) -> None:
    """It was the owner: forget the failures of this account; from the address take only this one try."""
    for one in tries.sorted:
        if one == tries.address:
            await _give_back(tx, one)
        else:
            await tx.execute(delete(attempt).where(attempt.c.key == one.key))


async def was_no_guess(tx: Transaction, tries: Tries) -> None:
    """
    Take back this one try, and no other: the password was right, the second factor is still to come.

    Forgetting the earlier failures here would let somebody who has the password guess codes without end.
    """
    for one in tries.sorted:
        await _give_back(tx, one)


async def forget_old(tx: Transaction, *, before: datetime) -> None:
    """Remove what nobody tried since."""
    await tx.execute(delete(attempt).where(attempt.c.last_at < before))


async def _give_back(tx: Transaction, one: Counted) -> None:
    fewer = func.greatest(attempt.c.failures - 1, 0)
    await tx.execute(update(attempt).where(attempt.c.key == one.key).values(failures=fewer, next_at=attempt.c.last_at))
