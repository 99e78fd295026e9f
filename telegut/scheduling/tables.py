"""
What scheduling keeps. The exclusion constraint ``scheduling_no_overlap`` is the truth about who is free.

A practitioner's row in `calendar` is the queue: everybody who wants some of their time locks it first, in sorted order,
then the patient. `participant` holds the time of everybody in a visit or a hold: practitioners with the buffers around
it, patients without. A hold's time expires by the database's clock; whoever comes next removes it.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Time,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

policy = Table(
    "scheduling_policy",
    metadata,
    Column("only", Boolean, primary_key=True, server_default=text("true")),
    Column("minimum_notice_minutes", Integer, nullable=False, server_default="120"),
    Column("horizon_days", Integer, nullable=False, server_default="90"),
    Column("grid_minutes", SmallInteger, nullable=False, server_default="30"),
    Column("max_future_visits", SmallInteger, nullable=False, server_default="4"),
    Column("cancel_notice_minutes", Integer, nullable=False, server_default="1440"),
    Column("hold_minutes", SmallInteger, nullable=False, server_default="5"),
    Column("holds_per_patient", SmallInteger, nullable=False, server_default="2"),
    Column("any_practitioner", Boolean, nullable=False, server_default=text("true")),
    Column("reminder_minutes", ARRAY(Integer), nullable=False, server_default=text("'{1440,60}'")),
    Column("offer_minutes", SmallInteger, nullable=False, server_default="30"),
    Column("quiet_from", Time(timezone=False), nullable=False, server_default=text("'21:00'")),
    Column("quiet_until", Time(timezone=False), nullable=False, server_default=text("'08:00'")),
    Column("series_at_most", SmallInteger, nullable=False, server_default="12"),
    Column("max_visits_a_day", SmallInteger, nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("holidays_version", Integer, nullable=False, server_default="1"),
    CheckConstraint('"only"', name="only"),
    CheckConstraint("minimum_notice_minutes between 0 and 525600", name="minimum_notice"),
    CheckConstraint("horizon_days between 1 and 1830", name="horizon"),
    CheckConstraint("grid_minutes in (5, 10, 15, 20, 30, 60)", name="grid"),
    CheckConstraint("max_future_visits between 1 and 1000", name="max_future_visits"),
    CheckConstraint("cancel_notice_minutes between 0 and 525600", name="cancel_notice"),
    CheckConstraint("hold_minutes between 1 and 10", name="hold"),
    CheckConstraint("holds_per_patient between 1 and 10", name="holds_per_patient"),
    CheckConstraint(
        "cardinality(reminder_minutes) <= 5 and 5 <= all (reminder_minutes) and 20160 >= all (reminder_minutes)",
        name="reminders",
    ),
    CheckConstraint("offer_minutes between 5 and 55", name="offer"),
    CheckConstraint("series_at_most between 2 and 104", name="series_at_most"),
)
"""The clinic's numbers: one row. ``version`` counts changes of it, ``holidays_version`` those of the holidays."""

