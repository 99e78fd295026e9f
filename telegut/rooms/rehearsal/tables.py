"""What is remembered of checks before visits: how the last one went, in words of a fixed list."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from telegut.db.metadata import Id, Timestamp, metadata

rehearsals = Table(
    "rooms_rehearsal",
    metadata,
    Column("visit", Id, ForeignKey("rooms_visit.id"), primary_key=True),
    Column("account", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("checked_at", Timestamp, nullable=False),
    Column("grade", Text, nullable=False),
    Column("troubles", ARRAY(Text), nullable=False),
    CheckConstraint("grade in ('ready', 'risky')", name="grade"),
    CheckConstraint(
        "troubles <@ array['no_way', 'microphone', 'loss', 'delay', 'tcp', 'relay', 'camera']", name="troubles"
    ),
)
"""The last check of one person for one visit. Neither devices nor addresses are kept."""
