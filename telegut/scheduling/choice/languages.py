"""Which languages practitioners speak: kept and read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select

from telegut.db.engine import Transaction
from telegut.scheduling.choice.tables import language


async def read(tx: Transaction, practitioners: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The languages of each, the best one first; those who told none are missing."""
    statement = (
        select(language.c.practitioner, language.c.tag)
        .where(language.c.practitioner.in_(set(practitioners)))
        .order_by(language.c.practitioner, language.c.place)
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for practitioner, tag in await tx.execute(statement):
        found[practitioner].append(tag)
    return {practitioner: tuple(tags) for practitioner, tags in found.items()}


async def replace(tx: Transaction, practitioner: UUID, tags: Sequence[str]) -> None:
    """These are the languages of somebody, the best one first. Each is in the letters of `tags.canonical`."""
    await tx.execute(delete(language).where(language.c.practitioner == practitioner))
    rows = [{"practitioner": practitioner, "tag": tag, "place": place} for place, tag in enumerate(dict.fromkeys(tags))]
    if rows:
        await tx.execute(insert(language).values(rows))
