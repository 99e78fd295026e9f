"""What may speak against a start: one code each, its words for a person, and how a booking is refused for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from telegut.errors import Conflict, Invalid, TelegutError


class Reason(StrEnum):
    """Why a start is not offered."""

    PAST = "past"
    TOO_SOON = "too_soon"
    BEYOND_HORIZON = "beyond_horizon"
    OUTSIDE_HOURS = "outside_hours"
    HOLIDAY = "holiday"
    OFF_GRID = "off_grid"
    TIME_OFF = "time_off"
    TAKEN = "taken"
    HELD = "held"
    BUFFER = "buffer"
    DAY_FULL = "day_full"
    BUSY_ELSEWHERE = "busy_elsewhere"
    PATIENT_BUSY = "patient_busy"
    NOT_PROVIDED = "not_provided"
    ROLE_MISSING = "role_missing"
    GROUP_ONLY = "group_only"
    NO_INTERPRETER = "no_interpreter"
    TOO_MANY_VISITS = "too_many_visits"


SAYS: dict[Reason, str] = {
    Reason.PAST: "This time has passed.",
    Reason.TOO_SOON: "This time is too close to now.",
    Reason.BEYOND_HORIZON: "This is further ahead than we book.",
    Reason.OUTSIDE_HOURS: "This is outside the hours that are offered.",
    Reason.HOLIDAY: "The clinic is closed on this day.",
    Reason.OFF_GRID: "Visits do not start at this minute.",
    Reason.TIME_OFF: "There are no visits at this time.",
    Reason.TAKEN: "This time is taken.",
    Reason.HELD: "Somebody else is just booking this time.",
    Reason.BUFFER: "This is too close to another visit.",
    Reason.DAY_FULL: "There are as many visits as fit on this day.",
    Reason.BUSY_ELSEWHERE: "This person is busy elsewhere at this time.",
    Reason.PATIENT_BUSY: "There is another visit at the same time.",
    Reason.NOT_PROVIDED: "This kind of visit is not offered by everybody who was asked for.",
    Reason.ROLE_MISSING: "Somebody is missing for this kind of visit.",
    Reason.GROUP_ONLY: "This takes place in a group: take a seat in one of the sessions.",
    Reason.NO_INTERPRETER: "No interpreter is free at this time.",
    Reason.TOO_MANY_VISITS: "There are as many visits ahead as can be booked at once.",
}
"""Each reason in one sentence for a person."""


class NotOffered(Invalid):
    """This time is not offered."""


class SlotTaken(Conflict):
    """That time was taken a moment ago. Nothing is booked."""


class DayFull(SlotTaken):
    """This day has as many visits as fit by now. Nothing is booked."""


class PatientBusy(Conflict):
    """There is already another visit at this time. Nothing is booked."""


def refusal(reasons: Sequence[Reason]) -> TelegutError | None:
    """
    What to answer to somebody who asked for a start with these *reasons* against it; None: nothing speaks against it.

    What could never be booked (outside hours, off the grid, too soon …) is told before what somebody else was
    faster with, since trying again helps only with the second.
    """
    taken = {Reason.TAKEN, Reason.HELD}
    soft = taken | {Reason.BUFFER, Reason.DAY_FULL, Reason.PATIENT_BUSY}
    firm = [reason for reason in reasons if reason not in soft]
    if firm:
        return NotOffered(" ".join(SAYS[reason] for reason in firm))
    if taken & set(reasons):
        return SlotTaken()
    if Reason.DAY_FULL in reasons:
        return DayFull()
    if Reason.PATIENT_BUSY in reasons:
        return PatientBusy()
    return NotOffered(SAYS[Reason.BUFFER]) if reasons else None
