"""What people typed from documents, and who compared it with them. Rows are added and read, never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Integer, Table, UniqueConstraint

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

typed = Table(
    "reports_typed",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("report", Id, ForeignKey("reports_report.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("lines", SealedColumn(), nullable=False),  # [{"name", "rank", "percent"}]
    Column("typed_by", Id, nullable=False),
    Column("typed_at", Timestamp, nullable=False),
    UniqueConstraint("report", "number", name="reports_typed_once"),
    UniqueConstraint("report", "number", "typed_by", name="reports_typed_typist"),
    CheckConstraint("number >= 1", name="number"),
)

look = Table(
    "reports_typed_look",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("report", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("typed_by", Id, nullable=False),
    Column("looked_by", Id, nullable=False),
    Column("looked_at", Timestamp, nullable=False),
    UniqueConstraint("report", "number", name="reports_typed_look_once"),
    ForeignKeyConstraint(
        ["report", "number", "typed_by"],
        ["reports_typed.report", "reports_typed.number", "reports_typed.typed_by"],
        name="reports_typed_look_typed_fkey",
    ),
    CheckConstraint("looked_by <> typed_by", name="second"),
)
