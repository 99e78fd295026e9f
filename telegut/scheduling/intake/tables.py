"""Forms, their versions, one sheet for each appointment, and the answers on it."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

form = Table(
    "scheduling_form",
    metadata,
    Column("id", Id, primary_key=True),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("asks", Boolean, nullable=False),
    CheckConstraint("version > 0", name="version"),
)
"""One for each kind of visit. *version* is the current one, *asks* whether that has any question."""

version = Table(
    "scheduling_form_version",
    metadata,
    Column("form", Id, ForeignKey("scheduling_form.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("published_at", Timestamp, nullable=False),
    Column("published_by", Id, nullable=True),
)
"""Only added to: an answer keeps the question it was given to."""

sheet = Table(
    "scheduling_sheet",
    metadata,
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("form", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("begun_at", Timestamp, nullable=False),
    Column("submitted_at", Timestamp, nullable=True),
    Column("submitted_by", Id, nullable=True),
    ForeignKeyConstraint(
        ["form", "version"],
        ["scheduling_form_version.form", "scheduling_form_version.version"],
        name="scheduling_sheet_form_fkey",
    ),
    Index("scheduling_sheet_patient_idx", "patient"),
)
"""One appointment's form at the version it was begun with. Whether it is filled in is no clinical text."""

answer = Table(
    "scheduling_answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("appointment", Id, ForeignKey("scheduling_sheet.appointment"), nullable=False),
    Column("question", Text, nullable=False),
    Column("fact", Text, nullable=True),
    Column("value", SealedColumn(), nullable=False),
    Column("kept_from", Id, ForeignKey("scheduling_answer.id"), nullable=True),
    Column("author", Id, nullable=True),
    Column("written_at", Timestamp, nullable=False),
    Index("scheduling_answer_appointment_idx", "appointment", "question", "written_at"),
    Index("scheduling_answer_fact_idx", "patient", "fact"),
)
"""
Only added to: the last one to a question counts.

*fact* is what the question is about, such as ``allergies``; *kept_from* the earlier answer that the patient kept.
"""
