"""Where an embedded PostgreSQL is reached, and whether it answers there."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import asyncpg

from telegut.db.postmaster import recorded

DATABASE: Final = "telegut"


async def running_url(home: Path) -> str | None:
    """The address of the server that another telegut runs in *home*, when it answers."""
    found = recorded(home / "data")
    if found is None or found.sockets is None or not found.alive():
        return None
    url = address(found.sockets)
    return url if await answers(url) else None


def address(sockets: Path) -> str:
    """The server whose Unix socket is in the folder *sockets*; no password, because that folder is ours alone."""
    return f"postgresql://telegut@/{DATABASE}?host={sockets}"


async def answers(url: str) -> bool:
    """Whether the server takes connections; makes our database on the way when it is not there yet."""
    try:
        async with _connected(url):
            return True
    except asyncpg.InvalidCatalogNameError:
        async with _connected(url.replace(f"/{DATABASE}?", "/postgres?")) as connection:
            with contextlib.suppress(asyncpg.DuplicateDatabaseError):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        return True
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, timeout=30)
    try:
        yield connection
    finally:
        await connection.close()
