"""Brings a database to the newest schema. Imports Alembic, so servers run it in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.resources import files
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from telegut.db.schema import installed_revision

QUEUE: Final = 7_410_117_108_101_103_117
"""The advisory lock that migrators of one database take; any number that nobody else uses."""
STEP_LOCK_TIMEOUT: Final = "5s"
"""How long a step may wait for a table: a migration that waits longer would hold up every query behind it."""
TRIES: Final = 5
LOCK_NOT_AVAILABLE: Final = "55P03"


async def migrate(url: str, revision: str = "head") -> str | None:
    """Bring the database at *url* to *revision*; return the revision it then has.

    Two migrators of one database queue. A step that cannot have its table within 5 s gives way and is tried again.

    Raises:
        sqlalchemy.exc.DBAPIError: a step failed; the steps before it stay.
    """
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _execute(connection, f"SELECT pg_advisory_lock({QUEUE})")
            await _execute(connection, f"SET lock_timeout = '{STEP_LOCK_TIMEOUT}'")
            for attempt in range(1, TRIES + 1):
                try:
                    await connection.run_sync(_upgrade(revision))
                    break
                except DBAPIError as error:
                    if attempt == TRIES or getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                        raise
                    await connection.rollback()
                    await asyncio.sleep(attempt)
            return await installed_revision(lambda statement: connection.scalar(text(statement)))
    finally:
        await engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's settings for our steps on *connection*."""
    config = Config()
    config.set_main_option("script_location", str(files("telegut.migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(revision: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        command.upgrade(configuration(connection), revision)

    return work


async def _execute(connection: AsyncConnection, statement: str) -> None:
    await connection.execute(text(statement))
    await connection.commit()
