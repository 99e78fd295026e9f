"""Answered questionnaires and the diary. Only added to; what was answered is sealed, numbers included."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

response = Table(
    "outcomes_response",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("instrument", Text, nullable=False),
    Column("instrument_version", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("answered_at", Timestamp, nullable=False),
    Column("answered_by", Id, nullable=True),
    Index("outcomes_response_patient_idx", "patient", "instrument", "day"),
)

entry = Table(
    "outcomes_entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("day", Date, nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("written_at", Timestamp, nullable=False),
    Column("written_by", Id, nullable=True),
    Index("outcomes_entry_patient_idx", "patient", "day"),
)
"""A second entry of a day stands beside the first; readers take the last."""
