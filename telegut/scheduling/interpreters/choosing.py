"""
Which interpreter takes part: the first of those in question who is free for the whole visit. Pure.

Their own hours, time off, holidays, notice, limits and buffers count as everybody's; the grid does not, since the
practitioners' hours say when visits begin.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from telegut.errors import Conflict
from telegut.scheduling.refusals import Reason
from telegut.scheduling.slots import Offer, Question


class NoInterpreter(Conflict):
    """No interpreter is free at this time. Nothing is booked."""


def first_free(
    question: Question, start: int, offers: Iterable[Offer], forgiven: Collection[Reason] = ()
) -> UUID | None:
    """The first of *offers* (in the order of fairness) whose person can be there; None: nobody."""
    passed_over = _NOT_THEIRS.union(forgiven)
    free = (one.practitioner for one in offers if passed_over.issuperset(question.reasons(start, one)))
    return next(free, None)


_NOT_THEIRS = frozenset({Reason.OFF_GRID, Reason.PATIENT_BUSY, Reason.GROUP_ONLY})
"""What speaks against a start, but not against an interpreter: it is said about the practitioners anyway."""
