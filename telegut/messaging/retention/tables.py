"""The clinic's years, and legal holds. What is purged, the database's own function decides (migration 0019)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, text

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

retention = Table(
    "messaging_retention",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("keep_years", Integer, nullable=True),  # null: for ever
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_at", Timestamp, nullable=True),
    Column("changed_by", Id, nullable=True),
    CheckConstraint("id = 1", name="one"),
    CheckConstraint("keep_years between 1 and 100", name="keep_years"),
)

hold = Table(
    "messaging_hold",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("reason", SealedColumn(), nullable=False),
    Column("placed_at", Timestamp, nullable=False),
    Column("placed_by", Id, nullable=False),
    Column("lifted_at", Timestamp, nullable=True),
    Column("lifted_by", Id, nullable=True),
    Column("lift_reason", SealedColumn(), nullable=True),
    CheckConstraint(
        "(lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null)", name="lifted"
    ),
    Index("messaging_one_hold", "patient", unique=True, postgresql_where=text("lifted_at is null")),
)
