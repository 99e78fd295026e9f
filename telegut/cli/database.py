"""The database a command works with: the named one, the embedded one, or that of a running telegut."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from telegut.cli.exits import CommandFailed, Exit
from telegut.db.embedded import (
    DataFolderBusy,
    DataFolderUnusable,
    DiskFull,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    running_url,
)
from telegut.settings import Settings

OLDEST_MAJOR: Final = 15
SAFE_SETTINGS: Final = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings of PostgreSQL that must not be off where records of care are kept."""


def home(settings: Settings) -> Path:
    """Where the embedded PostgreSQL keeps itself."""
    return settings.data / "postgres"


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[str]:
    """The address of a database that answers, for as long as a command needs it.

    Raises:
        CommandFailed: there is none, or it is too old or unsafe.
    """
    if settings.database_url:
        await check_server(settings.database_url, settings)
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(home(settings))
    with explained():
        try:
            url = await postgres.start()
        except DataFolderBusy:
            joined = await running_url(home(settings))
            if joined is None:
                raise
            url = joined
    try:
        yield url
    finally:
        await postgres.stop()


async def check_server(url: str, settings: Settings) -> None:
    """See that *url* leads to a PostgreSQL that telegut can trust its records to.

    Raises:
        CommandFailed: with what is wrong; the password is never shown.
    """
    connection = await connect(url)
    try:
        major = connection.get_server_version().major
        if major < OLDEST_MAJOR:
            raise CommandFailed(
                Exit.NO_DATABASE, f"PostgreSQL {major} is too old; telegut needs {OLDEST_MAJOR} or newer."
            )
        if settings.mode == "production":
            off = [name for name in SAFE_SETTINGS if await connection.fetchval(f"SHOW {name}") == "off"]
            if off:
                raise CommandFailed(
                    Exit.UNSAFE,
                    f"in production the database may not run with {', '.join(off)} off: a crash would lose data.",
                )
    finally:
        await connection.close()


async def connect(url: str) -> Any:
    """One asyncpg connection to *url*.

    Raises:
        CommandFailed: it cannot be had; says why and shows no password.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise CommandFailed(
            Exit.NO_DATABASE, "TELEGUT_DATABASE_URL must look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE."
        )
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        shown = f"{parts.hostname or 'the local socket'}{f':{parts.port}' if _port(url) else ''}{parts.path}"
        raise CommandFailed(Exit.NO_DATABASE, f"the database at {shown} cannot be reached: {_why(error)}") from error


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the embedded PostgreSQL's refusals into ends of the command."""
    try:
        yield
    except DataFolderBusy as error:
        raise CommandFailed(Exit.DATA_IN_USE, str(error)) from error
    except DiskFull as error:
        raise CommandFailed(Exit.DISK_FULL, str(error)) from error
    except DataFolderUnusable as error:
        raise CommandFailed(Exit.NOT_WRITABLE, str(error)) from error
    except EmbeddedPostgresError as error:
        raise CommandFailed(Exit.NO_DATABASE, str(error)) from error


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def _why(error: Exception) -> str:
    match error:
        case socket.gaierror():
            return "no machine of that name is known. Check TELEGUT_DATABASE_URL."
        case ConnectionRefusedError() | FileNotFoundError():
            return "nothing listens there. Start PostgreSQL, or check TELEGUT_DATABASE_URL."
        case TimeoutError():
            return "it does not answer within 10 s."
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return "it refuses this user or password."
        case asyncpg.InvalidCatalogNameError():
            return "it has no database of that name; create it first."
        case asyncpg.PostgresError():
            return f"it says: {error}."
        case OSError():
            return f"{error.strerror or type(error).__name__}."
        case _:
            return "the address in TELEGUT_DATABASE_URL makes no sense."
