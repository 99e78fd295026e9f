"""What transactions open with."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.opening import local_settings

SYSTEM = Caller.system("test")
WHO = text("select current_user, current_setting('telegut.account'), current_setting('telegut.system')")


@pytest.mark.parametrize("word", ["o'clock", "a\\b", "a b", "ä", "x\n"])
def test_settings_are_words_and_numbers_and_nothing_that_ends_them(word: str) -> None:
    for values in ({"a.name": word}, {word: "value"}):
        with pytest.raises(ValueError, match="of a setting of ours"):
            local_settings(values)
    assert "select set_config('a.name', 'x-1.5', true)" == local_settings({"a.name": "x-1.5"})


async def test_saying_who_asks_costs_no_statement_of_its_own(db: Database) -> None:
    said: list[str] = []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda _, __, statement, *___: said.append(statement))
    async with db.begin(Caller(account=(account := uuid4()))) as tx:
        found = tuple((await tx.execute(WHO)).one())

    assert ("telegut_app", str(account), "off") == found
    assert 1 == len(said)


async def test_a_transaction_that_could_not_say_who_asks_never_begins(database_url: str) -> None:
    small = Database(database_url, pool_size=1)
    with pytest.raises(DBAPIError):
        async with small.begin(SYSTEM, setting=("no_such_setting", "on")) as tx:
            await tx.execute(WHO)
    async with small.begin(SYSTEM) as tx:
        found = tuple((await tx.execute(WHO)).one())
    await small.dispose()

    assert ("telegut_app", "", "on") == found


async def test_a_savepoint_may_come_first(db: Database) -> None:
    async with db.begin(SYSTEM) as tx, tx.connection.begin_nested():
        found = tuple((await tx.execute(WHO)).one())

    assert ("telegut_app", "", "on") == found


async def test_a_block_that_asks_nothing_leaves_nobody_behind(database_url: str) -> None:
    small = Database(database_url, pool_size=1)
    async with small.begin(SYSTEM):
        pass
    async with small.engine.connect() as connection:
        found = await connection.scalar(text("select current_setting('telegut.system', true)"))
    await small.dispose()

    assert found in (None, "")
