"""
Threads follow the care team too: a side thread is always the whole care team, and nobody stays in a thread about a
patient whose record is closed to them. A topic always has somebody of the team, and covers beside whom they stand in
for. After a change of the team, by a job; every access asks by itself as well.
"""

from __future__ import annotations

from collections.abc import Collection, Set
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from telegut.accounts import care
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.messaging import log, membership
from telegut.messaging.ledger import absences
from telegut.messaging.rules import Kind
from telegut.messaging.tables import conversation

WHY = Caller.system("care team changed")


async def follow(db: Database, vault: Vault, patient: UUID, now: datetime) -> None:
    """Bring every thread about *patient* up to date; each in a transaction of its own, so that none waits for two."""
    async with db.begin(WHY) as tx:
        rows = await tx.execute(
            select(conversation.c.id, conversation.c.kind)
            .where(conversation.c.patient == patient, conversation.c.kind != Kind.CARE.value)
            .order_by(conversation.c.id)
        )
        threads = rows.all()
    for thread in threads:
        async with db.begin(WHY) as tx:
            await _follow_one(tx, vault, thread.id, Kind(thread.kind), now)


async def _follow_one(tx: Transaction, vault: Vault, thread: UUID, kind: Kind, now: datetime) -> None:
    head = await log.lock(tx, thread)
    present = set(await log.taking_part(tx, thread))
    team = await team_of(tx, head.patient)
    family = set(await care.guardians(tx, head.patient))
    wanted = team - family if kind is Kind.TEAM else await in_topic(tx, head.patient, present)
    await _become(tx, vault, head, present, wanted, now)


async def open_to_team(tx: Transaction, vault: Vault, topic: UUID, now: datetime) -> None:
    """Let the whole care team into *topic*, as when an urgent message there is read by nobody."""
    head = await log.lock(tx, topic)
    present = set(await log.taking_part(tx, topic))
    await _become(tx, vault, head, present, present | await team_of(tx, head.patient), now)


async def _become(
    tx: Transaction, vault: Vault, head: log.Head, present: set[UUID], wanted: set[UUID], now: datetime
) -> None:
    if present != wanted:
        joining, leaving = wanted - present, present - wanted
        await membership.change_members(tx, vault, head, joining=joining, leaving=leaving, now=now)


async def team_of(tx: Transaction, patient: UUID) -> set[UUID]:
    """Who of the care team can be in a thread about *patient*: all but themselves."""
    return {one.account for one in await care.team(tx, patient)} - {patient}


async def in_topic(tx: Transaction, patient: UUID, present: Collection[UUID]) -> set[UUID]:
    """Who takes part, as of now, in a topic of *patient* in which *present* took part; see `following_topic`."""
    circle, team = set(await care.circle(tx, patient)), await team_of(tx, patient)
    return following_topic(set(present), circle, team, await absences.covers(tx))


def following_topic(
    present: Set[UUID], circle: Set[UUID], team: Set[UUID], covers: Collection[tuple[UUID, UUID]]
) -> set[UUID]:
    """
    Who takes part in a topic where *present* did, when the record is open to *circle*, of whom *team* cares.

    covers: who answers for whom. They come along with whom they stand in for: a promise that they answer needs that
    they can read. Nobody writes to nobody: a topic that the last of the team has left becomes the whole team's.
    """
    here = {one for one in present if one in circle}
    here |= {cover for cover, absent in covers if absent in present and cover in team}
    return here if here & team else here | team
