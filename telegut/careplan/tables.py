"""
The plan of each patient, its goals, steps, gates, signed versions and live notes.

Everything a person wrote is sealed. A writer locks the plan's row first, so that two changes come one after the
other and a gate cannot close between a check and the step that was checked.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
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

plan = Table(
    "careplan_plan",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("patient", name="careplan_one_plan_per_patient"),
    CheckConstraint("version >= 1", name="version"),
)
"""``version`` counts every change of anything in the plan."""

goal = Table(
    "careplan_goal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("plan", Id, ForeignKey("careplan_plan.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    Column("changed_by", Id, nullable=True),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("status in ('active', 'reached', 'dropped')", name="status"),
    Index("careplan_goal_plan_idx", "plan"),
)

step = Table(
    "careplan_step",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("plan", Id, ForeignKey("careplan_plan.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("acceptance", Text, nullable=False),
    Column("answered_at", Timestamp, nullable=True),
    Column("answered_by", Id, nullable=True),
    Column("starts_on", Date, nullable=True),
    Column("content", SealedColumn(), nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    Column("changed_by", Id, nullable=True),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("status in ('active', 'paused', 'done', 'stopped')", name="status"),
    CheckConstraint("acceptance in ('asked', 'accepted', 'declined')", name="acceptance"),
    CheckConstraint("(acceptance = 'asked') = (answered_at is null)", name="answered"),
    Index("careplan_step_plan_idx", "plan"),
)

revision = Table(
    "careplan_revision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("plan", Id, ForeignKey("careplan_plan.id"), nullable=False),
    Column("object", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("account", Id, nullable=True),
    UniqueConstraint("object", "version", name="careplan_revision_once"),
)
"""What every goal, step and gate answer said at every version. Only added to."""

day = Table(
    "careplan_day",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("step", Id, ForeignKey("careplan_step.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("account", Id, nullable=True),
    UniqueConstraint("step", "day", name="careplan_day_once"),
    Index("careplan_day_patient_idx", "patient", "day"),
)
"""How a step went on one of the patient's own days."""

gate = Table(
    "careplan_gate",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("plan", Id, ForeignKey("careplan_plan.id"), nullable=False),
    Column("gate", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", SealedColumn(), nullable=False),
    Column("answered_at", Timestamp, nullable=False),
    Column("answered_by", Id, nullable=True),
    UniqueConstraint("patient", "gate", name="careplan_gate_once"),
    CheckConstraint("version >= 1", name="version"),
)

version = Table(
    "careplan_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("plan", Id, ForeignKey("careplan_plan.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("plan_version", Integer, nullable=False),
    Column("document", SealedColumn(), nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("signed_by", Id, nullable=False),
    Column("signed_at", Timestamp, nullable=False),
    UniqueConstraint("plan", "number", name="careplan_version_number"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("octet_length(sha256) = 32", name="sha256"),
)
"""Signed versions. The application may add and read them and nothing else; a trigger refuses the rest to everybody."""

note = Table(
    "careplan_note",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("plan", Id, ForeignKey("careplan_plan.id"), nullable=False),
    Column("audience", Text, nullable=False),
    Column("owner", Id, nullable=True),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("snapshot", SealedColumn(), nullable=True),
    Column("snapshot_seq", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("plan", "audience", "owner", name="careplan_note_one", postgresql_nulls_not_distinct=True),
    CheckConstraint("audience in ('shared', 'team', 'own')", name="audience"),
    CheckConstraint("(audience = 'own') = (owner is not null)", name="owner"),
    CheckConstraint("snapshot_seq between 0 and last_seq", name="snapshot_seq"),
)
"""
A live note: one CRDT document for each audience. ``snapshot`` holds every update up to ``snapshot_seq``; later ones
are rows of ``careplan_note_update``. A restrictive policy keeps team and own notes from the patient's transactions.
"""

note_update = Table(
    "careplan_note_update",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("note", Id, ForeignKey("careplan_note.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("body", SealedColumn(), nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("account", Id, nullable=True),
    UniqueConstraint("note", "seq", name="careplan_note_update_seq"),
)
"""Yjs updates (version 1 encoding) in the order they were committed."""
