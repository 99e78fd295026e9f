"""
Hashing passwords: argon2id in a few threads, so that a flood of sign-ins neither stops the loop nor fills the memory.

At most as many hashes run at once as there are threads; a bounded number waits; the rest is told to come back.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from telegut.errors import Unavailable
from telegut.settings import Settings

T = TypeVar("T")

HASH_BYTES = 32
SALT_BYTES = 16

RETRY_AFTER_S = 2


class Passwords:
    """Makes and checks password hashes away from the loop. *waiting* more than that get `Unavailable`."""

    def __init__(self, *, memory_kib: int, passes: int, lanes: int, threads: int, waiting: int) -> None:
        workers = max(1, min(threads or _cores(), _cores()))
        self._hasher = PasswordHasher(passes, memory_kib, lanes, HASH_BYTES, SALT_BYTES)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="password")
        self._room = workers + waiting
        self._inside = 0
        self._nobodys = _nobodys_hash(memory_kib, passes, lanes)

    @classmethod
    def of(cls, settings: Settings) -> Passwords:
        """As the settings say."""
        return cls(
            memory_kib=settings.password_memory_kib,
            passes=settings.password_passes,
            lanes=settings.password_lanes,
            threads=settings.password_threads,
            waiting=settings.password_queue,
        )

    async def hash(self, password: str) -> str:
        """
        The hash to store.

        Raises:
            Unavailable: too many are waiting.
        """
        return await self._away(lambda: self._hasher.hash(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """
        Whether *password* is the one that was hashed. With nothing *stored* it is as much work, and the answer is no.

        Raises:
            Unavailable: too many are waiting.
        """
        right = await self._away(lambda: self._verify(stored or self._nobodys, password))
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's; rehash while the clear text is at hand."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Stop the threads; what runs is finished, what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    async def _away(self, work: Callable[[], T]) -> T:
        if self._inside >= self._room:
            raise Unavailable("Many people are signing in right now. Please try again.", retry_after=RETRY_AFTER_S)
        self._inside += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        # The place is given back when the thread is done, not when the client has gone: a flood of clients that
        # hang up must not get more threads' worth of work queued than there is room for.
        running.add_done_callback(self._left)
        return await asyncio.shield(running)

    def _left(self, finished: asyncio.Future[T]) -> None:
        self._inside -= 1
        if not finished.cancelled():
            finished.exception()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _nobodys_hash(memory_kib: int, passes: int, lanes: int) -> str:
    """A well-formed hash of no known password, so that an unknown account costs the same work as a known one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (SALT_BYTES, HASH_BYTES)
    )
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"
