"""The built front end: names, caching, and that only its own files leave the folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from telegut.errors import NotFound
from telegut.web import assets
from telegut.web.assets import LOOK_EVERY_S, Assets, NotBuilt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A build of one file, with something private beside it."""
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "manifest.json").write_text(json.dumps({"today.js": "today-A1.js"}))
    (dist / "today-A1.js").write_text("export {}")
    (dist / ".half").write_text("unfinished")
    (tmp_path / "secret.txt").write_text("secret")
    return dist


def test_a_name_becomes_its_hashed_address(folder: Path) -> None:
    assert Assets(folder).url("today.js") == "/static/today-A1.js"


def test_a_name_that_was_not_built_is_said_clearly(folder: Path) -> None:
    with pytest.raises(NotBuilt, match=r"gone\.js"):
        Assets(folder).url("gone.js")


def test_a_newer_build_is_noticed(folder: Path) -> None:
    now = [0.0]
    found = Assets(folder, lambda: now[0])
    found.url("today.js")
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"today.js": "today-B2.js"}))
    os.utime(manifest, ns=(1, 1))
    now[0] += LOOK_EVERY_S

    assert found.url("today.js") == "/static/today-B2.js"


@pytest.mark.parametrize("name", ["../secret.txt", ".half", "gone.js", "", "..", "today-A1.js/"])
def test_nothing_but_the_builds_files_is_there(folder: Path, name: str) -> None:
    with pytest.raises(NotFound):
        Assets(folder).file(name)


async def test_files_may_be_kept_for_ever(folder: Path) -> None:
    app = web.Application()
    assets.install(app, Assets(folder))
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        response = await client.get("/static/today-A1.js")

        assert (response.status, response.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
