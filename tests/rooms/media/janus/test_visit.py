"""A visit of three on a real Janus: everybody receives everybody, somebody is hidden, somebody leaves."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest


@pytest.mark.long
async def test_three_people_are_forwarded_by_a_real_janus() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.rooms.media.janus.visit"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    if process.returncode == 3:
        pytest.skip(complained.decode().strip())
    assert 0 == process.returncode, complained.decode()

    found = json.loads(said)
    assert ["consultant", "interpreter", "patient"] == found["there"]
    assert 1 == found["still"], "the interpreter's picture stops, every voice and the other picture go on"
    assert ["consultant", "patient"] == found["left"]
    assert 0 == found["broken"]
