"""Settings as flags and variables: every field has words, and a child gets exactly what its parent has."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import pytest

from telegut.cli import flags
from telegut.cli.exits import CommandFailed
from telegut.settings import Settings


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    flags.add_settings(parser)
    return parser.parse_args(words)


def test_every_setting_is_described() -> None:
    assert [one.name for one in flags.described()] == [one.name for one in dataclasses.fields(Settings)]
    assert [one.name for one in flags.described() if not one.meaning] == []


def test_a_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGUT_CLINIC_NAME", "from the environment")
    monkeypatch.setenv("TELEGUT_DATABASE_POOL", "3")

    settings = flags.load(parsed("--clinic-name", "from the flag"))

    assert (settings.clinic_name, settings.database_pool) == ("from the flag", 3)


def test_what_does_not_fit_ends_the_command() -> None:
    with pytest.raises(CommandFailed, match="TELEGUT_DATABASE_POOL"):
        flags.load(parsed("--database-pool", "many"))


def test_a_child_process_reads_the_same_settings() -> None:
    settings = Settings(
        mode="demo",
        data=Path("/somewhere/with a space"),
        trusted_proxies=("10.0.0.1", "10.0.0.2"),
        sign_in_limits=False,
        shutdown_s=1.5,
        root_key_file=Path("/keys/root.key"),
    )
    environment = flags.child_environment(settings, {"PATH": "/bin", "TELEGUT_LISTEN": "not ours any more"})

    assert Settings.load(environment) == settings
    assert environment["PATH"] == "/bin"
