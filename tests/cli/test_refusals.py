"""What a start refuses, each with one clear line and its own exit code."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from telegut.cli.exits import Exit
from tests.cli.running import telegut


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://somebody:hidden@127.0.0.1/clinic", "must look like postgresql://"),
        ("postgresql://somebody:hidden@127.0.0.1:1/clinic", "nothing listens there"),
        ("postgresql://somebody:hidden@name.invalid/clinic", "no machine of that name"),
        ("postgresql://somebody:hidden@127.0.0.1:port/clinic", "makes no sense"),
    ],
)
async def test_a_wrong_database_address_is_explained_and_its_password_never_shown(
    tmp_path: Path, url: str, why: str
) -> None:
    ended = await telegut("serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0", TELEGUT_DATABASE_URL=url)

    assert (ended.code, ended.out) == (Exit.NO_DATABASE, "")
    assert why in ended.err
    assert "hidden" not in ended.err
    assert ended.err.count("\n") == 1


async def test_a_database_that_does_not_exist_is_named(tmp_path: Path, postgres: str) -> None:
    url = postgres.replace("/telegut?", "/not_there?")
    ended = await telegut("serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0", TELEGUT_DATABASE_URL=url)

    assert ended.code == Exit.NO_DATABASE
    assert "it has no database of that name" in ended.err


async def test_production_refuses_a_database_that_forgets_in_a_crash(tmp_path: Path, database_url: str) -> None:
    ended = await telegut(
        "serve", "--data", str(tmp_path), "--listen", "127.0.0.1:0", TELEGUT_DATABASE_URL=database_url
    )

    assert ended.code == Exit.UNSAFE
    assert "fsync" in ended.err


async def test_production_refuses_plain_http_beyond_this_machine(tmp_path: Path) -> None:
    ended = await telegut("serve", "--data", str(tmp_path), "--listen", "0.0.0.0:0")

    assert ended.code == Exit.UNSAFE
    assert "over plain HTTP" in ended.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_data_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    ended = await telegut("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")

    assert ended.code == Exit.NOT_WRITABLE


async def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    ended = await telegut("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")

    assert ended.code == Exit.NOT_WRITABLE
    assert "cannot write to" in ended.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--mode", "party"), "TELEGUT_MODE: is one of production, demo, test"),
        (("--database-pool", "many"), "TELEGUT_DATABASE_POOL"),
        (("--listen", "somewhere"), "not an address to listen on"),
        (("--listen", "127.0.0.1:99999"), "not an address to listen on"),
        (("--no-such-flag",), "unrecognized arguments"),
    ],
)
async def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    ended = await telegut("serve", "--data", str(tmp_path), *arguments)

    assert ended.code == Exit.USAGE
    assert why in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
async def test_a_full_disk_is_named(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        ended = await telegut("serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)

    assert ended.code == Exit.DISK_FULL
    assert "there is no space left on the disk" in ended.err.lower()
