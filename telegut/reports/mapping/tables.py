"""
Descriptions of laboratories' tables, and which report was read by which.

``reports_description`` belongs to the clinic and holds headings alone: none that names a person's sample (see
`telegut.reports.formats.mapping.signature`); names of organisms that somebody confirmed are sealed. Rows of both are
added and read, never changed.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

description = Table(
    "reports_description",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("laboratory", Text, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("headings", JSONB, nullable=False),
    Column("confirmed", SealedColumn(), nullable=True),  # [{"name", "by", "at"}], see `telegut.reports.confirming`
    Column("fingerprint", LargeBinary, nullable=False),  # SHA-256 of the headings
    Column("offered", Boolean, nullable=False),
    Column("made_by", Id, nullable=True),
    Column("made_at", Timestamp, nullable=False),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("octet_length(fingerprint) = 32", name="fingerprint"),
)

described = Table(
    "reports_described",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("report", Id, ForeignKey("reports_report.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("mapping", SealedColumn(), nullable=False),  # {"name", "mapping", "confirmed"}: may name samples
    Column("description", Id, nullable=True),
    Column("description_number", Integer, nullable=True),
    Column("said_by", Id, nullable=True),
    Column("said_at", Timestamp, nullable=False),
    UniqueConstraint("report", "number", name="reports_described_once"),
    ForeignKeyConstraint(
        ["description", "description_number"],
        ["reports_description.id", "reports_description.number"],
        name="reports_described_description_fkey",
    ),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(description is null) = (description_number is null)", name="description"),
)
