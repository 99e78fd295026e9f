"""Statements that are made ready once and asked of the driver."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import bindparam, func, insert, literal, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError

from telegut.db.asked import Asked
from telegut.db.caller import Caller
from telegut.db.engine import Database, violated_constraint
from telegut.jobs.queue import jobs
from tests.flows.proxy import Proxy, proxy

SYSTEM = Caller.system("test")
WHO = Asked(select(func.current_setting("telegut.account").label("account"), func.pg_backend_pid().label("process")))
MADE = Asked(insert(jobs).values({name: bindparam(name) for name in ("id", "kind", "payload")}))
FOUND = Asked(select(jobs.c.id, jobs.c.payload).where(jobs.c.kind == bindparam("kind")))
RUNNING = text("select pg_terminate_backend(:process)")


async def test_what_is_asked_first_is_asked_by_the_caller_and_holds(db: Database) -> None:
    account, job = uuid4(), uuid4()
    async with db.begin(Caller(account=account)) as tx:
        [who] = await tx.ask(WHO)
    async with db.begin(SYSTEM) as tx:
        assert [] == await tx.ask(MADE, id=job, kind="asked", payload={"a": [1, "ü"]})

    assert str(account) == who.account
    async with db.begin(SYSTEM) as tx:
        inside = await tx.ask(FOUND, kind="asked")
    assert [(job, {"a": [1, "ü"]})] == inside == await db.ask(FOUND, kind="asked")


@pytest.mark.parametrize("asked_first", [True, False])
async def test_it_is_one_transaction_with_what_sqlalchemy_says(db: Database, asked_first: bool) -> None:
    async def both() -> None:
        async with db.begin(SYSTEM) as tx:
            if asked_first:
                await tx.ask(MADE, id=uuid4(), kind="undone", payload={})
            await tx.execute(insert(jobs).values(id=uuid4(), kind="undone", payload={}))
            if not asked_first:
                await tx.ask(MADE, id=uuid4(), kind="undone", payload={})
            assert 2 == len(await tx.ask(FOUND, kind="undone"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await both()

    assert [] == await db.ask(FOUND, kind="undone")


async def test_a_block_that_fails_undoes_what_was_only_asked(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.begin(SYSTEM) as tx:
            await tx.ask(MADE, id=uuid4(), kind="undone", payload={})
            raise ZeroDivisionError

    assert [] == await db.ask(FOUND, kind="undone")


async def test_refusals_are_those_of_sqlalchemy(db: Database) -> None:
    same = uuid4()
    with pytest.raises(IntegrityError) as refused:
        async with db.begin(SYSTEM) as tx:
            for _ in range(2):
                await tx.ask(MADE, id=same, kind="twice", payload={})

    assert (violated_constraint(refused.value) or "").endswith("pkey")
    assert [] == await db.ask(FOUND, kind="twice")


async def test_a_connection_that_broke_is_not_lent_again(database_url: str) -> None:
    small = Database(database_url, pool_size=1)
    with pytest.raises(DBAPIError):
        async with small.begin(SYSTEM) as tx:
            [who] = await tx.ask(WHO)
            async with small.engine.begin() as owner:
                await owner.execute(RUNNING, {"process": who.process})
            await tx.ask(WHO)

    async with small.begin(SYSTEM) as tx:
        [again] = await tx.ask(WHO)
    await small.dispose()
    assert who.process != again.process


@pytest.mark.parametrize("asked", [True, False])
async def test_a_connection_whose_goodbye_was_heard_and_not_its_end_is_not_lent_again(
    database_url: str, db: Database, asked: bool
) -> None:
    async with proxy(database_url) as way:
        small = Database(way.url, pool_size=1, answer_s=0.5)
        way.hold_ends()
        with pytest.raises(DBAPIError) as refused:
            async with small.begin(SYSTEM) as tx:
                [who] = await tx.ask(WHO)
                await tx.execute(select(literal(1)))
                async with db.engine.begin() as owner:
                    await owner.execute(RUNNING, {"process": who.process})
                await _passed(way)
                await (tx.ask(WHO) if asked else tx.execute(select(literal(1))))
        assert isinstance(refused.value, InterfaceError) or refused.value.connection_invalidated

        async with small.begin(SYSTEM) as tx:
            [again] = await tx.ask(WHO)
        await small.dispose()
    assert who.process != again.process


async def _passed(way: Proxy) -> None:
    """What the server said before has come through *way*."""
    after = await asyncpg.connect(way.url)
    await after.fetch("select 1")
    after.terminate()


def test_a_list_of_no_fixed_length_cannot_be_made_ready() -> None:
    with pytest.raises(AssertionError, match="any"):
        Asked(select(literal(1)).where(jobs.c.kind.in_(["a", "b"])))
