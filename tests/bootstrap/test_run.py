"""The script itself: finds a Python, knows its words, and makes a fresh clone run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def test_a_machine_with_an_old_python_only_is_told_what_to_install(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    script = tmp_path / "a checkout" / "run"
    script.parent.mkdir()
    shutil.copy(ROOT / "run", script)

    ended = subprocess.run(["/bin/sh", script, "demo"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "./run: telegut needs Python 3.11 or newer; on Debian or Ubuntu: apt-get install python3 python3-venv\n"
    )


@pytest.mark.parametrize(("words", "code"), [(["help"], 0), ([], 2)])
def test_it_lists_its_words(words: list[str], code: int) -> None:
    ended = subprocess.run([ROOT / "run", *words], capture_output=True, text=True)

    assert (ended.returncode, ended.stdout) == (code, "")
    assert "demo " in ended.stderr
    assert "test [--all] [--no-system]" in ended.stderr


@pytest.mark.long
def test_a_fresh_clone_with_an_empty_home_sets_itself_up_once(tmp_path: Path) -> None:
    home, clone = tmp_path / "home", tmp_path / "it's a clone"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TELEGUT_", "VIRTUAL_"))}
    environment["HOME"] = str(home)

    first = subprocess.run([clone / "run", "serve", "--help"], env=environment, capture_output=True, text=True)
    second = subprocess.run(
        [clone / "run", "report", "--help"], env=environment, capture_output=True, text=True, cwd=tmp_path
    )

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "· Building the pages' scripts and styles" in first.stderr
    assert second.stderr == ""
