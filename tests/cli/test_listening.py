"""Addresses: what may be listened on, by whom, and how people reach it."""

from __future__ import annotations

import socket

import pytest

from telegut.cli import listening
from telegut.cli.exits import CommandFailed, Exit
from telegut.settings import Settings


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:8080", ("::1", 8080)),
        ("localhost:0", ("localhost", 0)),
        (":8080", ("", 8080)),
    ],
)
def test_an_address_is_a_host_and_a_port(written: str, expected: tuple[str, int]) -> None:
    assert listening.split(written) == expected


@pytest.mark.parametrize("written", ["8080", "localhost", "localhost:", "localhost:http", "localhost:70000"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(CommandFailed) as refused:
        listening.split(written)

    assert refused.value.exit == Exit.USAGE


@pytest.mark.parametrize(
    ("settings", "safe"),
    [
        (Settings(listen="127.0.0.1:80"), True),
        (Settings(listen="[::1]:80"), True),
        (Settings(listen="localhost:80"), True),
        (Settings(listen="0.0.0.0:80"), False),
        (Settings(listen="10.1.2.3:80"), False),
        (Settings(listen="0.0.0.0:80", public_url="https://clinic.example"), False),
        (Settings(listen="0.0.0.0:80", public_url="https://clinic.example", trusted_proxies=("10.0.0.1",)), True),
        (Settings(listen="0.0.0.0:80", public_url="http://clinic.example", trusted_proxies=("10.0.0.1",)), False),
        (Settings(listen="0.0.0.0:80", mode="demo"), True),
    ],
)
def test_production_speaks_plain_http_only_to_itself_and_to_its_proxy(settings: Settings, safe: bool) -> None:
    if safe:
        listening.check_safe(settings)
        return
    with pytest.raises(CommandFailed) as refused:
        listening.check_safe(settings)
    assert refused.value.exit == Exit.UNSAFE


def test_port_0_becomes_the_port_that_was_taken() -> None:
    with listening.bind("127.0.0.1:0") as taken:
        settings = listening.settled(Settings(listen="127.0.0.1:0"), taken)

        assert settings.listen == f"127.0.0.1:{taken.getsockname()[1]}"
        assert settings.origin == f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_an_address_everywhere_is_shown_as_one_that_a_browser_can_open() -> None:
    with listening.bind("0.0.0.0:0") as taken:
        settings = listening.settled(Settings(listen="0.0.0.0:0", mode="demo"), taken)

        assert settings.origin == f"http://localhost:{taken.getsockname()[1]}"


def test_a_taken_address_and_a_foreign_one_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        for written in (f"127.0.0.1:{other.getsockname()[1]}", "203.0.113.1:0"):
            with pytest.raises(CommandFailed) as refused:
                listening.bind(written)
            assert refused.value.exit == Exit.ADDRESS_TAKEN
