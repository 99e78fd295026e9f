"""
What is known of recordings: what was asked and answered, and the films. Packets and films lie in files, sealed.

``key`` is the recording's own key, sealed under the patient's; ``why`` is what the practitioner said it is for;
``missing`` is where the films lack something because a media process ended while it recorded.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

recordings = Table(
    "rooms_recording",
    metadata,
    Column("id", Id, primary_key=True),
    Column("visit", Id, ForeignKey("rooms_visit.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("asked_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("why", SealedColumn(), nullable=False),
    Column("key", SealedColumn(), nullable=False),
    Column("asked_at", Timestamp, nullable=False),
    Column("started_at", Timestamp, nullable=True),
    Column("ended_at", Timestamp, nullable=True),
    Column("ended_by", Id, nullable=True),
    Column("ending", Text, nullable=True),
    Column("keep_until", Timestamp, nullable=False),
    Column("film", Text, nullable=False),
    Column("withdrawn_at", Timestamp, nullable=True),
    Column("removed_at", Timestamp, nullable=True),
    Column("missing", Text, nullable=True),
    CheckConstraint("state in ('asked', 'running', 'paused', 'ended')", name="state"),
    CheckConstraint("ending in ('declined', 'stopped', 'over', 'disk', 'full')", name="ending"),
    CheckConstraint("(state = 'ended') = (ended_at is not null)", name="ended"),
    CheckConstraint("missing in ('between', 'end', 'both')", name="missing"),
    CheckConstraint("film in ('none', 'waiting', 'made', 'failed', 'removed')", name="film"),
    Index("rooms_recording_patient_idx", "patient", "asked_at"),
    Index("rooms_recording_one_going", "visit", unique=True, postgresql_where=text("state <> 'ended'")),
    Index("rooms_recording_waiting_idx", "ended_at", postgresql_where=text("film = 'waiting'")),
)

answers = Table(
    "rooms_recording_answer",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("recording", Id, ForeignKey("rooms_recording.id"), nullable=False),
    Column("patient", Id, nullable=False),
    Column("account", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("word", Text, nullable=False),
    Column("at", Timestamp, nullable=False),
    CheckConstraint("word in ('asked', 'yes', 'no', 'stop', 'withdrawn')", name="word"),
    Index("rooms_recording_answer_recording_idx", "recording", "id"),
)
"""Everything that anybody said of being recorded, appended, never changed."""

films = Table(
    "rooms_recording_film",
    metadata,
    Column("id", Id, primary_key=True),
    Column("recording", Id, ForeignKey("rooms_recording.id"), nullable=False),
    Column("patient", Id, nullable=False),
    Column("account", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("what", Text, nullable=False),
    Column("picture", Boolean, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    CheckConstraint("what in ('person', 'screen')", name="what"),
    Index("rooms_recording_film_recording_idx", "recording"),
)
"""A film of one person, or of the screen they shared."""
