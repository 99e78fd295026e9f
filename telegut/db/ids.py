"""New ids: UUIDs that sort by the time they were made."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """
    A UUID of version 7.

    48 bits of Unix milliseconds, then 74 random bits, so that new rows land at the end of an index.
    Not a secret: it can be guessed in part.

    Source: RFC 9562, section 5.7.
    """
    return _made(time.time_ns() // 1_000_000, secrets.token_bytes(_RANDOM_BYTES))


def new_ids(count: int) -> list[UUID]:
    """As `new_id`, for many at once: the operating system is asked for randomness once."""
    milliseconds, random = time.time_ns() // 1_000_000, secrets.token_bytes(_RANDOM_BYTES * count)
    return [_made(milliseconds, random[at : at + _RANDOM_BYTES]) for at in range(0, len(random), _RANDOM_BYTES)]


_RANDOM_BYTES = 10


def _made(milliseconds: int, random: bytes) -> UUID:
    value = (milliseconds << 80) | int.from_bytes(random, "big")
    return UUID(int=value & _NOT_OURS | _VERSION_AND_VARIANT)


_VERSION_AND_VARIANT = (7 << 76) | (0b10 << 62)
_NOT_OURS = ~((0xF << 76) | (0b11 << 62))
