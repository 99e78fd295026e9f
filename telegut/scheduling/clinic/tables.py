"""The days on which the clinic is closed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Table, Text, text

from telegut.db.metadata import metadata

holiday = Table(
    "scheduling_holiday",
    metadata,
    Column("day", Date, primary_key=True),
    Column("name", Text, nullable=False, server_default=text("''")),
    CheckConstraint("length(name) <= 80", name="name"),
)
"""Whole days, on the wall of each practitioner's hours. ``scheduling_calendar.holidays`` is a copy; see there."""
