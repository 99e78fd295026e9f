"""A report as it is stored, made of bytes and without a database."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from telegut.reports.answer import answer
from telegut.reports.formats.reading import read
from telegut.reports.rules import interpret
from telegut.reports.shelf import Stored, StoredFile
from telegut.reports.versions.content import content_hash
from telegut.reports.versions.store import Version

REPORT, PATIENT, SIGNER = (UUID(f"019aa000-0000-7000-8000-00000000000{n}") for n in (1, 2, 3))
AT = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)

METADATA: dict[str, Any] = {
    "age": 37,
    "sex": "Female",
    "bmi": 23.4,
    "diseases": "told to me by Lena Vogt",
    "medicines": "sertraline 50 mg",
    "collected_at": "2026-03-01",
    "received_at": "2026-03-03T09:00:00Z",
    "kit": "a tube with preservative",
    "storage": "at -80 degrees",
    "laboratory": "Lab of Dr. Ada Ruiz",
}


def stored(data: bytes, *, signed: bool = False, metadata: dict[str, Any] | None = None) -> Stored:
    """The report of *data*, at version 2."""
    said = answer(interpret(read([data], None)))
    findings = {"state": "ready", "answer": said}
    version = Version(
        number=2,
        parser_version=said["parser_version"],
        content_hash=content_hash(findings),
        interpreted_at=AT,
        signed_by=SIGNER if signed else None,
        signer="Dr. Amara Okafor" if signed else "",
        signed_at=AT if signed else None,
    )
    return Stored(
        id=REPORT,
        patient=PATIENT,
        version=3,
        state="ready",
        metadata=METADATA if metadata is None else metadata,
        wanted=None,
        findings=findings,
        parser_version=version.parser_version,
        uploaded_at=AT,
        uploaded_by=None,
        read_at=AT,
        files=(StoredFile(name="Lena Vogt.tsv", size_bytes=len(data), sha256=hashlib.sha256(data).digest()),),
        versions=(version,),
    )
