"""Reports in the database: sealed on the way in, opened on the way out. Checks nobody's rights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, case, insert, or_, select, update

from telegut.db.engine import Transaction
from telegut.db.ids import new_id
from telegut.db.sealed import PatientKey, Vault
from telegut.errors import NotFound
from telegut.reports import carried, seen_before
from telegut.reports.described import collected_on
from telegut.reports.states import State
from telegut.reports.tables import file, report
from telegut.reports.told import Told
from telegut.reports.versions import store as versions
from telegut.reports.versions.store import Version

Uploader = UUID | Literal["everybody"] | None
"""Whose files: of one account, of everybody, of nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file without its bytes."""

    name: str
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A file as it was handed in."""

    name: str
    content: bytes
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """
    A report with everything that is known of it.

    findings: the answer of `telegut.reports.answer` when ready. from_family: the patient or a guardian handed it in.
    told: who said what its columns mean, or typed it.
    """

    id: UUID
    patient: UUID
    version: int
    state: State
    metadata: dict[str, Any]
    wanted: str | None
    findings: dict[str, Any] | None
    parser_version: str | None
    uploaded_at: datetime
    uploaded_by: UUID | None
    read_at: datetime | None
    files: tuple[StoredFile, ...]
    from_family: bool = False
    told: Told | None = None
    versions: tuple[Version, ...] = ()
    """Its interpretations, the newest first; the newest is what it says."""

    @property
    def answer(self) -> dict[str, Any] | None:
        """The reading, when there is one."""
        return self.findings["answer"] if self.findings and self.state == "ready" else None

    @property
    def problem(self) -> dict[str, str] | None:
        """Why there is no reading: ``{code, detail}``."""
        return self.findings.get("problem") if self.findings else None

    def as_family_reads_it(self) -> Stored:
        """What names an illness is said without the name: only a clinical test can tell (`telegut.reports.carried`)."""
        if self.answer is None:
            return self
        kept = [carried.for_the_family(one) for one in self.answer["warnings"]]
        return replace(self, findings={**(self.findings or {}), "answer": {**self.answer, "warnings": kept}})

    @property
    def for_the_team_alone(self) -> bool:
        """
        Whether its files are: a laboratory's table of several samples shows other people, whose profiles can tell who
        they are (Cho, PLoS ONE 2021;16:e0249528). Who handed it in has it anyway.
        """
        return len(self.samples) > 1 and not self.from_family

    @property
    def samples(self) -> list[str]:
        """The samples in the file, as far as it names them."""
        if self.answer is not None:
            return list(self.answer["samples"])
        return list(self.findings.get("samples", ())) if self.findings else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line of a list. *from_family*: the patient or a guardian handed it in. *problem*: the code of a refusal."""

    id: UUID
    state: State
    version: int
    metadata: dict[str, Any]
    sample: str | None
    uploaded_at: datetime
    uploaded_by: UUID | None
    from_family: bool = False
    problem: str | None = None

    @property
    def collected(self) -> date | None:
        """When the sample was taken, as far as anybody said."""
        return collected_on(self.metadata)


async def put_report(
    tx: Transaction,
    vault: Vault,
    key: PatientKey,
    id: UUID,
    metadata: Mapping[str, Any],
    sample: str | None,
    *,
    at: datetime,
) -> None:
    """A new report, waiting to be read."""
    values = {
        "id": id,
        "patient": key.patient,
        "state": "received",
        "metadata": vault.seal(report.c.metadata, key, id, json.dumps(dict(metadata), sort_keys=True)),
        "wanted": None if sample is None else vault.seal(report.c.wanted, key, id, sample),
        "uploaded_at": at,
        "uploaded_by": tx.caller.account,
    }
    await tx.execute(insert(report).values(values))


async def put_file(
    tx: Transaction, vault: Vault, key: PatientKey, of: UUID, position: int, name: str, content: bytes
) -> None:
    """One of its files, with the hash of the clear bytes."""
    id = new_id()
    values = {
        "id": id,
        "patient": key.patient,
        "report": of,
        "position": position,
        "name": vault.seal(file.c.name, key, id, name),
        "content": vault.seal_bytes(file.c.content, key, id, content),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).digest(),
    }
    await tx.execute(insert(file).values(values))


async def patient_of(tx: Transaction, id: UUID) -> UUID:
    """
    Whose report this is.

    Raises:
        NotFound: there is none that the caller may know of (row-level security answers the same).
    """
    patient: UUID | None = await tx.scalar(select(report.c.patient).where(report.c.id == id))
    if patient is None:
        raise NotFound
    return patient


async def one(tx: Transaction, vault: Vault, key: PatientKey, id: UUID) -> Stored:
    """The report *id*, which exists."""
    row = (await tx.execute(select(report).where(report.c.id == id))).one()
    files = await tx.execute(
        select(file.c.id, file.c.name, file.c.size_bytes, file.c.sha256)
        .where(file.c.report == id)
        .order_by(file.c.position)
    )
    return Stored(
        id=row.id,
        patient=row.patient,
        version=row.version,
        state=row.state,
        metadata=json.loads(vault.open(report.c.metadata, key, id, row.metadata)),
        wanted=None if row.wanted is None else vault.open(report.c.wanted, key, id, row.wanted),
        findings=None if row.findings is None else json.loads(vault.open(report.c.findings, key, id, row.findings)),
        parser_version=row.parser_version,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
        read_at=row.read_at,
        files=tuple(_file(vault, key, found) for found in files),
        versions=await versions.versions_of(tx, id),
    )


def _file(vault: Vault, key: PatientKey, row: Row[Any]) -> StoredFile:
    name = vault.open(file.c.name, key, row.id, row.name)
    return StoredFile(name=name, size_bytes=row.size_bytes, sha256=row.sha256)


async def originals(tx: Transaction, vault: Vault, key: PatientKey, id: UUID) -> list[Original]:
    """The files of report *id* with their bytes."""
    rows = await tx.execute(select(file).where(file.c.report == id).order_by(file.c.position))
    return [
        Original(
            name=vault.open(file.c.name, key, row.id, row.name),
            content=vault.open_bytes(file.c.content, key, row.id, row.content),
            sha256=row.sha256,
        )
        for row in rows
    ]


async def summaries(
    tx: Transaction,
    vault: Vault,
    key: PatientKey,
    *,
    before: UUID | None,
    limit: int,
    refused_of: Uploader,
) -> list[Summary]:
    """The patient's reports, the newest first (ids are in the order of their making); refused ones of *refused_of*."""
    refused = case((report.c.state == "refused", report.c.findings)).label("refused")
    columns = (report.c.id, report.c.state, report.c.version, report.c.metadata, report.c.sample, refused)
    query = select(*columns, report.c.uploaded_at, report.c.uploaded_by).where(report.c.patient == key.patient)
    if before is not None:
        query = query.where(report.c.id < before)
    if refused_of is None:
        query = query.where(report.c.state != "refused")
    elif refused_of != "everybody":
        query = query.where(or_(report.c.state != "refused", report.c.uploaded_by == refused_of))
    rows = await tx.execute(query.order_by(report.c.id.desc()).limit(limit))
    return [
        Summary(
            id=row.id,
            state=row.state,
            version=row.version,
            metadata=json.loads(vault.open(report.c.metadata, key, row.id, row.metadata)),
            sample=None if row.sample is None else vault.open(report.c.sample, key, row.id, row.sample),
            uploaded_at=row.uploaded_at,
            uploaded_by=row.uploaded_by,
            problem=None if row.refused is None else _problem(vault, key, row),
        )
        for row in rows
    ]


