"""
Reports and the files they came in.

``reports_file`` holds every byte as it arrived, sealed, with the SHA-256 of the clear bytes; rows are added and read,
never changed. What was made of them is in ``reports_report.findings`` and can be made again.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

report = Table(
    "reports_report",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", Text, nullable=False),
    Column("metadata", SealedColumn(), nullable=False),  # what the uploader said about person, sample and method
    Column("wanted", SealedColumn(), nullable=True),  # the name of the sample that a person chose
    Column("findings", SealedColumn(), nullable=True),  # the reading, or why there is none
    Column("sample", SealedColumn(), nullable=True),  # the name that the file gives the sample
    Column("parser_version", Text, nullable=True),
    Column("uploaded_at", Timestamp, nullable=False),
    Column("uploaded_by", Id, nullable=True),
    Column("read_at", Timestamp, nullable=True),
    Column("reread_with", Text, nullable=True),  # the last version of the reader that said the same again
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("state in ('received', 'ready', 'refused', 'choose_sample')", name="state"),
    CheckConstraint(
        "(state = 'received') = (findings is null) and (findings is null) = (read_at is null)", name="findings"
    ),
    Index("reports_report_patient_idx", "patient", "id"),
)

file = Table(
    "reports_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("report", Id, ForeignKey("reports_report.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", SealedColumn(), nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    UniqueConstraint("report", "position", name="reports_file_position"),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
    CheckConstraint("size_bytes >= 0", name="size_bytes"),
    Index("reports_file_patient_sha256_idx", "patient", "sha256"),
)
