"""Descriptions of laboratories' tables in the database. Checks nobody's rights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, insert, select

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.reports.confirming import Confirmed
from telegut.reports.formats.mapping import ColumnMapping, of_dict
from telegut.reports.mapping.sealing import opened, sealed
from telegut.reports.mapping.tables import described, description


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """
    What the columns of a laboratory's table mean, at one version. headings: by which its table is known again.
    confirmed: names in its tables that are not known and were confirmed as groups of organisms.
    """

    id: UUID
    number: int
    laboratory: str
    mapping: ColumnMapping
    headings: tuple[str, ...]
    offered: bool
    made_by: UUID | None
    made_at: datetime
    confirmed: tuple[Confirmed, ...] = ()

    @property
    def name(self) -> str:
        """As it stands in the provenance of a report."""
        return f"{self.laboratory}, version {self.number}"


def fingerprint(headings: Sequence[str]) -> bytes:
    """SHA-256 of *headings*, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(headings), ensure_ascii=False).encode()).digest()


async def newest(tx: Transaction, vault: Vault, *, limit: int) -> list[Description]:
    """The newest version of every description, the latest made first."""
    ranked = func.row_number().over(partition_by=description.c.id, order_by=description.c.number.desc())
    inner = select(description, ranked.label("place")).subquery()
    rows = await tx.execute(
        select(inner).where(inner.c.place == 1).order_by(inner.c.made_at.desc(), inner.c.id.desc()).limit(limit)
    )
    return [_of(vault, row) for row in rows]


async def one(tx: Transaction, vault: Vault, id: UUID, *, lock: bool = False) -> Description | None:
    """The newest version of description *id*; lock: nobody else adds a version until the transaction ends."""
    if lock:
        await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"description {id}", 0))))
    query = select(description).where(description.c.id == id).order_by(description.c.number.desc()).limit(1)
    row = (await tx.execute(query)).first()
    return None if row is None else _of(vault, row)


async def add(tx: Transaction, vault: Vault, kept: Description) -> None:
    """A new version; the primary key refuses one that is there."""
    await tx.execute(
        insert(description).values(
            id=kept.id,
            number=kept.number,
            laboratory=kept.laboratory,
            mapping=kept.mapping.as_dict(),
            headings=list(kept.headings),
            fingerprint=fingerprint(kept.headings),
            confirmed=sealed(vault, kept.id, kept.confirmed),
            offered=kept.offered,
            made_by=kept.made_by,
            made_at=kept.made_at,
        )
    )


async def say(
    tx: Transaction,
    vault: Vault,
    key: PatientKey,
    report: UUID,
    mapping: ColumnMapping,
    kept: Description | None,
    confirmed: Sequence[Confirmed],
    *,
    at: datetime,
) -> None:
    """
    Have report *report* read by *mapping*, which is that of *kept* when a description was saved or taken, with the
    names that were *confirmed*.
    """
    before = await tx.scalar(select(func.max(described.c.number)).where(described.c.report == report))
    id = new_id()
    name = kept.name if kept is not None else "for this file alone"
    said = {"name": name, "mapping": mapping.as_dict(), "confirmed": [one.as_dict() for one in confirmed]}
    await tx.execute(
        insert(described).values(
            id=id,
            patient=key.patient,
            report=report,
            number=(before or 0) + 1,
            mapping=vault.seal(described.c.mapping, key, id, json.dumps(said)),
            description=kept.id if kept is not None else None,
            description_number=kept.number if kept is not None else None,
            said_by=tx.caller.account,
            said_at=at,
        )
    )


def _of(vault: Vault, row: Row[tuple[object, ...]]) -> Description:
    return Description(
        id=row.id,
        number=row.number,
        laboratory=row.laboratory,
        mapping=of_dict(row.mapping),
        headings=tuple(row.headings),
        offered=row.offered,
        made_by=row.made_by,
        made_at=row.made_at,
        confirmed=opened(vault, row.id, row.confirmed),
    )
