"""Protocols, a row a version that is never changed, and results on quality material. They are about no patient."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

protocol = Table(
    "reports_protocol",
    metadata,
    Column("id", Id, primary_key=True),
    Column("protocol", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("content", JSONB, nullable=False),  # see telegut.reports.protocols.rules.Content
    Column("offered", Boolean, nullable=False),  # false: no new sample is taken by it
    Column("made_at", Timestamp, nullable=False),
    Column("made_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    UniqueConstraint("protocol", "version", name="reports_protocol_one_version"),
    CheckConstraint("version >= 1", name="version"),
)

quality_result = Table(
    "reports_quality_result",
    metadata,
    Column("id", Id, primary_key=True),
    Column("protocol", Id, nullable=False),
    Column("protocol_version", Integer, nullable=False),
    Column("material", Text, nullable=False),
    Column("lot", Text, nullable=False),
    Column("measured_on", Date, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("content", JSONB, nullable=False),  # genera in percent, Shannon, reads, format
    Column("made_at", Timestamp, nullable=False),
    Column("made_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("withdrawn_at", Timestamp, nullable=True),
    Column("withdrawn_by", Id, nullable=True),
    ForeignKeyConstraint(
        ["protocol", "protocol_version"],
        ["reports_protocol.protocol", "reports_protocol.version"],
        name="reports_quality_result_protocol_fkey",
    ),
    UniqueConstraint("protocol", "sha256", name="reports_quality_result_one_file"),
    CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name="withdrawn"),
)
