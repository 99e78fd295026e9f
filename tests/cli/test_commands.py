"""Every command can be asked for help, and the words of the command line are what the contract says."""

from __future__ import annotations

import pytest

from telegut.cli import COMMANDS
from telegut.cli.exits import Exit
from tests.cli.running import telegut


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_explains_itself_and_its_exit_codes(name: str) -> None:
    ended = await telegut(name, "--help")

    assert ended.code == Exit.DONE
    assert all(code.meaning in ended.out for code in Exit)
    assert ended.err == ""


async def test_without_a_command_the_commands_are_listed() -> None:
    ended = await telegut()

    assert ended.code == Exit.USAGE
    assert all(f"  {name} " in ended.err for name in COMMANDS)


async def test_an_unknown_command_is_refused() -> None:
    ended = await telegut("dance")

    assert ended.code == Exit.USAGE
    assert "invalid choice: 'dance'" in ended.err
