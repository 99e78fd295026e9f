"""What a practitioner says of being late: one row a visit, the last word."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, SmallInteger, Table

from telegut.db.metadata import Id, Timestamp, metadata

lateness = Table(
    "rooms_lateness",
    metadata,
    Column("visit", Id, ForeignKey("rooms_visit.id"), primary_key=True),
    Column("minutes", SmallInteger, nullable=False),
    Column("said_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("said_at", Timestamp, nullable=False),
    CheckConstraint("minutes between 1 and 60", name="minutes"),
)
