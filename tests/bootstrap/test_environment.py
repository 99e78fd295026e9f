"""Where the set-up finds what it needs, and what it says when the machine has it not."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from bootstrap import environment, pages, system
from bootstrap.steps import SetupFailed


def test_a_python_without_venv_is_one_line_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(SetupFailed) as refused:
        environment.prepare(tmp_path, tests=False)

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert str(refused.value) == f"this Python cannot make environments; run: apt-get install python{version}-venv"


def test_caches_go_into_the_checkout_when_there_is_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))

    assert environment.tool_environment(tmp_path)["UV_CACHE_DIR"] == str(tmp_path / ".cache" / "uv")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert environment.tool_environment(tmp_path).get("UV_CACHE_DIR") == os.environ.get("UV_CACHE_DIR")


def test_pip_installs_where_uv_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    assert environment.installer(tmp_path)[1:4] == ["-m", "pip", "install"]


def fake_program(folder: Path, name: str, says: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho {says}\n")
    program.chmod(0o755)


def test_the_machines_node_is_used_when_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_program(tmp_path, "node", "v20.1.0")
    fake_program(tmp_path, "npm", "10.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert pages.npm_command(tmp_path) == [str(tmp_path / "npm")]


@pytest.mark.parametrize("version", ["v18.20.4", "nonsense"])
def test_an_older_node_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    fake_program(tmp_path, "node", version)
    fake_program(tmp_path, "npm", "10.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pages, "_own_npm", lambda root: ["our node", "our npm"])

    assert pages.npm_command(tmp_path) == ["our node", "our npm"]


def test_a_missing_browser_is_named_where_it_may_not_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    system.ensure_browser(tmp_path, allowed=True)
    system.ensure_browser(tmp_path, allowed=False)

    line = "· browser tests are skipped: install the package chromium to run them\n"
    assert capsys.readouterr().err == line * 2


@pytest.mark.parametrize("there", [True, False])
def test_the_browser_without_windows_is_fetched_where_there_is_one_and_not_asked_for_again_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], there: bool
) -> None:
    asked = tmp_path / "asked"
    (tmp_path / "apt-get").write_text(f"#!/bin/sh\necho $1 >> {asked}\nexit {0 if there else 100}\n")
    (tmp_path / "apt-get").chmod(0o755)
    fake_program(tmp_path, "chromium", "Chromium 156")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(system, "BROWSERS", ("chromium",))
    monkeypatch.setattr(system, "WINDOWLESS", "chromium-of-no-machine")  # this one may have the real one

    system.ensure_browser(tmp_path, allowed=True)
    tried = asked.read_text().split()
    if not there:
        system.ensure_browser(tmp_path, allowed=True)

    assert (["install"] * 2 if there else ["install", "update"]) == tried
    assert tried == asked.read_text().split()
    assert there == ("Installed the package chromium-of-no-machine" in capsys.readouterr().err)


def test_a_machine_that_may_not_be_changed_keeps_the_browser_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_program(tmp_path, "chromium", "Chromium 156")
    monkeypatch.setenv("PATH", str(tmp_path))
    system.ensure_browser(tmp_path, allowed=False)

    assert "" == capsys.readouterr().err


def test_a_missing_scanner_is_named_where_it_may_not_be_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    system.ensure_scanner(allowed=True)

    line = "· tests with a real virus scanner are skipped: install the package clamav-daemon to run them\n"
    assert capsys.readouterr().err == line
