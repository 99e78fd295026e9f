"""What clamd says, and what counts as no answer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from telegut.messaging.uploads.scanner import Clamd, ScannerAway
from tests.messaging.uploads import files
from tests.messaging.uploads.scanners import CLAMD, fake_clamd, real_clamd


async def test_every_byte_reaches_the_scanner() -> None:
    async with fake_clamd() as clamd:
        assert not await Clamd(clamd.address, 20).harmful(bytes(1_000_000))
        assert [1_000_000] == clamd.heard


async def test_a_known_file_is_harmful() -> None:
    async with fake_clamd() as clamd:
        assert await Clamd(clamd.address, 20).harmful(b"before " + files.EICAR + b" behind")


@pytest.mark.parametrize(
    "answer",
    [b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK", b"HTTP/1.1 200 OK\r\n\r\n\0", b"\0", b"x" * 100_000],
    ids=["error", "cut off", "another server", "nothing", "endless"],
)
async def test_an_answer_that_makes_no_sense_is_none(answer: bytes) -> None:
    async with fake_clamd() as clamd:
        clamd.answer = answer

        with pytest.raises(ScannerAway):
            await Clamd(clamd.address, 20).harmful(b"something")


async def test_a_scanner_that_says_nothing_is_away() -> None:
    async with fake_clamd() as clamd:
        clamd.answer = None

        with pytest.raises(ScannerAway):
            await Clamd(clamd.address, 0.2).harmful(b"something")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.sock"])
async def test_a_scanner_that_is_not_there_is_away(address: str) -> None:
    with pytest.raises(ScannerAway):
        await Clamd(address, 20).harmful(b"something")


@pytest.mark.long
@pytest.mark.skipif(CLAMD is None, reason="no clamd on this machine: install the package clamav-daemon")
async def test_debian_s_clamd_knows_what_its_signatures_name() -> None:
    with tempfile.TemporaryDirectory(prefix="telegut-") as home:  # a socket's path has to be short
        async with real_clamd(Path(home)) as address:
            scanner = Clamd(address, 60)
            found = [await scanner.harmful(one) for one in (files.EICAR, files.picture(), bytes(3_000_000), b"")]

    assert [True, False, False, False] == found
