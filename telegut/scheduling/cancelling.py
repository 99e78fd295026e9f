"""
Why a visit is cancelled, in a few neutral words, and what cancelling means at this moment. Pure.

A code is administrative: it names no illness and nobody's fault, and everybody who may see the visit may see it. Own
words are sealed clinical text like every reason (`reasons`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telegut.errors import FieldError, Invalid


class CancelCode(StrEnum):
    """Why a visit does not take place."""

    CANNOT_COME = "cannot_come"
    TIME_DOES_NOT_SUIT = "time_does_not_suit"
    NOT_NEEDED = "not_needed"
    BY_MISTAKE = "by_mistake"
    PRACTITIONER_AWAY = "practitioner_away"
    CLINIC = "clinic"
    OTHER = "other"


SAYS: dict[CancelCode, str] = {
    CancelCode.CANNOT_COME: "I cannot come",
    CancelCode.TIME_DOES_NOT_SUIT: "The time does not suit any more",
    CancelCode.NOT_NEEDED: "The visit is not needed any more",
    CancelCode.BY_MISTAKE: "It was booked by mistake",
    CancelCode.PRACTITIONER_AWAY: "The practitioner cannot be there",
    CancelCode.CLINIC: "The clinic needs to change it",
    CancelCode.OTHER: "Another reason",
}
"""Each code as somebody would say it who chooses it."""

STAFF_ONLY = frozenset({CancelCode.PRACTITIONER_AWAY, CancelCode.CLINIC})
"""Reasons that lie with the clinic: patients are not asked to choose them."""


def check_code(code: CancelCode | None, *, by_staff: bool) -> None:
    """
    Keep the clinic's reasons to the clinic.

    Raises:
        Invalid: a patient's side gave one of them.
    """
    if code in STAFF_ONLY and not by_staff:
        raise Invalid(errors=[FieldError("code", "This is a reason that the clinic gives.")])


@dataclass(frozen=True, slots=True)
class Cancellation:
    """
    What cancelling would mean now: told before, not after.

    late_from: from when on it is noted as late. late: whether that is now, for a patient's side.
    """

    late: bool
    late_from: datetime
    text: str
    codes: tuple[CancelCode, ...]


def cancellation(start: datetime, now: datetime, notice: timedelta, *, by_staff: bool) -> Cancellation:
    """What it means to cancel a visit that starts at *start*, under the clinic's *notice*."""
    late_from = start - notice
    late = not by_staff and now > late_from
    codes = tuple(one for one in CancelCode if by_staff or one not in STAFF_ONLY)
    return Cancellation(late, late_from, _text(notice, late=late, by_staff=by_staff), codes)


def _text(notice: timedelta, *, late: bool, by_staff: bool) -> str:
    if by_staff:
        return "The patient hears of it at once, and sees who cancelled and why. The time becomes free."
    if late:
        return (
            f"The visit is less than {_spoken(notice)} away. It is noted that you cancelled late; nothing else happens,"
            " and it costs you nothing."
        )
    return "The time becomes free for somebody else at once. It costs you nothing."


def _spoken(length: timedelta) -> str:
    minutes = length // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    if rest or not hours:
        return f"{minutes} minutes"
    if hours % 24 == 0 and hours > 24:
        return f"{hours // 24} days"
    return f"{hours} hours" if hours > 1 else "an hour"
