"""
Interpretations of reports.

A row holds what one version of the reader made of the kept bytes. Nothing of it ever changes (rights and a trigger see
to it) but that somebody of the care team signs it, once.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

version = Table(
    "reports_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("report", Id, ForeignKey("reports_report.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("parser_version", Text, nullable=False),
    Column("findings", SealedColumn(), nullable=False),  # as in reports_report: the reading, or why there is none
    Column("content_hash", LargeBinary, nullable=False),
    Column("interpreted_at", Timestamp, nullable=False),
    Column("signed_by", Id, nullable=True),
    Column("signed_at", Timestamp, nullable=True),
    UniqueConstraint("report", "number", name="reports_version_once"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("octet_length(content_hash) = 32", name="content_hash"),
    CheckConstraint("(signed_by is null) = (signed_at is null)", name="signed"),
    Index("reports_version_patient_idx", "patient"),
)
