"""What a group session keeps. Its seats are appointments that name it, and a trigger counts them in ``taken``."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, SmallInteger, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from telegut.db.metadata import Id, Timestamp, metadata

group_session = Table(
    "scheduling_group_session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("visit", Id, nullable=False),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("seats", SmallInteger, nullable=False),
    Column("taken", SmallInteger, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("status", Text, nullable=False, server_default="open"),
    Column("start_at", Timestamp, nullable=False),
    Column("end_at", Timestamp, nullable=False),
    Column("zone", Text, nullable=False),
    Column("agreed_start", DateTime(timezone=False), nullable=False),
    Column("opened_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("opened_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    Unique("visit", name="scheduling_group_session_visit_key"),
    CheckConstraint("title ~ '^[a-z_]{1,40}$'", name="title"),
    CheckConstraint("seats between 2 and 12", name="seats"),
    CheckConstraint("taken between 0 and seats", name="taken"),
    CheckConstraint("version >= 1 and sequence >= 0", name="version"),
    CheckConstraint("status in ('open', 'cancelled')", name="status"),
    CheckConstraint("end_at > start_at and end_at <= start_at + interval '12 hours'", name="length"),
    Index("scheduling_group_session_start_idx", "start_at", "id"),
)
"""
``scheduling_group_session_taken_check`` is what turns away the one too many: the trigger ``scheduling_count_seats`` (in
migration 0012) counts every seat that is taken or given back, whoever does it.
"""
