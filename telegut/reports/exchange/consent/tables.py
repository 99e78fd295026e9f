"""Decisions about research. Rows are only added; the one with the highest number holds."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from telegut.db.metadata import Id, Timestamp, metadata

research_consent = Table(
    "reports_research_consent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("words", Text, nullable=False),  # the version of the words that were agreed to, not the words
    Column("decided_at", Timestamp, nullable=False),
    Column("decided_by", Id, nullable=False),
    UniqueConstraint("patient", "number", name="reports_research_consent_once"),
    CheckConstraint("number >= 1", name="number"),
)
