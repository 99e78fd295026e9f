"""Transactions that know who is asking."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from telegut.db.caller import Caller, VisitScope
from telegut.db.engine import Database, Transaction, on_violation
from telegut.errors import Conflict, Unavailable
from tests import build

SYSTEM = Caller.system("test")
SETTINGS_SQL = text(
    "select current_user, current_setting('telegut.account'), current_setting('telegut.system'),"
    " current_setting('telegut.scope_patient')"
)


class Taken(Conflict):
    """Taken."""


async def test_the_database_knows_the_caller(db: Database) -> None:
    account = uuid4()
    async with db.begin(Caller(account=account)) as tx:
        found = tuple((await tx.execute(SETTINGS_SQL)).one())

    assert ("telegut_app", str(account), "off", "") == found


async def test_a_personal_link_carries_its_patient_only_once_admitted(db: Database) -> None:
    patient = uuid4()
    for admitted, expected in [(False, ""), (True, str(patient))]:
        caller = Caller(account=uuid4(), scope=VisitScope(uuid4(), patient, admitted))
        async with db.begin(caller) as tx:
            found = tuple((await tx.execute(SETTINGS_SQL)).one())

        assert ("telegut_app", "", "off", expected) == found


async def test_the_identity_does_not_outlive_its_transaction(db: Database) -> None:
    for n in range(30):
        account = uuid4()
        async with db.begin(Caller(account=account) if n % 2 else SYSTEM) as tx:
            found = tuple((await tx.execute(SETTINGS_SQL)).one())
        assert (str(account), "off") == (found[1], found[2]) if n % 2 else ("", "on") == (found[1], found[2])


async def test_work_after_a_commit_happens_only_when_it_holds(db: Database) -> None:
    done: list[str] = []
    with pytest.raises(Taken):
        async with db.begin(SYSTEM) as tx:
            tx.after_commit(lambda: done.append("lost"))
            raise Taken
    async with db.begin(SYSTEM) as tx:
        tx.after_commit(lambda: done.append("held"))
        assert [] == done

    assert ["held"] == done


async def test_a_block_joins_the_callers_transaction(db: Database) -> None:
    async with db.begin(SYSTEM) as outer, db.begin(SYSTEM.within(outer)) as inner:
        assert outer is inner


async def test_a_named_constraint_becomes_its_refusal(db: Database) -> None:
    insert = text("insert into jobs_job (id, kind, payload, unique_key) values (:id, 'k', '{}', 'u')")
    async with db.begin(SYSTEM) as tx:
        await tx.execute(insert, {"id": uuid4()})
    with pytest.raises(Taken):
        async with db.begin(SYSTEM) as tx:
            with on_violation(jobs_job_kind_unique_key_key=Taken):
                await tx.execute(insert, {"id": uuid4()})


async def test_deadlocks_are_tried_again_and_never_seen(db: Database) -> None:
    async with db.begin(SYSTEM) as tx:
        for account in (one := uuid4(), other := uuid4()):
            await tx.execute(text("insert into realtime_mailbox (account) values (:a)"), {"a": account})
    bump = text("update realtime_mailbox set seq = seq + 1 where account = :a")

    def crossing(first: object, second: object) -> object:
        async def work(tx: Transaction) -> None:
            await tx.execute(bump, {"a": first})
            await asyncio.sleep(0.05)
            await tx.execute(bump, {"a": second})

        return work

    await asyncio.gather(
        db.run(SYSTEM, crossing(one, other)),  # type: ignore[arg-type]
        db.run(SYSTEM, crossing(other, one)),  # type: ignore[arg-type]
    )
    async with db.begin(SYSTEM) as tx:
        total = await tx.scalar(
            text("select sum(seq) from realtime_mailbox where account = any(:a)"), {"a": [one, other]}
        )

    assert 4 == total


async def test_a_lock_that_stays_taken_ends_as_unavailable(database_url: str) -> None:
    impatient = Database(database_url, lock_timeout_ms=50)
    async with impatient.begin(SYSTEM) as tx:
        await tx.execute(text("insert into realtime_mailbox (account) values (:a)"), {"a": build.ROOT_KEY.id})

        async def wait(other: Transaction) -> None:
            await other.execute(text("insert into realtime_mailbox (account) values (:a)"), {"a": build.ROOT_KEY.id})

        with pytest.raises(Unavailable):
            await impatient.run(SYSTEM, wait)
    await impatient.dispose()


async def test_an_unreachable_database_is_unavailable() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable):
        async with nowhere.begin(SYSTEM):
            pass
    await nowhere.dispose()


async def test_a_cancelled_transaction_gives_its_connection_back(database_url: str) -> None:
    small = Database(database_url, pool_size=1)

    async def sleep() -> None:
        async with small.begin(SYSTEM) as tx:
            await tx.execute(text("select pg_sleep(30)"))

    for _ in range(4):
        task = asyncio.create_task(sleep())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with small.begin(SYSTEM) as tx:
        assert 1 == await tx.scalar(text("select 1"))
    await small.dispose()


async def test_the_application_cannot_rewrite_the_audit_trail(db: Database) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with db.begin(SYSTEM) as tx:
            await tx.execute(text("delete from db_audit"))
