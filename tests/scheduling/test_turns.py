"""Bookers of one practitioner wait for their turn; nobody waits for somebody else's practitioner."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from telegut.errors import Unavailable
from telegut.scheduling.turns import Turns

FIRST, SECOND = UUID(int=1), UUID(int=2)


async def test_a_few_at_a_time_are_let_through() -> None:
    turns, inside, most = Turns(at_once=3, patience_s=30), 0, 0

    async def booker() -> None:
        nonlocal inside, most
        async with turns.wait_for([FIRST]):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(booker() for _ in range(50)))

    assert (3, 0) == (most, inside)


async def test_joint_visits_in_both_orders_all_get_their_turn() -> None:
    turns, done = Turns(at_once=1, patience_s=30), 0

    async def booker(*practitioners: UUID) -> None:
        nonlocal done
        async with turns.wait_for(practitioners):
            await asyncio.sleep(0)
            done += 1

    await asyncio.gather(*(booker(*pair) for pair in [(FIRST, SECOND), (SECOND, FIRST)] * 20))

    assert done == 40


async def test_another_practitioner_is_not_waited_for() -> None:
    turns = Turns(at_once=1, patience_s=30)

    async with turns.wait_for([FIRST]), turns.wait_for([SECOND]):
        pass


async def test_who_waits_too_long_is_told_to_come_back() -> None:
    turns = Turns(at_once=1, patience_s=0.01)

    async with turns.wait_for([FIRST]):
        with pytest.raises(Unavailable):
            async with turns.wait_for([FIRST]):
                pass
    async with turns.wait_for([FIRST]):
        pass
