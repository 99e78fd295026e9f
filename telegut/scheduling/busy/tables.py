"""What is kept of calendars elsewhere: where they are (sealed), how reading them went, and ranges without words."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, func
from sqlalchemy.dialects.postgresql import TSTZRANGE

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

busy_source = Table(
    "scheduling_busy_source",
    metadata,
    Column("id", Id, primary_key=True),
    Column("practitioner", Id, ForeignKey("scheduling_calendar.practitioner"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("address", SealedColumn(), nullable=False),
    Column("made_at", Timestamp, nullable=False, server_default=func.now()),
    Column("tried_at", Timestamp, nullable=True),
    Column("read_at", Timestamp, nullable=True),
    Column("covers_until", Timestamp, nullable=True),
    Column("failing_since", Timestamp, nullable=True),
    Column("failure", Text, nullable=True),
    Column("etag", Text, nullable=True),
    Column("modified", Text, nullable=True),
    CheckConstraint("kind in ('ics', 'caldav')", name="kind"),
    CheckConstraint("length(btrim(name)) between 1 and 60", name="name"),
    CheckConstraint("(failure is null) = (failing_since is null)", name="failure"),
    Index("scheduling_busy_source_practitioner_idx", "practitioner"),
)
"""One calendar elsewhere. ``address`` is sealed JSON: the address often is a secret itself."""

busy = Table(
    "scheduling_busy",
    metadata,
    Column("source", Id, ForeignKey("scheduling_busy_source.id", ondelete="CASCADE"), nullable=False),
    Column("practitioner", Id, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    CheckConstraint(
        "not isempty(during) and not lower_inf(during) and not upper_inf(during)"
        " and lower_inc(during) and not upper_inc(during)",
        name="during",
    ),
    Index("scheduling_busy_source_idx", "source"),
    Index("scheduling_busy_during_idx", "practitioner", "during", postgresql_using="gist"),
)
"""When a practitioner is busy elsewhere. Nothing of the event is kept but its time."""
