"""Orders of tests. What is said about the person is sealed; the code on the kit names nobody."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, text

from telegut.db.metadata import Id, Timestamp, metadata
from telegut.db.sealed import SealedColumn

test_order = Table(
    "reports_test_order",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient", Id, ForeignKey("accounts_patient.person"), nullable=False),
    Column("protocol", Id, nullable=False),
    Column("protocol_version", Integer, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("reason", SealedColumn(), nullable=False),
    Column("details", SealedColumn(), nullable=False),
    Column("ordered_at", Timestamp, nullable=False),
    Column("ordered_by", Id, ForeignKey("accounts_person.id"), nullable=False),
    Column("profession", Text, nullable=False),
    # Deferred: the order is answered in the transaction that makes the report, before it.
    Column("report", Id, ForeignKey("reports_report.id", deferrable=True, initially="DEFERRED"), nullable=True),
    ForeignKeyConstraint(
        ["protocol", "protocol_version"],
        ["reports_protocol.protocol", "reports_protocol.version"],
        name="reports_test_order_protocol_fkey",
    ),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("state in ('ordered', 'described', 'taken', 'reported', 'cancelled')", name="state"),
    CheckConstraint("(state = 'reported') = (report is not null)", name="report"),
    CheckConstraint(
        "profession in ('physician', 'pharmacist', 'dietitian', 'nutritionist', 'psychologist', 'other')",
        name="profession",
    ),
    Index("reports_test_order_patient_idx", "patient", "id"),
    Index("reports_test_order_one_report", "report", unique=True, postgresql_where=text("report is not null")),
)
