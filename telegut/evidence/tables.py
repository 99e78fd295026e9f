"""A clinic's own versions of rows, and which of them hold. Nothing here is about a patient."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from telegut.db.metadata import Id, Timestamp, metadata

version = Table(
    "evidence_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("why", Text, nullable=False),
    Column("based_on", Integer, nullable=True),
    Column("author", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("proposed_at", Timestamp, nullable=False),
    Column("reviewer", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("reviewer_name", Text, nullable=True),
    Column("profession", Text, nullable=True),
    Column("reviewed_at", Timestamp, nullable=True),
    Column("reason", Text, nullable=True),
    UniqueConstraint("name", "number", name="evidence_version_number"),
    UniqueConstraint("id", "name", "state", name="evidence_version_in_state"),
    CheckConstraint("state in ('draft', 'signed', 'sent_back', 'withdrawn')", name="state"),
    CheckConstraint("number > 1000", name="number"),
    CheckConstraint("reviewer <> author", name="second_person"),
    CheckConstraint("(state in ('signed', 'sent_back')) = (reviewer is not null)", name="reviewer"),
    CheckConstraint("(state = 'draft') = (reviewed_at is null)", name="reviewed_at"),
    CheckConstraint("(state = 'signed') = (profession is not null and reviewer_name is not null)", name="signature"),
    CheckConstraint("(state = 'sent_back') = (reason is not null)", name="reason"),
    Index("evidence_one_draft", "name", unique=True, postgresql_where=text("state = 'draft'")),
)
"""
A proposed version of the row *name*, and what became of it. *based_on*: the number that it changes; null: a new row.
*why* is the author's, *reason* the reviewer's. What was decided never changes: a trigger refuses it to everybody.
"""

current = Table(
    "evidence_current",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Id, nullable=False),
    Column("state", Text, nullable=False),
    ForeignKeyConstraint(
        ["version", "name", "state"],
        ["evidence_version.id", "evidence_version.name", "evidence_version.state"],
        name="evidence_current_is_signed",
    ),
    CheckConstraint("state = 'signed'", name="state"),
)
"""One version of a row holds, and it is a signed one. A row that is not here holds as telegut ships it."""