def _problem(vault: Vault, key: PatientKey, row: Row[Any]) -> str | None:
    problem = json.loads(vault.open(report.c.findings, key, row.id, row.refused)).get("problem")
    return problem["code"] if problem else None


async def order_again(
    tx: Transaction, vault: Vault, key: PatientKey, id: UUID, version: int, sample: str
) -> int | None:
    """Back to `received`, for *sample*; the new version, or ``None`` when it had moved on from *version*."""
    changed: int | None = await tx.scalar(
        update(report)
        .where(report.c.id == id, report.c.version == version, report.c.state == "choose_sample")
        .values(
            state="received",
            version=version + 1,
            wanted=vault.seal(report.c.wanted, key, id, sample),
            findings=None,
            read_at=None,
            parser_version=None,
        )
        .returning(report.c.version)
    )
    return changed


async def keep_findings(
    tx: Transaction,
    vault: Vault,
    key: PatientKey,
    id: UUID,
    version: int,
    said: dict[str, Any],
    *,
    at: datetime,
) -> int | None:
    """Keep what the reader said of *version*; the new version, or ``None`` when it is not waiting any more."""
    if said["state"] == "ready":
        said["answer"]["warnings"] += await seen_before.look(tx, vault, key, id, said["answer"])
    sample = said["answer"]["sample"] if said["state"] == "ready" else None
    parser = said["answer"]["parser_version"] if said["state"] == "ready" else said.get("parser_version")
    changed: int | None = await tx.scalar(
        update(report)
        .where(report.c.id == id, report.c.version == version, report.c.state == "received")
        .values(
            state=said["state"],
            version=version + 1,
            findings=vault.seal(report.c.findings, key, id, json.dumps(said)),
            sample=None if sample is None else vault.seal(report.c.sample, key, id, sample),
            parser_version=parser,
            read_at=at,
        )
        .returning(report.c.version)
    )
    if changed is not None and said["state"] in versions.FINAL:
        await versions.add(tx, vault, key, id, said, at=at)
    return changed
