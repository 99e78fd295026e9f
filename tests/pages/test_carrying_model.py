"""What a call carries, as tables: run by node's test runner on the bundled modules."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
MODULES = {
    "ladder": "begin, next, sends",
    "looking": "look",
    "quality": "grades, load",
    "sending": "encodings",
    "wording": "endsWords, ownWords, theirWords",
}


def test_grades_ladder_and_words_are_as_the_tables_say(tmp_path: Path) -> None:
    entry = "".join(f'export {{ {names} }} from "./src/call/{module}";' for module, names in MODULES.items())
    bundle = tmp_path / "carrying.mjs"
    esbuild = [str(STATIC / "node_modules/.bin/esbuild"), "--bundle", "--format=esm", "--platform=node", "--loader=ts"]
    made = subprocess.run(esbuild, input=entry, capture_output=True, text=True, cwd=STATIC, check=True)
    bundle.write_text(made.stdout)
    environment = {**os.environ, "CARRYING_MODULE": bundle.as_uri()}

    run = subprocess.run(
        ["node", "--test", "tests/carrying.test.mjs"],
        capture_output=True,
        text=True,
        cwd=STATIC,
        env=environment,
        check=False,
    )

    assert run.returncode == 0, run.stdout
