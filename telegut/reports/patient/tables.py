"""Which reading level somebody chose. About the reader, not about anybody's health."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text

from telegut.db.metadata import Id, Timestamp, metadata

reading_level = Table(
    "reports_reading_level",
    metadata,
    Column("account", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("level", Text, nullable=False),
    Column("chosen_at", Timestamp, nullable=False),
    CheckConstraint("level in ('short', 'standard', 'full')", name="level"),
)
