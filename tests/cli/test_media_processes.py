"""How many media processes there are, how each is started, and that a wrong setting is refused before anything is."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from telegut.cli.exits import CommandFailed, Exit
from telegut.cli.supervisor import Supervisor
from telegut.settings import Settings
from tests.cli.running import DEADLINE_S, command_line, serving


def test_each_media_process_has_a_number_and_ends_at_once_when_everything_does() -> None:
    supervisor = Supervisor("serve", Settings(media_processes=3))
    with socket.socket() as taken:
        media = [child for child in supervisor._make_children(taken) if child.name.startswith("media")]

    assert ["media", "media 1", "media 2"] == [child.name for child in media]
    assert [None, "1", "2"] == [child.environment.get("TELEGUT_MEDIA_NUMBER") for child in media]
    assert {signal.SIGINT} == {child.ending for child in media}


@pytest.mark.parametrize(("cores", "web", "expected"), [(1, 1, 1), (2, 1, 1), (4, 1, 2), (8, 2, 5), (2, 4, 1)])
def test_unless_said_otherwise_there_is_one_for_each_core_that_is_free(
    monkeypatch: pytest.MonkeyPatch, cores: int, web: int, expected: int
) -> None:
    monkeypatch.setattr("telegut.settings._cores", lambda: cores)

    assert expected == Settings(web_processes=web).media_count
    assert 0 == Settings(media_elsewhere=("media.example:7443",)).media_count


async def test_media_elsewhere_without_certificates_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = replace(Settings(mode="demo", data=tmp_path), media_elsewhere=("media.example:7443",))
    with pytest.raises(CommandFailed) as refused:
        await Supervisor("serve", settings).run()

    assert Exit.USAGE == refused.value.exit
    assert "TELEGUT_MEDIA_AUTHORITY" in str(refused.value)


@pytest.mark.long
async def test_two_are_supervised_and_one_that_is_told_to_end_starts_again(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", TELEGUT_MEDIA_PROCESSES="2") as server:
        one = server.child("telegut media 1")
        os.kill(one, signal.SIGTERM)  # it drains; there is no call, so it ends
        assert one != await server.new_child("telegut media 1", one)
        async with asyncio.timeout(DEADLINE_S):
            while await server.status("/readyz") != 200:
                await asyncio.sleep(0.05)
        assert "media 1 ended (exit code 0)" in server.said()
        assert command_line(server.child("telegut media")).startswith("telegut media")
