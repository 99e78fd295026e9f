"""Versions in the database: added, read, signed. Checks nobody's rights; nothing else of them ever changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from telegut.accounts import people
from telegut.db.engine import Transaction, on_violation
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import Refused
from telegut.reports.tables import report as reports
from telegut.reports.versions.content import content_hash
from telegut.reports.versions.tables import version

UNKNOWN_PARSER = "unknown"
"""Of a reading that ended without the reader saying which version it is."""

FINAL = ("ready", "refused")
"""States of a report that are interpretations."""


class OnlyTheTeamSigns(Refused):
    """A report is signed by a clinician of the care team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One interpretation without what it says. *signer*: the name of whoever signed, empty when nobody did."""

    number: int
    parser_version: str
    content_hash: bytes
    interpreted_at: datetime
    signed_by: UUID | None
    signer: str
    signed_at: datetime | None


async def add(
    tx: Transaction, vault: Vault, key: PatientKey, report: UUID, findings: Mapping[str, Any], *, at: datetime
) -> int:
    """Keep *findings* (``{"state", …}``) as the next version; its number. The report's row is held by the caller."""
    last = await tx.scalar(select(func.max(version.c.number)).where(version.c.report == report))
    id, number = new_id(), (last or 0) + 1
    parser = findings.get("answer", findings).get("parser_version")
    values = {
        "id": id,
        "patient": key.patient,
        "report": report,
        "number": number,
        "parser_version": parser or UNKNOWN_PARSER,
        "findings": vault.seal(version.c.findings, key, id, json.dumps(findings)),
        "content_hash": content_hash(findings),
        "interpreted_at": at,
    }
    await tx.execute(insert(version).values(values))
    return number


async def versions_of(tx: Transaction, report: UUID) -> tuple[Version, ...]:
    """Every version of *report*, the newest first."""
    columns = [version.c[name] for name in Version.__dataclass_fields__ if name != "signer"]
    query = select(*columns).where(version.c.report == report).order_by(version.c.number.desc())
    rows = (await tx.execute(query)).all()
    signers = await people.named(tx, {row.signed_by for row in rows if row.signed_by is not None})
    return tuple(
        Version(**row._mapping, signer=signers[row.signed_by].name if row.signed_by in signers else "") for row in rows
    )


async def findings_of(
    tx: Transaction, vault: Vault, key: PatientKey, report: UUID, number: int
) -> dict[str, Any] | None:
    """What version *number* says; ``None`` when there is none."""
    wanted = (version.c.report == report, version.c.number == number)
    row = (await tx.execute(select(version.c.id, version.c.findings).where(*wanted))).first()
    if row is None:
        return None
    said: dict[str, Any] = json.loads(vault.open(version.c.findings, key, row.id, row.findings))
    return said


async def sign(tx: Transaction, report: UUID, number: int, *, by: UUID, at: datetime) -> bool:
    """
    Sign version *number* as *by*; false when it is signed already.

    Raises:
        OnlyTheTeamSigns: the database knows *by* as nobody of the care team.
    """
    with on_violation(reports_version_signer_is_of_the_team=OnlyTheTeamSigns):
        done = await tx.scalar(
            update(version)
            .where(version.c.report == report, version.c.number == number, version.c.signed_by.is_(None))
            .values(signed_by=by, signed_at=at)
            .returning(version.c.number)
        )
    return done is not None


async def replace(
    tx: Transaction, vault: Vault, key: PatientKey, report: UUID, expected: int, said: Mapping[str, Any]
) -> int | None:
    """Let report *report* say *said* from now on; its new state's version, or ``None`` when it has moved on."""
    answer = said.get("answer")
    sample = answer["sample"] if answer is not None else None
    changed: int | None = await tx.scalar(
        update(reports)
        .where(reports.c.id == report, reports.c.version == expected, reports.c.state.in_(FINAL))
        .values(
            state=said["state"],
            version=expected + 1,
            findings=vault.seal(reports.c.findings, key, report, json.dumps(said)),
            sample=None if sample is None else vault.seal(reports.c.sample, key, report, sample),
            parser_version=(answer or said).get("parser_version"),
        )
        .returning(reports.c.version)
    )
    return changed


async def same_again(tx: Transaction, report: UUID, parser_version: str) -> None:
    """Write down that *parser_version* said of *report* what was said before, or could say nothing of it."""
    await tx.execute(update(reports).where(reports.c.id == report).values(reread_with=parser_version))


async def to_read_again(tx: Transaction, parser_version: str, limit: int) -> Sequence[UUID]:
    """Reports that *parser_version* has not read, and those from before versions were kept; the oldest first."""
    kept = select(version.c.id).where(version.c.report == reports.c.id).exists()
    by_another = reports.c.parser_version.is_distinct_from(parser_version)
    not_yet = reports.c.reread_with.is_distinct_from(parser_version)
    query = select(reports.c.id).where(reports.c.state.in_(FINAL), not_yet, by_another | ~kept)
    return (await tx.execute(query.order_by(reports.c.id).limit(limit))).scalars().all()
