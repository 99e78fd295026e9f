"""Saved replies. They are about no patient; names and times are filled in when one is used."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

saved_reply = Table(
    "messaging_saved_reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Id, ForeignKey("accounts_person.id"), nullable=True),  # null: the clinic's
    Column("words", SealedColumn, nullable=True),  # title and body; null: they were kept in clear, before 0027
    Column("title", Text, nullable=True),
    Column("body", Text, nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_at", Timestamp, nullable=False),
    Column("changed_by", Id, nullable=False),
    CheckConstraint("num_nonnulls(title, body) = case when words is null then 2 else 0 end", name="words"),
    Index("messaging_saved_reply_owner_idx", "owner"),
)
