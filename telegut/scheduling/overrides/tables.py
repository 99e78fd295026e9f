"""What staff decided against the rules: which reasons, who, when, and why."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

override = Table(
    "scheduling_override",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("start_at", Timestamp, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Column("signed_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("signed_at", Timestamp, nullable=False),
    Column("why", SealedColumn(), nullable=False),
    CheckConstraint("cardinality(reasons) between 1 and 20", name="reasons"),
    Index("scheduling_override_appointment_idx", "appointment", "start_at"),
)
"""One decision about one start of one visit: a visit that was moved on by the rules has none for its new start."""
