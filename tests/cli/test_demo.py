"""The demonstration as somebody meets it, and the benchmark that measures a start."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from telegut.cli.exits import Exit
from tests.cli.running import DEADLINE_S, children, command_line, serving, telegut

pytestmark = pytest.mark.long


async def test_the_demonstration_prints_who_can_sign_in_and_they_can(tmp_path: Path) -> None:
    for _ in ("the first start makes the clinic", "the second finds it"):
        async with serving(tmp_path / "data", "--web-processes", "2", command="demo") as server:
            titles = sorted(command_line(pid) for pid in children(server.process.pid))
            assert server.process.stdout is not None
            async with asyncio.timeout(DEADLINE_S):
                lines = [(await server.process.stdout.readline()).decode().rstrip("\n") for _ in range(3)]

            assert command_line(server.process.pid) == "telegut demo"
            assert titles.count("telegut web") == 2
            assert lines[0] == f"sign in at {server.url}/sign-in as one of"
            role, name, email, password = (part for part in lines[1].split("  ") if part)
            account = await sign_in(server.url, email.strip(), password.strip())
            assert (account["name"], role in account["roles"]) == (name.strip(), True)


async def sign_in(url: str, email: str, password: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session:
        credentials = {"email": email, "password": password}
        async with session.post(f"{url}/api/v1/tokens", json=credentials) as answer:
            assert answer.status == 201
            token = (await answer.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(f"{url}/api/v1/me", headers=headers) as answer:
            me: dict[str, Any] = await answer.json()
            return me


async def test_the_start_is_measured_in_the_contracts_words() -> None:
    ended = await telegut("bench", "start", "--json")
    lines = {one["metric"]: one for one in map(json.loads, ended.out.splitlines())}

    assert ended.code == Exit.DONE
    assert {name: one["unit"] for name, one in lines.items()} == {"second_start": "s", "idle_memory_web": "MiB"}
    assert all(one["value"] > 0 and one["bench"] == "start" for one in lines.values())
    assert set(lines["second_start"]) == {"bench", "metric", "value", "unit", "peer", "peer_value", "ratio"}
