"""
The patient's side of a record: the patient, and everybody who is or ever was their guardian.

Who joined the care team after having been guardian is of the team: what they say answers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, exists, or_, select

from telegut.accounts.tables import care, guardian
from telegut.db.engine import Transaction


async def of(tx: Transaction, patients: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The patient's side of each of *patients*. Checks nobody's right to know them."""
    families = {one: {one} for one in patients}
    rows = await tx.execute(
        select(guardian.c.patient, guardian.c.guardian).where(
            guardian.c.patient.in_(sorted(patients)), ~_changed_sides(guardian)
        )
    )
    for row in rows:
        families[row.patient].add(row.guardian)
    return families


def includes(patient: ColumnElement[Any], account: ColumnElement[Any]) -> ColumnElement[bool]:
    """In a statement: whether *account* is on the side of *patient*."""
    one = guardian.alias()
    was = exists().where(one.c.patient == patient, one.c.guardian == account, ~_changed_sides(one))
    return or_(account == patient, was)


def _changed_sides(was: FromClause) -> ColumnElement[bool]:
    joined = care.alias()
    return exists().where(
        joined.c.patient == was.c.patient, joined.c.member == was.c.guardian, joined.c.since >= was.c.until
    )
