"""A small clinic in the middle of its day, behind a real server: what page tests and `look` look at."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from telegut import logs
from telegut.accounts import sessions
from telegut.accounts.rules import Lifetime
from telegut.app import build_app, build_foundation, build_runner
from telegut.clock import utc_now
from telegut.composition import build_services
from telegut.db.embedded import EmbeddedPostgres
from telegut.db.engine import Database
from telegut.migrations.runner import migrate
from telegut.settings import Settings
from tests import build
from tests.build import Account, Clinic
from tests.pages.furnish import furnish


@dataclass(frozen=True, slots=True)
class World:
    """
    A running telegut with people in it.

    places: what stands for a name in braces in a page's path, such as ``patient`` or ``report``.
    cookies: the session cookie of each role, as Playwright takes them.
    """

    url: str
    clinic: Clinic
    places: dict[str, str]
    cookies: dict[str, dict[str, str]]
    problems: list[str] = field(default_factory=list)

    def address(self, path: str) -> str:
        """The whole address of a page whose path may hold names in braces."""
        return self.url + path.format_map(self.places)


@asynccontextmanager
async def world_on(database_url: str, key_file: Path, data: Path) -> AsyncIterator[World]:
    """A furnished clinic on the migrated, empty database at *database_url*."""
    settings = Settings(mode="test", data=data, database_url=database_url, root_key_file=key_file)
    logs.configure("test")
    server = TestServer(build_app(settings), host="127.0.0.1")
    await server.start_server()
    base = build_foundation(settings)
    await base.bus.start()
    working = asyncio.create_task(build_runner(base).run())
    db = Database(database_url)
    try:
        url = str(server.make_url("")).rstrip("/")
        clinic = await build.clinic(db)
        async with ClientSession(url) as client:
            places = await furnish(client, clinic, base, build_services(base))
        yield World(url, clinic, places, {role: await _cookie(db, who, url) for role, who in people_of(clinic).items()})
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await base.bus.stop()
        await base.db.dispose()
        await db.dispose()
        await server.close()


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A furnished clinic with a PostgreSQL of its own, for use by hand."""
    with tempfile.TemporaryDirectory(prefix="telegut-look-") as folder:
        home = Path(folder)
        postgres = EmbeddedPostgres(home / "postgres", durable=False)
        try:
            url = await postgres.start()
            await migrate(url)
            key_file = home / "root.key"
            key_file.write_text(f"{build.ROOT_KEY.id} {build.ROOT_KEY.secret.hex()}\n")
            async with world_on(url, key_file, home) as made:
                yield made
        finally:
            await postgres.stop(now=True)


def people_of(clinic: Clinic) -> dict[str, Account]:
    """One person for each role."""
    return {
        "patient": clinic.patient,
        "guardian": clinic.guardian,
        "newcomer": clinic.stranger_patient,
        "consultant": clinic.consultant,
        "nutritionist": clinic.nutritionist,
        "interpreter": clinic.interpreter,
        "coordinator": clinic.coordinator,
        "admin": clinic.admin,
        "auditor": clinic.auditor,
    }


async def _cookie(db: Database, who: Account, url: str) -> dict[str, str]:
    async with db.begin(build.BUILDER) as tx:
        lifetime = Lifetime(timedelta(hours=1), None)
        _, token = await sessions.issue(tx, who.id, "browser", lifetime, device="a test", now=utc_now())
    return {"name": "telegut", "value": token, "url": url}


async def fresh_database(template_server: str, name: str, template: str) -> Any:
    """Make database *name* from *template* on the server at *template_server*."""
    connection = await asyncpg.connect(template_server)
    await connection.execute(f"create database {name} template {template} strategy file_copy")
    await connection.close()
