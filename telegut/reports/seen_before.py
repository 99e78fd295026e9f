"""
Whether this is a stool that was seen before: the same file, the same sample, or the same sample processed again.

The same name measured by another pipeline or database is no later sample, and nothing that changed between the two has
changed in anybody. Source: domain research, rule (d) of its importers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from telegut.db.engine import Transaction
from telegut.db.sealed import PatientKey, Vault
from telegut.reports.tables import file, report

_METHOD = ("pipeline", "database", "region")


@dataclass(frozen=True, slots=True)
class Seen:
    """An earlier report of the patient. method: pipeline, database and region, as its file told."""

    sample: str | None
    method: Mapping[str, str | None]
    collected_at: str | None


def remarks(answer: Mapping[str, Any], collected_at: str | None, earlier: Sequence[Seen]) -> list[dict[str, str]]:
    """What a reader should know of *earlier* reports before they compare this one with them. Pure."""
    sample, method = answer["sample"], answer["method"]
    named = [one for one in earlier if sample is not None and one.sample == sample]
    if other := next((one for one in named if _differs(one.method, method)), None):
        was, now = _words(other.method), _words(method)
        text = f"An earlier report is of a sample of this name, read by {was}, and this one by {now}. It is the same "
        return [{"code": "reprocessed", "text": text + "stool processed again, not a later one."}]
    if named:
        return [{"code": "same_sample", "text": "An earlier report names its sample the same way."}]
    if collected_at is not None and any(one.collected_at == collected_at for one in earlier):
        text = "An earlier report is of a sample that was taken at the same time. It may be the same stool."
        return [{"code": "same_collection", "text": text}]
    return []


def _differs(before: Mapping[str, str | None], now: Mapping[str, str | None]) -> bool:
    """Whether both say something of the method that is not the same; of what one does not state nothing is known."""
    return any(before.get(name) and now.get(name) and before[name] != now[name] for name in _METHOD)


def _words(method: Mapping[str, str | None]) -> str:
    return " with ".join(str(method[name]) for name in _METHOD if method.get(name))


async def look(
    tx: Transaction, vault: Vault, key: PatientKey, id: UUID, answer: Mapping[str, Any]
) -> list[dict[str, str]]:
    """The same for report *id*, beside every earlier one of its patient."""
    hashes = select(file.c.sha256).where(file.c.report == id)
    same_file = await tx.scalar(
        select(file.c.id).where(file.c.patient == key.patient, file.c.report < id, file.c.sha256.in_(hashes)).limit(1)
    )
    if same_file is not None:
        return [{"code": "same_file", "text": "The very same file was handed in before."}]
    own = await tx.scalar(select(report.c.metadata).where(report.c.id == id))
    collected = json.loads(vault.open(report.c.metadata, key, id, own)).get("collected_at") if own else None
    columns = (report.c.id, report.c.sample, report.c.metadata, report.c.findings)
    rows = await tx.execute(
        select(*columns).where(report.c.patient == key.patient, report.c.id < id, report.c.state == "ready")
    )
    earlier = []
    for row in rows:
        said = json.loads(vault.open(report.c.findings, key, row.id, row.findings))["answer"]
        told = json.loads(vault.open(report.c.metadata, key, row.id, row.metadata))
        earlier.append(Seen(said["sample"], said["method"], told.get("collected_at")))
    return remarks(answer, collected, earlier)
