"""What tests stand on: a real PostgreSQL, a fresh database each, the real application, a real browser."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bootstrap.system import BROWSERS, WINDOWLESS
from telegut import logs
from telegut.app import build_app, build_foundation, build_runner
from telegut.db.embedded import EmbeddedPostgres
from telegut.db.engine import Database
from telegut.migrations.runner import migrate
from telegut.settings import Settings
from tests import build

TEMPLATE = f"telegut_template_{os.getpid()}"
MEMORY_NEEDED = 2 * 1024**3
"""Bytes that the databases of a run may take."""
LONGEST = {
    f"tests/{name}.py": place
    for place, name in enumerate(
        [
            "pages/test_sweep",
            "test_access_matrix",
            "pages/test_call",
            "cli/test_supervisor",
            "pages/test_notes",
            "pages/test_thread",
            "db/test_embedded",
            "pages/test_plan",
            "pages/test_forwarded_call",
            "reports/test_pages",
            "scheduling/test_random_machine",
            "pages/test_thread_windows",
            "flows/test_plan_race",
            "pages/test_home",
            "flows/test_contract",
            "pages/test_thread_ways",
            "flows/test_booking",
            "accounts/test_browser",
            "web/test_health",
            "pages/test_week_editor",
        ]
    )
}
"""Where long files stand in the row: first, those with browsers between those without. The last file of one process
is what all the others wait for, and two browsers at work disturb each other."""
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--all`` adds the long tests."""
    parser.addoption("--all", action="store_true", default=False, help="also the long tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first; leave out what cannot or should not run here, with its reason."""
    items.sort(key=lambda item: LONGEST.get(item.nodeid.partition("::")[0], len(LONGEST)))
    browser = chromium_path()
    for item in items:
        if item.get_closest_marker("long") and not config.getoption("--all"):
            item.add_marker(pytest.mark.skip(reason="a long test: ./run test --all runs it"))
        if browser is None and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: install the package chromium"))


def chromium_path() -> str | None:
    """The browser that tests drive, from the PATH."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[str]:
    """A PostgreSQL for this run; gives the address of a template database with the whole schema."""
    given = os.environ.get("TELEGUT_TEST_DATABASE_URL")
    if given:
        yield await _template(given)
        return
    home = Path(tempfile.mkdtemp(prefix="telegut-test-", dir=_memory()))
    server = EmbeddedPostgres(home, durable=False)
    try:
        yield await _template(await server.start())
    finally:
        await server.stop(now=True)
        shutil.rmtree(home, ignore_errors=True)


def _memory() -> str | None:
    """A folder in memory, where the machine has one with room: a database a test costs a tenth of the time there."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_NEEDED else None


async def _template(url: str) -> str:
    connection = await asyncpg.connect(url)
    await connection.execute(f"drop database if exists {TEMPLATE}")
    await connection.execute(f"create database {TEMPLATE}")
    await connection.close()
    await migrate(_named(url, TEMPLATE))
    return url


def _named(url: str, database: str) -> str:
    head, _, rest = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{database}" + (f"?{rest}" if rest else "")


@pytest.fixture
async def database_url(postgres: str) -> AsyncIterator[str]:
    """A fresh database of its own."""
    name = f"telegut_test_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
    try:
        yield _named(postgres, name)
    finally:
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """Transactions on the fresh database."""
    database = Database(database_url)
    yield database
    await database.dispose()


@pytest.fixture(scope="session")
def root_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file that holds `build.ROOT_KEY`."""
    path = tmp_path_factory.mktemp("keys") / "root.key"
    path.write_text(f"{build.ROOT_KEY.id} {build.ROOT_KEY.secret.hex()}\n")
    return path


@pytest.fixture
def settings(database_url: str, root_key_file: Path, tmp_path: Path) -> Settings:
    """Settings as tests want them; a test that needs others overrides this fixture or uses `replace`."""
    return Settings(
        mode="test",
        data=tmp_path,
        database_url=database_url,
        root_key_file=root_key_file,
        password_memory_kib=build.PASSWORD_MEMORY_KIB,
    )


@pytest.fixture
async def app(settings: Settings) -> web.Application:
    """The real application on the fresh database."""
    logs.configure("test")
    return build_app(settings)


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """A client of `app`."""
    async with TestClient(TestServer(app, host="127.0.0.1"), cookie_jar=None) as made:
        yield made


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[None]:
    """The worker, at work beside the test."""
    base = build_foundation(settings)
    runner = build_runner(base)
    task = asyncio.create_task(runner.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await base.db.dispose()


Serve = Callable[..., Awaitable[str]]


@pytest.fixture
async def serve(settings: Settings) -> AsyncIterator[Serve]:
    """Start web processes' applications on free ports of loopback: ``url = await serve(upload_limit_bytes=…)``."""
    servers: list[TestServer] = []

    async def start(**changes: Any) -> str:
        logs.configure("test")
        server = TestServer(build_app(replace(settings, **changes)), host="127.0.0.1")
        await server.start_server()
        servers.append(server)
        return str(server.make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
async def server(serve: Serve) -> str:
    """The address of a running application, for browsers."""
    return await serve()


CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream=fps=10",  # the processor encodes and decodes each picture
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@asynccontextmanager
async def _launched(program: str | None) -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        made: Any = await playwright.chromium.launch(executable_path=program, headless=True, args=CHROMIUM_FLAGS)
        # Without our service worker, which would cost each page a little: tests of it ask for it.
        made.new_context = partial(made.new_context, service_workers="block")
        yield made
        await made.close()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Any]:
    """Chromium without windows where the machine has it: a page costs it a third. It has no camera and no notices."""
    async with _launched(shutil.which(WINDOWLESS) or chromium_path()) as made:
        yield made


@pytest.fixture(scope="session")
async def browser_with_camera() -> AsyncIterator[Any]:
    """Chromium with a camera and a microphone that need no hardware; a module of calls makes it its `browser`."""
    async with _launched(chromium_path()) as made:
        yield made
