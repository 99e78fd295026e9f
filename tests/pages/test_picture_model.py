"""How light and sharp a picture is: run by node's test runner on the bundled module."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"


def test_a_picture_is_judged_by_its_pixels(tmp_path: Path) -> None:
    entry = 'export * from "./src/call/picture";'
    bundle = tmp_path / "picture.mjs"
    esbuild = [str(STATIC / "node_modules/.bin/esbuild"), "--bundle", "--format=esm", "--platform=node", "--loader=ts"]
    made = subprocess.run(esbuild, input=entry, capture_output=True, text=True, cwd=STATIC, check=True)
    bundle.write_text(made.stdout)
    environment = {**os.environ, "PICTURE_MODULE": bundle.as_uri()}

    run = subprocess.run(
        ["node", "--test", "tests/picture.test.mjs"],
        capture_output=True,
        text=True,
        cwd=STATIC,
        env=environment,
        check=False,
    )

    assert run.returncode == 0, run.stdout
