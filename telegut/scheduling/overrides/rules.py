"""
What staff may decide against the rules, and how exactly they have to say so. Pure.

The rules about hours, notice, grid and buffers are the clinic's own, so its people may go against them, knowing which.
Who is somewhere else cannot be overridden: not the time of a practitioner that is taken or held, not the patient's, and
not the past.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from telegut.errors import FieldError, Invalid, Refused
from telegut.scheduling.refusals import SAYS, Reason

FIRM: Final = frozenset(
    {
        Reason.PAST,
        Reason.TAKEN,
        Reason.HELD,
        Reason.PATIENT_BUSY,
        Reason.NOT_PROVIDED,
        Reason.ROLE_MISSING,
        Reason.GROUP_ONLY,
    }
)
"""What nobody can decide away."""


class OverrideDiffers(Invalid):
    """What speaks against this time is not what was said. Nothing is booked; please look again."""


class NotDecidable(Invalid):
    """This is nobody's to decide away. Nothing is booked; please choose another time."""


class OverrideRefused(Refused):
    """Only the clinic's staff books against its rules."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Which reasons somebody decides against, and why, in their own words."""

    reasons: frozenset[Reason]
    why: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision as it stands with a visit. *why*: only for those who may read it."""

    by: UUID
    at: datetime
    reasons: tuple[str, ...]
    why: str | None = None


def left(against: Iterable[Reason], decided: Collection[Reason]) -> list[Reason]:
    """
    What still speaks against a start when staff decided against *decided*.

    Raises:
        OverrideDiffers: they did not name exactly the reasons that could be decided away now; what is firm is for the
            ordinary refusal to tell. NotDecidable: they named something firm that does speak against it.
    """
    found = list(against)
    if never := FIRM & set(decided) & set(found):
        said = (f"{one.value}: {SAYS[one]} This is nobody's to decide away." for one in sorted(never))
        raise NotDecidable(errors=[FieldError("override.reasons", one) for one in said])
    soft = {reason for reason in found if reason not in FIRM}
    missing, extra = soft - set(decided), set(decided) - soft
    wrong = [FieldError("override.reasons", f"{one.value}: {SAYS[one]}") for one in sorted(missing)]
    wrong += [FieldError("override.reasons", f"{one.value} does not speak against this time.") for one in sorted(extra)]
    if wrong:
        raise OverrideDiffers(errors=wrong)
    return [reason for reason in found if reason in FIRM]
