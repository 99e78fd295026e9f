"""What is remembered of a call that broke: who could not be heard, from when until when, and who noticed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, text

from telegut.db.metadata import Id, Timestamp, metadata

lost = Table(
    "rooms_lost",
    metadata,
    Column("id", Id, primary_key=True),
    Column("visit", Id, ForeignKey("rooms_visit.id"), nullable=False),
    Column("account", Id, nullable=False),
    Column("witness", Id, nullable=False),
    Column("since", Timestamp, nullable=False),
    Column("until", Timestamp, nullable=True),
    CheckConstraint("until is null or until >= since", name="order"),
)
"""One stretch: nothing of *account* came any more, said the page of *witness*, or nothing reached them, said
their own; open while *until* is null."""
Index("rooms_lost_one_open", lost.c.visit, lost.c.account, unique=True, postgresql_where=text("until is null"))
Index("rooms_lost_visit_idx", lost.c.visit, lost.c.since)
