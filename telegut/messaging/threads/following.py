"""
Threads follow the care team too: a side thread is always the whole care team, and nobody stays in a thread about a
patient whose record is closed to them. A topic always has somebody of the team, and covers beside whom they stand in
for. After a change of the team, by a job; every access asks by itself as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from telegut.accounts import care
from telegut.accounts.care import Circle
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import Vault
from telegut.messaging import log, membership
from telegut.messaging.ledger import rosters
from telegut.messaging.membership import Present
from telegut.messaging.rules import Kind
from telegut.messaging.tables import conversation, member

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


async def behind(tx: Transaction) -> list[UUID]:
    """The patients some of whose topics do not have the covers in them that they should, or have others."""
    covers = await rosters.covers(tx)
    concerned = (
        select(member.c.conversation)
        .join(conversation, conversation.c.id == member.c.conversation)
        .where(conversation.c.kind == Kind.TOPIC.value, member.c.until.is_(None))
        .where(member.c.cover_for.is_not(None) | member.c.account.in_(sorted({absent for _, absent in covers})))
    )
    topics: dict[tuple[UUID, UUID], dict[UUID, UUID | None]] = {}
    for row in await tx.execute(select(member).where(member.c.conversation.in_(concerned), member.c.until.is_(None))):
        topics.setdefault((row.patient, row.conversation), {})[row.account] = row.cover_for
    circles = await care.circles(tx, {patient for patient, _ in topics})
    found = {
        patient for (patient, _), present in topics.items() if _in_topic(patient, present, circles, covers) != present
    }
    return sorted(found)


async def _follow_one(tx: Transaction, vault: Vault, thread: UUID, kind: Kind, now: datetime) -> None:
    head = await log.lock(tx, thread)
    present = await membership.present(tx, thread)
    if kind is Kind.TEAM:
        family = set(await care.guardians(tx, head.patient))
        wanted: Present = dict.fromkeys(await team_of(tx, head.patient) - family)
    else:
        wanted = await in_topic(tx, head.patient, present)
    await membership.become(tx, vault, head, present, wanted, now)


async def open_to_team(tx: Transaction, vault: Vault, topic: UUID, now: datetime) -> None:
    """Let the whole care team into *topic*, as when an urgent message there is read by nobody."""
    head = await log.lock(tx, topic)
    present = await membership.present(tx, topic)
    wanted = {**present, **dict.fromkeys(await team_of(tx, head.patient))}
    await membership.become(tx, vault, head, present, wanted, now)


async def team_of(tx: Transaction, patient: UUID) -> set[UUID]:
    """Who of the care team can be in a thread about *patient*: all but themselves."""
    return {one.account for one in await care.team(tx, patient)} - {patient}


async def in_topic(tx: Transaction, patient: UUID, present: Present) -> dict[UUID, UUID | None]:
    """Who takes part, as of now, in a topic of *patient* in which *present* took part; see `following_topic`."""
    return _in_topic(patient, present, await care.circles(tx, [patient]), await rosters.covers(tx))


def _in_topic(
    patient: UUID, present: Present, circles: Mapping[UUID, Circle], covers: Collection[tuple[UUID, UUID]]
) -> dict[UUID, UUID | None]:
    circle = circles[patient]
    team = circle.members.keys() - {patient}
    return following_topic(present, {patient, *team, *circle.guardians}, team, covers)


def following_topic(
    present: Present, circle: Set[UUID], team: Set[UUID], covers: Collection[tuple[UUID, UUID]]
) -> dict[UUID, UUID | None]:
    """
    Who takes part in a topic where *present* did, when the record is open to *circle*, of whom *team* cares.

    covers: who answers for whom. They come along with whom they stand in for (a promise that they answer needs that
    they can read), and leave when they do not any more, whatever else they do in the team. Nobody writes to nobody: a
    topic that the last of the team has left becomes the whole team's.
    """
    themselves = {one for one, along in present.items() if along is None}
    here = {one: along for one, along in present.items() if one in circle and (along is None or (one, along) in covers)}
    for cover, absent in sorted(covers):
        if absent in themselves and cover in team:
            here.setdefault(cover, absent)
    return here if here.keys() & team else {**here, **dict.fromkeys(team)}
