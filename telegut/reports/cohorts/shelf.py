"""Clinics' groups in the database: sealed on the way in, opened on the way out. Checks nobody's rights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Row, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Tampered, Vault
from telegut.errors import NotFound
from telegut.reports.cohorts.checks import Finding
from telegut.reports.cohorts.group import About, Group, Values
from telegut.reports.cohorts.tables import cohort, compared

_PURPOSE = "telegut comparison groups v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A clinic's group without its figures; *findings* are those that did not keep the table out."""

    id: UUID
    version: int
    state: str
    about: About
    dots_allowed: bool
    findings: tuple[Finding, ...]
    figures_hash: bytes
    file_hash: bytes
    loaded_at: datetime
    loaded_by: UUID
    approved_at: datetime | None
    approved_by: UUID | None
    withdrawn_at: datetime | None
    withdrawn_by: UUID | None
    withdrawn_why: str | None


def figures_hash(about: dict[str, Any], figures: dict[str, Any]) -> bytes:
    """SHA-256 of what a group says, the same for the same content: keys in order, no blanks."""
    text = json.dumps({"about": about, "figures": figures}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


async def put(
    tx: Transaction,
    vault: Vault,
    about: dict[str, Any],
    figures: dict[str, Any],
    findings: Sequence[Finding],
    file_hash: bytes,
    *,
    at: datetime,
) -> UUID:
    """A new draft; its version is the next of its name."""
    id = new_id()
    said = figures_hash(about, figures)
    latest = select(func.coalesce(func.max(cohort.c.version), 0) + 1).where(cohort.c.name == about["name"])
    values = {
        "id": id,
        "name": about["name"],
        "version": latest.scalar_subquery(),
        "state": "draft",
        "people": about["n"],
        "about": about,
        "findings": [{"code": one.code, "text": str(one.text)} for one in findings],
        "figures": vault.seal(cohort.c.figures, _key(vault), id, json.dumps(figures)),
        "file_hash": file_hash,
        "figures_hash": said,
        "said_once": said,
        "loaded_at": at,
        "loaded_by": tx.caller.account,
    }
    await tx.execute(insert(cohort).values(values))
    return id


_PLAIN = [column for column in cohort.c if column.name != "figures"]


async def every(tx: Transaction) -> list[Stored]:
    """Every group of the clinic, the newest first."""
    return [_stored(row) for row in await tx.execute(select(*_PLAIN).order_by(cohort.c.id.desc()))]


async def one(tx: Transaction, id: UUID, *, lock: bool = False) -> Stored:
    """
    The group *id*.

    Raises:
        NotFound: there is none.
    """
    query = select(*_PLAIN).where(cohort.c.id == id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound
    return _stored(row)


async def groups(tx: Transaction, vault: Vault, *, id: UUID | None = None) -> list[Group]:
    """Approved groups with their figures; with *id* that one, also when it was withdrawn."""
    query = select(cohort).where(cohort.c.state == "approved" if id is None else cohort.c.id == id)
    return [_group(vault, row) for row in await tx.execute(query.where(cohort.c.state != "draft"))]


async def patients_in(tx: Transaction, vault: Vault, id: UUID) -> list[UUID]:
    """The patients of this clinic who are among the people of the group *id*."""
    row = (await tx.execute(select(cohort.c.figures).where(cohort.c.id == id))).one()
    return [UUID(one) for one in json.loads(vault.open(cohort.c.figures, _key(vault), id, row.figures))["patients"]]


async def pinned(tx: Transaction, report: UUID, version: int) -> tuple[str, int] | None:
    """The group, with its version, that this version of a report is compared with by now."""
    query = select(compared.c.cohort, compared.c.cohort_version).order_by(compared.c.since.desc()).limit(1)
    row = (
        await tx.execute(query.where(compared.c.report == report, compared.c.report_version == version))
    ).one_or_none()
    return None if row is None else (row.cohort, row.cohort_version)


async def pin(tx: Transaction, report: UUID, version: int, patient: UUID, group: Group, *, at: datetime) -> None:
    """Keep which group this version of a report is compared with from now on."""
    values = {
        "report": report,
        "report_version": version,
        "patient": patient,
        "cohort": group.id,
        "cohort_version": group.version,
        "since": at,
    }
    await tx.execute(insert_or_leave(compared).values(values).on_conflict_do_nothing())


def _stored(row: Row[Any]) -> Stored:
    about = dict(row.about)
    dots = bool(about.pop("dots_allowed", False))
    names = [name for name in Stored.__dataclass_fields__ if name not in {"about", "dots_allowed", "findings"}]
    return Stored(
        about=About(**about),
        dots_allowed=dots,
        findings=tuple(Finding(said["code"], said["text"], blocks=False) for said in row.findings),
        **{name: getattr(row, name) for name in names},
    )


def _group(vault: Vault, row: Row[Any]) -> Group:
    stored = _stored(row)
    figures = json.loads(vault.open(cohort.c.figures, _key(vault), row.id, row.figures))
    if figures_hash(dict(row.about), figures) != row.figures_hash:
        raise Tampered
    return Group(
        id=str(row.id),
        version=row.version,
        about=stored.about,
        genera={name: Values(tuple(values)) for name, values in figures["genera"].items()},
        shannon=Values(tuple(figures["shannon"])) if len(figures["shannon"]) == stored.about.n else None,
        complete=bool(figures.get("complete")),
        dots_allowed=stored.dots_allowed,
        withdrawn=row.state == "withdrawn",
        approved_by=str(row.approved_by),
        approved_at=row.approved_at.isoformat(),
    )


def _key(vault: Vault) -> PatientKey:
    """Groups belong to no patient whose key could seal them: theirs is derived from the root key."""
    return PatientKey(UUID(int=0), AESGCM(vault.root.derive(_PURPOSE)))
