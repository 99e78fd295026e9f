"""Transactions that follow each other closely: each holds, or is taken back, by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from telegut.db.chained import chained

_KEEP = "insert into kept values ($1)"


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Any]:
    """A connection with a table of its own, which ends with it."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("create temporary table kept (number int primary key)")
    yield connection
    await connection.close()


async def _kept(line: Any) -> list[int]:
    return [row["number"] for row in await line.fetch("select number from kept order by number")]


async def test_who_comes_next_is_in_a_transaction_already(line: Any) -> None:
    async with chained(line, lambda: True):
        await line.execute(_KEEP, 1)
    assert line.is_in_transaction()
    async with chained(line, lambda: False):
        await line.execute(_KEEP, 2)
    assert not line.is_in_transaction()
    assert await _kept(line) == [1, 2]


async def test_what_fails_takes_only_its_own_back(line: Any) -> None:
    async with chained(line, lambda: True):
        await line.execute(_KEEP, 1)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with chained(line, lambda: True):
            await line.execute(_KEEP, 2)
            await line.execute(_KEEP, 1)
    assert not line.is_in_transaction()
    async with chained(line, lambda: False):
        await line.execute(_KEEP, 3)
    assert await _kept(line) == [1, 3]


async def test_a_connection_that_ended_says_why_and_not_that_nothing_could_be_taken_back(line: Any) -> None:
    with pytest.raises(TimeoutError):
        async with chained(line, lambda: True):
            line.terminate()
            raise TimeoutError
