"""Journeys through a plan that many people change at once, and a server that dies while they write."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections import Counter
from typing import Any

import pytest

from telegut.db.engine import Database
from telegut.settings import Settings
from tests import build
from tests.build import Clinic
from tests.careplan.plans import Client, a_step, asked, open_gates, path
from tests.careplan.writer import Writer, until

RACERS = 12


@pytest.fixture
async def clinic(db: Database) -> Clinic:
    return await build.clinic(db)


async def test_many_changes_of_one_step_have_one_winner(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    step = await a_step(client, clinic)
    url = path(clinic.patient, f"/steps/{step['id']}")

    async def change(number: int) -> tuple[int, Any]:
        who = (clinic.consultant, clinic.nutritionist)[number % 2]
        return await asked(client, "PATCH", url, who, {"version": 1, "details": f"Words of {number}."})

    answers = await asyncio.gather(*(change(number) for number in range(RACERS)))
    won = next(body for status, body in answers if status == 200)

    assert Counter({409: RACERS - 1, 200: 1}) == Counter(status for status, _ in answers)
    assert {(2, won["details"])} == {
        (body["current"]["version"], body["current"]["details"]) for status, body in answers if status == 409
    }


async def test_the_patient_answers_what_they_read_or_is_shown_the_new(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    for _ in range(6):
        step = await a_step(client, clinic)
        url = path(clinic.patient, f"/steps/{step['id']}")
        change = asked(client, "PATCH", url, clinic.consultant, {"version": 1, "details": "Twice as much."})
        yes = asked(client, "POST", url + "/acceptance", clinic.patient, {"version": 1, "answer": "accepted"})
        statuses = sorted([(await one)[0] for one in asyncio.as_completed([change, yes])])
        plan = (await asked(client, "GET", path(clinic.patient), clinic.patient))[1]
        now = next(one for one in plan["steps"] if one["id"] == step["id"])

        assert [200, 409] == statuses
        # Never accepted with words that were not read.
        assert (now["acceptance"], now["details"]) in {
            ("accepted", "With the milk you like."),
            ("asked", "Twice as much."),
        }


async def test_a_gate_that_closes_meanwhile_is_never_overlooked(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    gate = path(clinic.patient, "/gates/alarm_features")
    body = {"title": "Walk", "kind": "movement"}
    steps = [asked(client, "POST", path(clinic.patient, "/steps"), clinic.consultant, body) for _ in range(RACERS)]
    close = asked(client, "PUT", gate, clinic.nutritionist, {"answer": "yes", "version": 1})
    *made, closed = await asyncio.gather(*steps, close)
    plan = (await asked(client, "GET", path(clinic.patient), clinic.patient))[1]
    stored = sum(status == 201 for status, _ in made)

    assert 200 == closed[0]
    assert {status for status, _ in made} <= {201, 422}
    assert stored == len(plan["steps"])
    assert all(step["blocked_by"] == ["alarm_features"] for step in plan["steps"])
    assert 422 == (await asked(client, "POST", path(clinic.patient, "/steps"), clinic.consultant, body))[0]


async def test_two_signatures_of_one_state_are_one_version(client: Client, clinic: Clinic) -> None:
    await open_gates(client, clinic)
    await a_step(client, clinic)
    sign = path(clinic.patient, "/sign")
    answers = await asyncio.gather(*(asked(client, "POST", sign, clinic.consultant, {}) for _ in range(RACERS)))
    versions = (await asked(client, "GET", path(clinic.patient, "/versions"), clinic.patient))[1]["items"]

    assert Counter({409: RACERS - 1, 201: 1}) == Counter(status for status, _ in answers)
    assert [1] == [one["number"] for one in versions]


async def test_everybody_who_comes_first_finds_the_same_plan(client: Client, clinic: Clinic) -> None:
    people = [clinic.patient, clinic.consultant, clinic.nutritionist, clinic.guardian] * 3
    plans = await asyncio.gather(*(asked(client, "GET", path(clinic.patient), who) for who in people))

    assert {200} == {status for status, _ in plans}
    assert 1 == len({body["id"] for _, body in plans})


SERVER = """
import asyncio, sys
from pathlib import Path
from aiohttp import web
from telegut.app import build_app
from telegut.settings import Settings

async def main():
    settings = Settings(mode="test", data=Path(sys.argv[1]), database_url=sys.argv[2], root_key_file=Path(sys.argv[3]))
    runner = web.AppRunner(build_app(settings), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def spawn(settings: Settings) -> tuple[asyncio.subprocess.Process, str]:
    """A web process of its own, and its address."""
    arguments = (str(settings.data), settings.database_url, str(settings.root_key_path))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        port = int(await process.stdout.readline())
    return process, f"http://127.0.0.1:{port}"


@pytest.mark.long
async def test_a_killed_server_loses_nothing_it_called_saved(
    client: Client, clinic: Clinic, settings: Settings
) -> None:
    plan = (await asked(client, "GET", path(clinic.patient), clinic.patient))[1]["id"]
    process, url = await spawn(settings)
    lena, amara = Writer(clinic.patient, plan), Writer(clinic.consultant, plan)
    fresh = Writer(clinic.nutritionist, plan)
    try:
        await asyncio.gather(lena.connect(url), amara.connect(url))
        for number in range(40):
            lena.text += f"[l{number}]"
            amara.text += f"[a{number}]"
            # Only one of them waits to be told; the other's last words may be on their way when the server dies.
            await lena.all_saved()
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await until(lambda: lena.code is not None and amara.code is not None)
        process, url = await spawn(settings)
        await fresh.connect(url)
        stored = str(fresh)
        await asyncio.gather(lena.leave(), amara.leave())
        await asyncio.gather(lena.connect(url), amara.connect(url))
        await until(lambda: str(lena) == str(amara) == str(fresh))

        assert [f"[l{number}]" for number in range(40)] == re.findall(r"\[l\d+\]", stored)
        assert [f"[a{number}]" for number in range(40)] == re.findall(r"\[a\d+\]", str(fresh))
    finally:
        await asyncio.gather(lena.leave(), amara.leave(), fresh.leave())
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
