"""Which zone data the visits were checked with, and what a change of it would have moved."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text

from telegut.db.metadata import Id, Timestamp, metadata

zone_data = Table(
    "scheduling_zone_data",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("version", Text, nullable=True),
    Column("checked_at", Timestamp, nullable=True),
    CheckConstraint('"only"', name="only"),
    CheckConstraint("(version is null) = (checked_at is null)", name="checked"),
)
"""One row: the release that every visit ahead was last checked with; null: none yet."""

finding = Table(
    "scheduling_zone_finding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("would_be", Timestamp, nullable=False),
    Column("version", Text, nullable=False),
    Column("found_at", Timestamp, nullable=False),
    Column("decision", Text, nullable=True),
    Column("decided_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("decided_at", Timestamp, nullable=True),
    CheckConstraint("decision in ('wall', 'instant', 'gone')", name="decision"),
    CheckConstraint("(decision is null) = (decided_at is null)", name="decided"),
    CheckConstraint("(decided_by is not null) = (decision is not null and decision <> 'gone')", name="decided_by"),
    Index("scheduling_zone_finding_one_open", "appointment", unique=True, postgresql_where=text("decision is null")),
)
"""
A visit whose wall time means another instant by zone data ``version``: ``would_be``. Open until a person decides:
``wall`` moved the visit there, ``instant`` kept it where it is; ``gone``: it was moved, cancelled, or holds again.
"""
