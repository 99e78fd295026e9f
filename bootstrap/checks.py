"""``./run check``: everything a machine can say about the code without running it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bootstrap import pages

AT_ONCE = 2
OURS = ("bootstrap", "telegut", "tests")


@dataclass(frozen=True)
class Check:
    """One program that looks at the code."""

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What it said."""

    check: Check
    passed: bool
    said: str
    seconds: float


def run(root: Path) -> int:
    """Run all of them, two at a time; 0 when all are content. What a failed one said is shown."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(_look, every(root)))
    for one in outcomes:
        print(f"· {one.check.name}: {'fine' if one.passed else 'FAILED'}, {one.seconds:.1f} s", file=sys.stderr)
        if not one.passed:
            print(one.said.rstrip(), file=sys.stderr)
    return 0 if all(one.passed for one in outcomes) else 1


def every(root: Path) -> list[Check]:
    """The checks, the slowest first."""
    programs = root / ".venv" / "bin"
    npm = pages.npm_command(root)
    python = str(programs / "python")

    def ours(name: str, *words: str) -> Check:
        return Check(name, [python, str(programs / words[0]), *words[1:]], root, dict(os.environ))

    ruff = str(programs / "ruff")
    return [
        ours("types (mypy --strict)", "mypy"),
        Check(
            "TypeScript (tsc)", [*npm, "run", "--silent", "check"], root / "static", pages.npm_environment(root, npm)
        ),
        ours("imports (import-linter)", "lint-imports"),
        Check("style (ruff check)", [ruff, "check", *OURS], root, dict(os.environ)),
        Check("format (ruff format)", [ruff, "format", "--check", *OURS], root, dict(os.environ)),
    ]


def _look(check: Check) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=check.folder,
        env=check.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Outcome(check, done.returncode == 0, done.stdout.decode(errors="replace"), time.monotonic() - began)
