"""
What the waitlist keeps: who waits for what, what was offered to whom, and why somebody was passed over.

The unique indexes are the truth: somebody waits once for each kind of visit, an entry has one offer at a time, and an
offer is one hold. That a time is offered once is the business of the hold, like for every hold.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from telegut.db.metadata import Id, Timestamp, metadata

_OPEN = text("ended_at is null")

waiting = Table(
    "scheduling_waiting",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("urgency", Text, nullable=False, server_default="ordinary"),
    Column("practitioners", ARRAY(Id), nullable=False, server_default=text("'{}'")),
    Column("language", Text, nullable=True),
    Column("windows", JSONB, nullable=False, server_default=text("'[]'")),
    Column("zone", Text, nullable=False),
    Column("from_day", Date, nullable=True),
    Column("until_day", Date, nullable=True),
    Column("notice_minutes", Integer, nullable=False, server_default="0"),
    Column("added_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("added_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp, nullable=True),
    Column("ended", Text, nullable=True),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("urgency in ('ordinary', 'soon', 'urgent')", name="urgency"),
    CheckConstraint("cardinality(practitioners) <= 5", name="practitioners"),
    CheckConstraint("language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'", name="language"),
    CheckConstraint("jsonb_typeof(windows) = 'array'", name="windows"),
    CheckConstraint("from_day <= until_day", name="days"),
    CheckConstraint("notice_minutes between 0 and 20160", name="notice"),
    CheckConstraint("ended in ('booked', 'withdrawn', 'over')", name="ended_known"),
    CheckConstraint("(ended_at is null) = (ended is null)", name="ended"),
    Index("scheduling_waits_once", "patient", "service", unique=True, postgresql_where=_OPEN),
    Index("scheduling_waiting_added_idx", "added_at", "id", postgresql_where=_OPEN),
)
"""One wish. ``windows`` are wall times in ``zone``, the patient's when they joined; days are civil days there."""

offer = Table(
    "scheduling_offer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry", Id, ForeignKey("scheduling_waiting.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("hold", Id, ForeignKey("scheduling_hold.id"), nullable=False),
    Column("practitioners", ARRAY(Id), nullable=False),
    Column("start_at", Timestamp, nullable=False),
    Column("end_at", Timestamp, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp, nullable=True),
    Column("ended", Text, nullable=True),
    CheckConstraint("cardinality(practitioners) between 1 and 5", name="practitioners"),
    CheckConstraint("end_at > start_at and expires_at > made_at", name="length"),
    CheckConstraint("ended in ('accepted', 'declined', 'lapsed', 'withdrawn', 'replaced')", name="ended_known"),
    CheckConstraint("(ended_at is null) = (ended is null)", name="ended"),
    Index("scheduling_one_offer_at_a_time", "entry", unique=True, postgresql_where=_OPEN),
    Index("scheduling_offer_of_a_hold", "hold", unique=True),
    Index("scheduling_offer_entry_idx", "entry", "start_at"),
    Index("scheduling_offer_expires_idx", "expires_at", postgresql_where=_OPEN),
)
"""A time that is kept for somebody who waited for it. ``practitioners`` stay known when the hold has gone."""

passing = Table(
    "scheduling_passing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("offer", Id, ForeignKey("scheduling_offer.id"), nullable=False),
    Column("entry", Id, ForeignKey("scheduling_waiting.id"), nullable=False),
    Column("patient", Id, nullable=False),
    Column("reason", Text, nullable=False),
    Column("passed_at", Timestamp, nullable=False),
    UniqueConstraint("offer", "entry", name="scheduling_passed_once"),
    CheckConstraint(
        "reason in ('other_people', 'no_room', 'not_their_days', 'not_their_hours', 'too_short_notice',"
        " 'quiet_hours', 'patient_busy', 'has_an_offer', 'had_this_time', 'visits_enough')",
        name="reason",
    ),
    Index("scheduling_passing_entry_idx", "entry", "passed_at"),
)
"""Who was before the one that got an offer, and why it did not go to them."""
