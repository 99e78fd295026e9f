"""Modules of the front end under node's own test runner: bundled, then run against the tables in ``static/tests``."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
_ESBUILD = (
    str(STATIC / "node_modules" / ".bin" / "esbuild"),
    "--bundle",
    "--format=esm",
    "--platform=node",
    "--loader=ts",
)


def run_tables(name: str, modules: Mapping[str, str], folder: Path) -> None:
    """
    Run ``static/tests/NAME.test.mjs`` on *modules* (path below ``static/src`` to the names it gives, or ``*``).

    The bundle lies in *folder*; the tables find it by the environment variable ``NAME_MODULE``.

    Raises:
        AssertionError: a line of the tables does not hold; node's own words are in it.
    """
    entry = "".join(
        f'export {names if names == "*" else f"{{ {names} }}"} from "./src/{path}";' for path, names in modules.items()
    )
    bundle = folder / f"{name}.mjs"
    made = subprocess.run(_ESBUILD, input=entry, capture_output=True, text=True, cwd=STATIC, check=True)
    bundle.write_text(made.stdout)
    run = subprocess.run(
        ["node", "--test", "--test-timeout=60000", f"tests/{name}.test.mjs"],
        capture_output=True,
        text=True,
        cwd=STATIC,
        env={**os.environ, f"{name.upper()}_MODULE": bundle.as_uri()},
        check=False,
    )
    assert run.returncode == 0, run.stdout
