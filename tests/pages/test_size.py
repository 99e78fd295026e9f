"""What a page makes a phone download: a budget a page type, and no registry in the lock."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from telegut.web.assets import Assets, built_folder

BUDGET_KB = 120.0
LARGER_KB = {"call.js": 180.0, "visit.js": 180.0, "room.js": 180.0, "notes.js": 180.0, "plan.js": 180.0}
"""The call and what edits live notes carry more, and may."""

STATIC = Path(__file__).parents[2] / "static"


def _pages() -> list[str]:
    return sorted(path.stem + ".js" for path in (STATIC / "src" / "pages").glob("*.ts"))


def _gzipped_kb(name: str) -> float:
    folder = built_folder()
    return len(gzip.compress((folder / Assets(folder).names()[name]).read_bytes(), 9)) / 1000


@pytest.mark.parametrize("name", [name for name in _pages() if name != "base.js"] or ["base.js"])
def test_the_scripts_of_a_page_stay_within_their_budget(name: str) -> None:
    size = _gzipped_kb(name) + (_gzipped_kb("base.js") if name != "base.js" else 0)

    assert size <= LARGER_KB.get(name, BUDGET_KB)


def test_the_style_sheet_stays_small() -> None:
    assert _gzipped_kb("app.css") <= 30


def test_the_lock_names_no_host() -> None:
    lock = json.loads((STATIC / "package-lock.json").read_text("utf-8"))

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    folder = built_folder()
    sprite = (folder / Assets(folder).names()["icons.svg"]).read_text("utf-8")
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    package = STATIC.parent / "telegut"
    named = {
        name
        for page in package.glob("*/pages/**/*.html")
        for name in re.findall(r"\bicon\('([a-z0-9-]+)'", page.read_text("utf-8"))
    }

    assert named - there == set()
