"""Hashing away from the loop, within bounds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from telegut.accounts.passwords import Passwords
from telegut.errors import Unavailable
from telegut.settings import Settings


def make(*, memory_kib: int = 8, waiting: int = 8) -> Passwords:
    return Passwords(memory_kib=memory_kib, passes=1, lanes=1, threads=1, waiting=waiting)


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = make()
    yield made
    made.close()


async def test_the_right_password_matches_and_a_near_one_does_not(passwords: Passwords) -> None:
    stored = await passwords.hash("a quiet room with a green door")

    assert await passwords.matches(stored, "a quiet room with a green door")
    assert not await passwords.matches(stored, "a quiet room with a green doo")
    assert not await passwords.matches(stored, "A quiet room with a green door")


async def test_a_long_unicode_passphrase_counts_to_its_last_character(passwords: Passwords) -> None:
    phrase = "Großmutters 🫖 steht neben der Tür, 七つの海, und niemand weiß warum!!"
    stored = await passwords.hash(phrase)

    assert await passwords.matches(stored, phrase)
    assert not await passwords.matches(stored, phrase[:-1] + "?")


async def test_nobody_s_password_never_matches(passwords: Passwords) -> None:
    assert not await passwords.matches(None, "")
    assert not await passwords.matches(None, "a quiet room with a green door")


async def test_a_broken_hash_matches_nothing(passwords: Passwords) -> None:
    assert not await passwords.matches("$argon2id$v=19$broken", "anything")
    assert not await passwords.matches("plain", "plain")


async def test_nobody_s_hash_asks_for_the_same_work_as_a_real_one(passwords: Passwords) -> None:
    real = extract_parameters(await passwords.hash("anything"))

    assert real == extract_parameters(passwords._nobodys)


async def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    stronger = make(memory_kib=16)
    try:
        stored = await passwords.hash("anything")

        assert not passwords.is_outdated(stored)
        assert stronger.is_outdated(stored)
        assert await stronger.matches(stored, "anything")
    finally:
        stronger.close()


async def test_the_settings_ask_for_argon2id_with_46_mib() -> None:
    made = Passwords.of(Settings())
    try:
        parameters = extract_parameters(made._nobodys)

        assert (Type.ID, 46 * 1024, 1) == (parameters.type, parameters.memory_cost, parameters.time_cost)
    finally:
        made.close()


async def test_beyond_the_queue_people_are_told_to_come_back() -> None:
    passwords = make(waiting=2)
    hold = threading.Event()
    passwords._pool.submit(hold.wait)
    try:
        inside = [asyncio.ensure_future(passwords.hash("anything")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            await passwords.hash("anything")
        hold.set()

        assert refused.value.retry_after > 0
        assert 3 == len(await asyncio.gather(*inside))
        assert await passwords.hash("and then there is room again")
    finally:
        hold.set()
        passwords.close()


async def test_a_client_that_hangs_up_does_not_make_room() -> None:
    passwords = make(waiting=0)
    hold = threading.Event()
    passwords._pool.submit(hold.wait)
    try:
        gone = asyncio.ensure_future(passwords.hash("anything"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)

        with pytest.raises(Unavailable):
            await passwords.hash("anything")
    finally:
        hold.set()
        passwords.close()
