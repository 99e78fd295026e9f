"""How people want to be told. Each row is its owner's alone."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Column, ForeignKey, Table, Text, Time

from telegut.db.metadata import Id, Timestamp, metadata


def _channels(name: str) -> tuple[Column[list[str]], CheckConstraint]:
    column: Column[list[str]] = Column(name, ARRAY(Text), nullable=False)
    return column, CheckConstraint(f"{name} <@ array['mail', 'sms', 'push']", name=name)


choice = Table(
    "notices_choice",
    metadata,
    Column("person", Id, ForeignKey("accounts_person.id"), primary_key=True),
    *_channels("message"),
    *_channels("urgent"),
    *_channels("plan"),
    *_channels("report"),
    Column("visit_push", Boolean, nullable=False),
    Column("quiet", Text, nullable=False),
    Column("quiet_from", Time, nullable=False),
    Column("quiet_until", Time, nullable=False),
    Column("pace", Text, nullable=False),
    Column("daily_at", Time, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    CheckConstraint("quiet in ('usual', 'hours', 'none')", name="quiet"),
    CheckConstraint("pace in ('at_once', 'hourly', 'daily')", name="pace"),
)
"""
Who has no row is told as `telegut.notices.deciding.Wishes` says by default.

Mail and text message about visits are in ``notices_contact``, the device beside it in ``visit_push``. Times are on the
person's own wall.
"""
