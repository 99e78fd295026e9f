"""What the message writer asks before it decides, with the conversations locked: one question for a whole group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from telegut.messaging.rules import Key

ASK = "select * from messaging_ground($1::uuid[], $2::uuid[], $3::int[], $4::text[])"


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What is so until the transaction ends. patients, heads: of each conversation, its patient and the last number.
    members: who takes part. writing, seeing: (conversation, account) of those who may do so there as of now. known:
    whether the log holds any of the sends already.
    """

    patients: Mapping[UUID, UUID]
    heads: Mapping[UUID, int]
    members: Mapping[UUID, tuple[UUID, ...]]
    writing: frozenset[tuple[UUID, UUID]]
    seeing: frozenset[tuple[UUID, UUID]]
    known: bool


async def ask(connection: Any, names: Sequence[Key]) -> Ground:
    """Lock the conversations of *names* in sorted order; from here on nobody else adds to them."""
    lines: dict[tuple[UUID, UUID], int] = {}
    numbers = [lines.setdefault((one.conversation, one.sender), len(lines) + 1) for one in names]
    row = await connection.fetchrow(
        ASK, [one for one, _ in lines], [two for _, two in lines], numbers, [one.client_id for one in names]
    )
    conversations = row["ids"] or ()
    pairs = list(zip(row["places"] or (), row["accounts"] or (), strict=True))
    members: dict[UUID, list[UUID]] = {}
    for place, account in pairs:
        members.setdefault(place, []).append(account)
    return Ground(
        dict(zip(conversations, row["patients"] or (), strict=True)),
        dict(zip(conversations, row["ends"] or (), strict=True)),
        {place: tuple(accounts) for place, accounts in members.items()},
        frozenset(pair for pair, may in zip(pairs, row["writing"] or (), strict=True) if may),
        frozenset(pair for pair, may in zip(pairs, row["seeing"] or (), strict=True) if may),
        row["known"],
    )
