"""What the doctor sees, without touching it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from telegut.cli import doctor
from telegut.cli.exits import Exit
from telegut.settings import Settings
from tests.cli.running import telegut
from tests.messaging.uploads.scanners import fake_clamd


async def findings(*arguments: str, **environment: str) -> tuple[int, dict[str, tuple[str, str]]]:
    ended = await telegut("doctor", "--json", "--listen", "127.0.0.1:0", *arguments, **environment)
    lines = [json.loads(line) for line in ended.out.splitlines()]
    return ended.code, {one["check"]: (one["state"], one["detail"]) for one in lines}


async def test_a_fresh_machine_is_looked_at_and_left_as_it_is(tmp_path: Path) -> None:
    _, found = await findings("--data", str(tmp_path / "data"))

    assert found["python"][0] == found["data folder"][0] == found["address"][0] == found["database"][0] == "ok"
    assert not (tmp_path / "data").exists()


async def test_a_database_without_schema_and_one_that_is_current(tmp_path: Path, database_url: str) -> None:
    _, current = await findings("--data", str(tmp_path), "--mode", "test", TELEGUT_DATABASE_URL=database_url)

    assert current["schema"] == ("ok", "current")
    assert current["keys"][0] == "ok"
    _, template = await findings(
        "--data", str(tmp_path), "--mode", "test", TELEGUT_DATABASE_URL=database_url.replace("/telegut_test", "/gone")
    )
    assert template["database"][0] == "failed"


async def test_what_must_be_mended_is_an_exit_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, found = await findings(
        "--data", str(tmp_path / "file" / "data"), "--database-url", "postgresql://127.0.0.1:1/x"
    )

    assert code == Exit.FAILED
    assert found["data folder"][0] == found["database"][0] == "failed"


async def test_it_says_whether_files_are_scanned() -> None:
    async with fake_clamd() as clamd:
        given: list[dict[str, Any]] = [{}, {"mode": "demo"}, {"clamd": "127.0.0.1:1"}, {"clamd": clamd.address}]
        found = [await doctor._files(Settings(**one)) for one in given]

    assert ["warning", "warning", "failed", "ok"] == [one.state for one in found]
    assert "take no files" in found[0].detail
    assert "not scanned" in found[1].detail
