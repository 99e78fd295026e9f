"""Where rooms are."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from telegut.db.metadata import Id, Timestamp, metadata

places = Table(
    "rooms_media_place",
    metadata,
    Column("visit", Id, ForeignKey("rooms_visit.id"), primary_key=True),
    Column("process", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("moves", Integer, nullable=False, server_default=text("0")),
    Column("placed_at", Timestamp, nullable=False),
    Column("seen_at", Timestamp, nullable=False),
)
"""
The media process that has the room of a visit: the primary key decides when several web processes place it at once.

*process*: its name, for people; *instance*: this one life of it; *seen_at*: when a web process last was connected with
it, so that another one, which cannot reach it, does not take a call away that goes on.
"""
Index("rooms_media_place_instance_idx", places.c.instance)
