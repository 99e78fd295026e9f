"""What people choose by, and what a consultant suggested for next time."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from telegut.db.metadata import Id, Timestamp, metadata

language = Table(
    "scheduling_language",
    metadata,
    Column("practitioner", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("place", SmallInteger, nullable=False, server_default="0"),
    CheckConstraint("tag ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'", name="tag"),
)
"""The languages a practitioner speaks, as BCP 47 tags, the best one first."""

topic = Table(
    "scheduling_topic",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("place", SmallInteger, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("retired_at", Timestamp, nullable=True),
    CheckConstraint("length(btrim(name)) between 1 and 80", name="name"),
    Index(
        "scheduling_topic_name_idx",
        text("lower(btrim(name))"),
        unique=True,
        postgresql_where=text("retired_at is null"),
    ),
)
"""Reasons for coming, in neutral words of the clinic."""

topic_service = Table(
    "scheduling_topic_service",
    metadata,
    Column("topic", Id, ForeignKey("scheduling_topic.id"), primary_key=True),
    Column("service", Id, ForeignKey("scheduling_service.id"), primary_key=True),
    Column("place", SmallInteger, nullable=False, server_default="0"),
)
"""The kinds of visit for a reason for coming, the fitting one first."""

follow_up = Table(
    "scheduling_follow_up",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), nullable=False),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False),
    Column("after_weeks", SmallInteger, nullable=False),
    Column("made_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("made_at", Timestamp, nullable=False),
    UniqueConstraint("appointment", name="scheduling_one_follow_up_a_visit"),
    CheckConstraint("after_weeks between 1 and 52", name="after_weeks"),
    Index("scheduling_follow_up_patient_idx", "patient"),
)
"""See again in some weeks, for this kind of visit. Says nothing about why."""
