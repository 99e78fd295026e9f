"""The library as it holds today: what telegut ships, with what the clinic has signed. Inside somebody's transaction."""

from __future__ import annotations

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.evidence.content import read
from telegut.evidence.library import BUILT_IN, Library
from telegut.evidence.tables import current, version


async def library(tx: Transaction) -> Library:
    """Every version that anybody may be shown; drafts are not among them. One statement."""
    holds = current.c.version.is_not(None).label("holds")
    signed = (
        select(version.c.name, version.c.number, version.c.content, _signature.label("signed_by"), holds)
        .outerjoin(current, current.c.version == version.c.id)
        .where(version.c.state == "signed")
    )
    rows, now = [], {}
    for one in await tx.execute(signed):
        rows.append(read(one.name, one.number, one.content, one.signed_by))
        if one.holds:
            now[one.name] = one.number
    return BUILT_IN.with_signed(rows, now) if rows else BUILT_IN


_signature = version.c.reviewer_name + ", " + version.c.profession
