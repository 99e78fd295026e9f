"""One furnished clinic and its server for all page tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

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
