"""Reminders: one row for each person, channel and time before each revision of an appointment."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from telegut.db.metadata import Id, Timestamp, metadata

reminder = Table(
    "scheduling_reminder",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("minutes_before", Integer, nullable=False),
    Column("recipient", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("due_at", Timestamp, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("settled_at", Timestamp, nullable=True),
    UniqueConstraint(
        "appointment", "revision", "minutes_before", "recipient", "channel", name="scheduling_reminder_once"
    ),
    CheckConstraint("revision >= 1", name="revision"),
    CheckConstraint("minutes_before between 5 and 20160", name="minutes_before"),
    CheckConstraint("channel in ('mail', 'sms', 'push')", name="channel"),
    CheckConstraint("state in ('waiting', 'sent', 'passed', 'stale', 'over', 'superseded', 'unwanted')", name="state"),
    CheckConstraint("(state = 'waiting') = (settled_at is null)", name="settled_at"),
    Index("scheduling_reminder_due_idx", "due_at", postgresql_where=text("state = 'waiting'")),
)
"""
``minutes_before`` is the kind of the reminder. ``due_at`` is when to look: whether and when it is really due is decided
then, from the appointment as it is (`telegut.scheduling.reminders.rules.verdict`).
"""
