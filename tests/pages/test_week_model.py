"""The week editor's own arithmetic and its keys, as tables: run by node's test runner on the bundled modules."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"


def test_hours_are_drawn_moved_and_taken_away_as_the_tables_say(tmp_path: Path) -> None:
    entry = 'export * from "./src/week/model"; export * from "./src/week/keyboard";'
    bundle = tmp_path / "week.mjs"
    esbuild = [str(STATIC / "node_modules/.bin/esbuild"), "--bundle", "--format=esm", "--platform=node", "--loader=ts"]
    made = subprocess.run(esbuild, input=entry, capture_output=True, text=True, cwd=STATIC, check=True)
    bundle.write_text(made.stdout)
    environment = {**os.environ, "WEEK_MODULE": bundle.as_uri()}

    run = subprocess.run(
        ["node", "--test", "tests/week.test.mjs"],
        capture_output=True,
        text=True,
        cwd=STATIC,
        env=environment,
        check=False,
    )

    assert run.returncode == 0, run.stdout
