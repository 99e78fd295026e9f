"""What a thread counts and marks by itself, as tables: run by node's test runner on the bundled modules."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"


def test_moments_on_a_wall_and_mentions_are_as_the_tables_say(tmp_path: Path) -> None:
    entry = 'export { instantOn } from "./src/thread/wall"; export { mentioned } from "./src/thread/mentions";'
    bundle = tmp_path / "thread.mjs"
    esbuild = [str(STATIC / "node_modules/.bin/esbuild"), "--bundle", "--format=esm", "--platform=node", "--loader=ts"]
    made = subprocess.run(esbuild, input=entry, capture_output=True, text=True, cwd=STATIC, check=True)
    bundle.write_text(made.stdout)
    environment = {**os.environ, "THREAD_MODULE": bundle.as_uri()}

    run = subprocess.run(
        ["node", "--test", "tests/thread.test.mjs"],
        capture_output=True,
        text=True,
        cwd=STATIC,
        env=environment,
        check=False,
    )

    assert run.returncode == 0, run.stdout
