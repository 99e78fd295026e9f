"""Saved replies. They are about no patient; names and times are filled in when one is used."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from telegut.db.metadata import Id, Timestamp, metadata

saved_reply = Table(
    "messaging_saved_reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Id, ForeignKey("accounts_person.id"), nullable=True),  # null: the clinic's
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_at", Timestamp, nullable=False),
    Column("changed_by", Id, nullable=False),
    Index("messaging_saved_reply_owner_idx", "owner"),
)
