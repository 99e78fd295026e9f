"""A new clinic's first people and kinds of visit, from the command line, and signing in with what it showed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pyotp
import pytest

from telegut.cli import run_command
from telegut.db.engine import Database
from tests import build


@pytest.fixture
def where(database_url: str, root_key_file: Path, tmp_path: Path) -> list[str]:
    return [
        "--database-url",
        database_url,
        "--root-key-file",
        str(root_key_file),
        "--data",
        str(tmp_path),
        "--mode",
        "test",
        "--json",
    ]


async def _made(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code = await asyncio.to_thread(run_command, ["clinic", *arguments])
    said = capsys.readouterr()
    return json.loads(said.out) if code == 0 else (code, said.err)


async def test_a_new_admin_signs_in_with_what_was_shown(
    client: Any, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    person = ("person", "--name", "Rafael Ortiz", "--email", "rafael@clinic.example", "--role", "admin")
    made = await _made(capsys, *person, *where)
    body = {
        "email": "rafael@clinic.example",
        "password": made["passphrase"],
        "otp": pyotp.TOTP(made["otp_secret"]).now(),
    }
    answer = await client.post("/api/v1/tokens", json=body)

    assert 201 == answer.status
    assert 8 == len(made["passphrase"].split())


async def test_the_same_address_twice_is_one_line_and_a_code(
    where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    person = ("person", "--name", "Lena", "--email", "lena@clinic.example", "--role", "patient")
    await _made(capsys, *person, *where)
    code, said = await _made(capsys, *person, *where)

    assert (2, 1) == (code, len(said.strip().splitlines()))
    assert "already an account" in said


async def test_a_kind_of_visit_is_offered(client: Any, where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    visit = ("visit-type", "--name", "First visit", "--minutes", "50", "--after", "10", "--needs", "consultant")
    made = await _made(capsys, *visit, *where)
    person = ("person", "--name", "Lena", "--email", "lena@clinic.example", "--role", "patient")
    lena = await _made(capsys, *person, *where)
    token = await client.post("/api/v1/tokens", json={"email": lena["email"], "password": lena["passphrase"]})
    bearer = {"Authorization": f"Bearer {(await token.json())['token']}"}
    listed = await (await client.get("/api/v1/services", headers=bearer)).json()

    assert [(made["id"], 50, 10)] == [
        (one["id"], one["duration_minutes"], one["buffer_after_minutes"]) for one in listed["items"]
    ]


async def test_a_group_session_has_seats_and_room_around_it(
    client: Any, where: list[str], capsys: pytest.CaptureFixture[str], db: Database
) -> None:
    group = ("visit-type", "--name", "Group", "--minutes", "60", "--needs", "nutritionist")
    made = await _made(capsys, *group, "--before", "5", "--after", "15", "--seats", "8", *where)
    code, said = await _made(capsys, *group, "--seats", "13", *where)
    noor = await build.person(db, "coordinator")
    listed = await (await client.get("/api/v1/services", headers=noor.bearer)).json()

    assert [(made["id"], 8, 5, 15)] == [
        (one["id"], one["seats"], one["buffer_before_minutes"], one["buffer_after_minutes"]) for one in listed["items"]
    ]
    assert (2, True) == (code, "--seats is between 1 and 12" in said)


async def test_what_is_missing_is_said(where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, said = await _made(capsys, "person", "--name", "Nobody", *where)

    assert (2, True) == (code, "--email" in said)
