"""
A clinic's own comparison groups, and which group each version of a report was compared with since when.

A group is a draft until a second person approves it; from then on nothing of it changes but that it may be withdrawn. A
trigger holds that, whoever asks. Figures are sealed: they are of people, whom a small group can give away.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

cohort = Table(
    "reports_cohort",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("about", JSONB, nullable=False),  # `group.About`, `dots_allowed`; facts about the group, nobody's values
    Column("findings", JSONB, nullable=False),  # what the checks found that did not keep the table out
    Column("figures", SealedColumn(), nullable=False),  # `loading.Loaded.figures`
    Column("file_hash", LargeBinary, nullable=False),  # SHA-256 of the table as it was loaded
    Column("figures_hash", LargeBinary, nullable=False),  # SHA-256 of the clear figures and of `about`
    Column("said_once", LargeBinary, nullable=True),  # `figures_hash` once more, of groups loaded since 0045
    Column("loaded_at", Timestamp, nullable=False),
    Column("loaded_by", Id, nullable=False),
    Column("approved_at", Timestamp, nullable=True),
    Column("approved_by", Id, nullable=True),
    Column("withdrawn_at", Timestamp, nullable=True),
    Column("withdrawn_by", Id, nullable=True),
    Column("withdrawn_why", Text, nullable=True),
    UniqueConstraint("name", "version", name="reports_cohort_name_version"),
    Index("reports_cohort_once", "said_once", unique=True, postgresql_where=text("state <> 'withdrawn'")),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("people >= 5", name="people"),
    CheckConstraint("state in ('draft', 'approved', 'withdrawn')", name="state"),
    CheckConstraint("octet_length(file_hash) = 32 and octet_length(figures_hash) = 32", name="hashes"),
    CheckConstraint(
        "(state = 'draft') = (approved_at is null) and (approved_at is null) = (approved_by is null)", name="approved"
    ),
    CheckConstraint("approved_by <> loaded_by", name="two_people"),
    CheckConstraint(
        "(state = 'withdrawn') = (withdrawn_at is not null)"
        " and num_nonnulls(withdrawn_at, withdrawn_by, withdrawn_why) in (0, 3)",
        name="withdrawn",
    ),
)

compared = Table(
    "reports_compared",
    metadata,
    Column("report", Id, ForeignKey("reports_report.id"), primary_key=True),
    Column("report_version", Integer, primary_key=True),
    Column("patient", Id, nullable=False),
    Column("cohort", Text, primary_key=True),  # the id of a clinic's group, or the name of one that telegut brings
    Column("cohort_version", Integer, nullable=False),
    Column("since", Timestamp, nullable=False),
    CheckConstraint("report_version >= 1 and cohort_version >= 1", name="versions"),
)
