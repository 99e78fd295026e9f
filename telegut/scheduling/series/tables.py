"""What a series keeps: whose it is, and the wall time that its visits were agreed for."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Table, Text

from telegut.db.metadata import Id, Timestamp, metadata

series = Table(
    "scheduling_series",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False),
    Column("zone", Text, nullable=False),
    Column("first_wall", DateTime(timezone=False), nullable=False),
    Column("made_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("made_at", Timestamp, nullable=False),
)
"""``first_wall``: on the wall of ``zone``. The visits are appointments of their own that name the series."""
