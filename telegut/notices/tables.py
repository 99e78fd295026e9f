"""Notices: what was to be said to whom, and what became of it. No column can hold a word about anybody's health."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

notice = Table(
    "notices_notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("recipient", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("about", Id, nullable=False),  # a conversation or an appointment
    Column("version", Integer, nullable=False, server_default="0"),  # of the appointment; 0 for messages
    Column("starts_at", Timestamp, nullable=True),
    Column("zone", Text, nullable=True),
    Column("link", SealedColumn(), nullable=True),  # a personal link is a key: sealed, and gone once it was sent
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("problem", Text, nullable=True),  # the mail server's code, never its words
    Column("created_at", Timestamp, nullable=False),
    Column("settled_at", Timestamp, nullable=True),  # sent, no longer needed, or given up
    Column("seen_at", Timestamp, nullable=True),  # what it was about was seen in telegut
    CheckConstraint(
        "kind in ('message', 'appointment.booked', 'appointment.moved', 'appointment.cancelled')", name="kind"
    ),
    CheckConstraint("state in ('waiting', 'sent', 'settled', 'not_configured', 'refused')", name="state"),
    CheckConstraint("(state = 'waiting') = (settled_at is null)", name="settled_at"),
    CheckConstraint("(kind = 'message') = (starts_at is null)", name="starts_at"),
    CheckConstraint("(starts_at is null) = (zone is null)", name="zone"),
    CheckConstraint("problem is null or length(problem) <= 40", name="problem"),
    Index(
        "notices_one_for_unread",
        "recipient",
        "about",
        unique=True,
        postgresql_where=text("kind = 'message' and seen_at is null"),
    ),
    Index(
        "notices_one_for_each_change",
        "recipient",
        "about",
        "kind",
        "version",
        unique=True,
        postgresql_where=text("kind <> 'message'"),
    ),
    Index("notices_notice_state_idx", "state", "created_at"),
)
