"""Connections that are kept for one question."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from telegut.db.engine import Database
from telegut.db.line import Line
from telegut.errors import Unavailable

WHO = "select current_user::text as role, current_setting('telegut.system') as system, pg_backend_pid() as process"


async def test_a_line_is_the_applications_own_and_stays_open(db: Database) -> None:
    line = db.line("a test")

    first, again = [(await line.ask(WHO))[0] for _ in range(2)]

    assert ("telegut_app", "on") == (first["role"], first["system"])
    assert first["process"] == again["process"]


async def test_a_line_that_broke_is_opened_again(db: Database) -> None:
    line = db.line("a test")
    broken = (await line.ask(WHO))[0]["process"]
    async with db.engine.begin() as connection:  # as the owner of the database, who may
        await connection.execute(text("select pg_terminate_backend(:process)"), {"process": broken})

    found = (await line.ask(WHO))[0]

    assert ("telegut_app", "on") == (found["role"], found["system"])
    assert broken != found["process"]


async def test_questions_that_come_at_once_are_all_answered(db: Database) -> None:
    line = db.line("a test")

    found = await asyncio.gather(*(line.ask("select $1::int as number", number) for number in range(20)))

    assert [*range(20)] == [rows[0]["number"] for rows in found]


async def test_a_database_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await Line("postgresql://nobody@127.0.0.1:1/none", "a test").ask("select 1")
