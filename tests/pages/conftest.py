"""One furnished clinic and its server for all page tests; a server of its own for each test of a call."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from aiohttp.test_utils import TestServer

from telegut.app import build_app
from telegut.settings import Settings
from tests.conftest import TEMPLATE, _named
from tests.pages.world import World, fresh_database, world_on


@pytest.fixture(scope="session")
async def world(postgres: str, root_key_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The clinic that every page is looked at in."""
    name = f"telegut_pages_{os.getpid()}"
    await fresh_database(postgres, name, TEMPLATE)
    try:
        async with world_on(_named(postgres, name), root_key_file, tmp_path_factory.mktemp("pages")) as made:
            yield made
    finally:
        connection = await asyncpg.connect(postgres)
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()


@pytest.fixture
def beside(settings: Settings) -> Settings:
    """Settings of a server whose media process, where a test begins one, is reached at this machine's own address."""
    return replace(settings, media_public_host="127.0.0.1")


@pytest.fixture
async def house(beside: Settings) -> AsyncIterator[TestServer]:
    """A server whose application a test can reach into."""
    server = TestServer(build_app(beside), host="127.0.0.1")
    await server.start_server()
    yield server
    await server.close()
