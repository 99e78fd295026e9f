"""Tokens of words, and how far each conversation's log has been read for them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table

from telegut.db.metadata import Id, metadata

token = Table(
    "messaging_token",
    metadata,
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), primary_key=True),
    Column("token", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # of the message, whatever edits say now
    Column("patient", Id, nullable=False),
    Index("messaging_token_seq_idx", "conversation", "seq"),
)

indexed = Table(
    "messaging_indexed",
    metadata,
    Column("conversation", Id, ForeignKey("messaging_conversation.id"), primary_key=True),
    Column("patient", Id, nullable=False),
    Column("up_to", BigInteger, nullable=False, server_default="0"),
)