service = Table(
    "scheduling_service",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("duration_minutes", SmallInteger, nullable=False),
    Column("buffer_before_minutes", SmallInteger, nullable=False),
    Column("buffer_after_minutes", SmallInteger, nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    Column("place", SmallInteger, nullable=False, server_default="0"),
    Column("retired_at", Timestamp, nullable=True),
    Column("seats", SmallInteger, nullable=False, server_default="1"),
    Column("own_notice_minutes", Integer, nullable=True),
    Column("own_horizon_days", Integer, nullable=True),
    Column("own_grid_minutes", SmallInteger, nullable=True),
    CheckConstraint("own_notice_minutes between 0 and 525600", name="own_notice"),
    CheckConstraint("own_horizon_days between 1 and 1830", name="own_horizon"),
    CheckConstraint("own_grid_minutes in (5, 10, 15, 20, 30, 60)", name="own_grid"),
    CheckConstraint("length(btrim(name)) between 1 and 120", name="name"),
    CheckConstraint("duration_minutes between 5 and 480", name="duration"),
    CheckConstraint("buffer_before_minutes between 0 and 240", name="buffer_before"),
    CheckConstraint("buffer_after_minutes between 0 and 240", name="buffer_after"),
    CheckConstraint("cardinality(needs) between 1 and 5", name="needs"),
    CheckConstraint("needs <@ array['consultant', 'nutritionist']", name="needs_known"),
    CheckConstraint("seats between 1 and 12", name="seats"),
)
"""Kinds of visit, in the order of ``place``. ``own_…``: instead of the clinic's numbers."""

provides = Table(
    "scheduling_provides",
    metadata,
    Column("practitioner", Id, ForeignKey("scheduling_calendar.practitioner"), primary_key=True),
    Column("service", Id, ForeignKey("scheduling_service.id"), primary_key=True),
    Column("role", Text, nullable=False),
    CheckConstraint("role in ('consultant', 'nutritionist')", name="role"),
    Index("scheduling_provides_service_idx", "service"),
)
"""Who offers which kind of visit, and as what."""

calendar = Table(
    "scheduling_calendar",
    metadata,
    Column("practitioner", Id, ForeignKey("accounts_person.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("zone", Text, nullable=False),
    Column("rules", JSONB, nullable=False, server_default=text("'[]'")),
    Column("exceptions", JSONB, nullable=False, server_default=text("'[]'")),
    CheckConstraint("role in ('consultant', 'nutritionist', 'interpreter')", name="role"),
    CheckConstraint("version >= 0", name="version"),
    CheckConstraint("jsonb_typeof(rules) = 'array'", name="rules"),
    CheckConstraint("jsonb_typeof(exceptions) = 'array'", name="exceptions"),
    Column("max_visits_a_day", SmallInteger, nullable=True),
    Column("minimum_notice_minutes", Integer, nullable=True),
    Column("holidays", ARRAY(Date), nullable=False, server_default=text("'{}'")),
    CheckConstraint("max_visits_a_day between 1 and 100", name="max_visits_a_day"),
    CheckConstraint("minimum_notice_minutes between 0 and 525600", name="minimum_notice"),
)
"""
One row for each practitioner: the hours of today's version, and what a booking locks.

``holidays`` is a copy of the clinic's, so that the locked row holds everything that a booking is asked about.
"""

calendar_version = Table(
    "scheduling_calendar_version",
    metadata,
    Column("practitioner", Id, ForeignKey("scheduling_calendar.practitioner"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("zone", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("exceptions", JSONB, nullable=False),
    Column("max_visits_a_day", SmallInteger, nullable=True),
    Column("minimum_notice_minutes", Integer, nullable=True),
    Column("set_by", Id, nullable=True),
    Column("set_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("version >= 1", name="version"),
)
"""Every version of everybody's hours."""

hold = Table(
    "scheduling_hold",
    metadata,
    Column("id", Id, primary_key=True),
    Column("owner", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=True),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False),
    Column("start_at", Timestamp, nullable=False),
    Column("end_at", Timestamp, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("appointment", Id, nullable=True),
    Column("released_at", Timestamp, nullable=True),
    Column("kind", Text, nullable=False, server_default="choice"),
    Column("renewed_at", Timestamp, nullable=True),
    Column("group_session", Id, ForeignKey("scheduling_group_session.id"), nullable=True),
    CheckConstraint("group_session is null or (kind = 'offer' and patient is not null)", name="seat"),
    CheckConstraint("end_at > start_at", name="length"),
    CheckConstraint("expires_at > made_at and expires_at <= made_at + interval '1 hour'", name="expiry"),
    CheckConstraint("appointment is null or released_at is null", name="one_end"),
    CheckConstraint("kind in ('choice', 'offer')", name="kind"),
    Index(
        "scheduling_hold_patient_idx", "patient", postgresql_where=text("appointment is null and released_at is null")
    ),
    Index("scheduling_hold_owner_idx", "owner", postgresql_where=text("appointment is null and released_at is null")),
    Index(
        "scheduling_hold_group_session_idx",
        "group_session",
        postgresql_where=text("appointment is null and released_at is null"),
    ),
)
"""
Time kept for somebody: one who is still deciding (``choice``) or who waited for it (``offer``). With ``group_session``
it is a seat in one, and the trigger ``scheduling_count_kept_seats`` (0023) counts it as taken while it lasts.

It ends as an appointment, released, or by its expiry.
"""

appointment = Table(
    "scheduling_appointment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("visit", Id, nullable=False),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("service", Id, ForeignKey("scheduling_service.id"), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("status", Text, nullable=False, server_default="booked"),
    Column("outcome", Text, nullable=True),
    Column("start_at", Timestamp, nullable=False),
    Column("end_at", Timestamp, nullable=False),
    Column("zone", Text, nullable=False),
    Column("agreed_start", DateTime(timezone=False), nullable=False),
    Column("booked_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("booked_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    Column("cancelled_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("cancelled_at", Timestamp, nullable=True),
    Column("cancelled_late", Boolean, nullable=False, server_default=text("false")),
    Column("confirmed_at", Timestamp, nullable=True),
    Column("confirmed_by", Id, ForeignKey("accounts_person.id"), nullable=True),
    Column("confirmed_sequence", Integer, nullable=True),
    Column("cancel_code", Text, nullable=True),
    Column("series", Id, ForeignKey("scheduling_series.id"), nullable=True),
    Column("group_session", Id, ForeignKey("scheduling_group_session.id"), nullable=True),
    CheckConstraint("version >= 1 and sequence >= 0", name="version"),
    CheckConstraint("status in ('booked', 'cancelled', 'completed')", name="status"),
    CheckConstraint(
        "outcome in ('attended', 'patient_absent', 'practitioner_absent', 'technical')", name="outcome_known"
    ),
    CheckConstraint("(status = 'completed') = (outcome is not null)", name="outcome"),
    CheckConstraint("(status = 'cancelled') = (cancelled_at is not null)", name="cancelled"),
    CheckConstraint("num_nonnulls(confirmed_at, confirmed_by, confirmed_sequence) in (0, 3)", name="confirmed"),
    CheckConstraint(
        "cancel_code in ('cannot_come', 'time_does_not_suit', 'not_needed', 'by_mistake', 'practitioner_away',"
        " 'clinic', 'other')",
        name="cancel_code",
    ),
    CheckConstraint("cancel_code is null or status = 'cancelled'", name="cancel_code_when"),
    CheckConstraint("end_at > start_at and end_at <= start_at + interval '12 hours'", name="length"),
    Index("scheduling_appointment_patient_idx", "patient", "start_at"),
    Index("scheduling_appointment_ahead_idx", "patient", "start_at", postgresql_where=text("status = 'booked'")),
    Index("scheduling_appointment_start_idx", "start_at", "id"),
    Index("scheduling_appointment_series_idx", "series", postgresql_where=text("series is not null")),
    Index(
        "scheduling_appointment_group_session_idx", "group_session", postgresql_where=text("group_session is not null")
    ),
    Index("scheduling_one_appointment_per_visit", "visit", unique=True, postgresql_where=text("group_session is null")),
    Index(
        "scheduling_one_seat_each",
        "visit",
        "patient",
        unique=True,
        postgresql_where=text("group_session is not null and status <> 'cancelled'"),
    ),
)
"""``agreed_start`` is the wall time in ``zone`` that the visit was agreed for; ``start_at`` the instant it means."""

participant = Table(
    "scheduling_participant",
    metadata,
    Column("id", Id, primary_key=True),
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), nullable=True),
    Column("hold", Id, ForeignKey("scheduling_hold.id"), nullable=True),
    Column("group_session", Id, ForeignKey("scheduling_group_session.id"), nullable=True),
    Column("person", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("part", Text, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("visit", TSTZRANGE, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("made_at", Timestamp, nullable=False, server_default=func.statement_timestamp()),
    Column("expires_at", Timestamp, nullable=True),
    ExcludeConstraint(
        ("person", "="), ("during", "&&"), where=text("active"), using="gist", name="scheduling_no_overlap"
    ),
    Index("scheduling_participant_made_idx", "made_at", postgresql_where=text("part <> 'patient'")),
    Index("scheduling_participant_expiring_idx", "person", postgresql_where=text("expires_at is not null")),
    UniqueConstraint("appointment", "person", name="scheduling_once_in_an_appointment"),
    UniqueConstraint("hold", "person", name="scheduling_once_in_a_hold"),
    UniqueConstraint("group_session", "person", name="scheduling_once_in_a_group_session"),
    CheckConstraint("num_nonnulls(appointment, hold, group_session) = 1", name="one_reason"),
    CheckConstraint("(hold is null) = (expires_at is null)", name="only_holds_expire"),
    CheckConstraint("part in ('patient', 'consultant', 'nutritionist', 'interpreter')", name="part"),
    CheckConstraint(
        "not isempty(visit) and not lower_inf(visit) and not upper_inf(visit)"
        " and lower_inc(visit) and not upper_inc(visit) and upper(visit) - lower(visit) <= interval '12 hours'",
        name="visit",
    ),
    CheckConstraint(
        "not lower_inf(during) and not upper_inf(during) and lower_inc(during) and not upper_inc(during)"
        " and during @> visit and upper(during) - lower(during) <= interval '24 hours'",
        name="during",
    ),
)
"""
The time of one person in one visit or hold. ``visit`` is the visit itself, ``during`` also covers the buffers; both are
never empty, never open-ended and always ``[)``: an exclusion constraint accepts anything else in silence.
``made_at`` is when the time was asked for; moving a visit does not change it.
"""

reason = Table(
    "scheduling_reason",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("appointment", Id, ForeignKey("scheduling_appointment.id"), nullable=False),
    Column("about", Text, nullable=False),
    Column("author", Id, nullable=True),
    Column("written_at", Timestamp, nullable=False),
    Column("text", SealedColumn(), nullable=False),
    CheckConstraint("about in ('visit', 'move', 'cancellation')", name="about"),
    Index("scheduling_reason_appointment_idx", "appointment"),
)
"""Why somebody comes, moves or cancels, in their own words: for the patient and the care team only."""
