"""
Questions of many sockets that go to the database as one.

What arrives while a question is at the database shares the next one: a quiet moment asks at once, a storm asks a few
times for everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

AT_ONCE = 1_000
"""Most that is asked about in one question."""

Key = TypeVar("Key")
Value = TypeVar("Value")
Answer = TypeVar("Answer")


class Gathering(Generic[Key, Value, Answer]):
    """
    Asks with *ask* about everything that has gathered.

    merge: what of two values for one key that meet is asked.
    """

    def __init__(
        self, ask: Callable[[Mapping[Key, Value]], Awaitable[Mapping[Key, Answer]]], merge: Callable[..., Value]
    ) -> None:
        self._ask = ask
        self._merge = merge
        self._waiting: dict[Key, tuple[Value, asyncio.Future[Answer | None]]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def about(self, key: Key, value: Value) -> Answer | None:
        """
        The answer about *key*; None when there is none.

        Raises:
            Exception: whatever the question met.
        """
        known = self._waiting.get(key)
        if known is None:
            answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
            self._waiting[key] = value, answer
        else:
            answer = known[1]
            self._waiting[key] = self._merge(known[0], value), answer
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._run(), name="gathered question")
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        while self._waiting:
            asked = {one: self._waiting.pop(one) for one in list(self._waiting)[:AT_ONCE]}
            try:
                found = await self._ask({key: value for key, (value, _) in asked.items()})
            except BaseException as exc:
                for _, answer in asked.values():
                    answer.set_exception(exc if isinstance(exc, Exception) else ConnectionError())
                    answer.exception()  # whoever has gone away in the meantime needs no answer
                if not isinstance(exc, Exception):
                    raise
            else:
                for key, (_, answer) in asked.items():
                    answer.set_result(found.get(key))
