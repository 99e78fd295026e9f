"""Cancelling, and what it would mean."""

from __future__ import annotations

from telegut.scheduling.bodies.fields import Words
from telegut.scheduling.cancelling import SAYS as CANCEL_SAYS
from telegut.scheduling.cancelling import CancelCode, Cancellation
from telegut.web.api import Answer, Body, Instant


class CancelBody(Body):
    """Why, by a *code* and in one's own words if one likes, for the appointment at this version."""

    reason: Words | None = None
    code: CancelCode | None = None
    version: int


class CancelCodeAnswer(Answer):
    """One reason to cancel, as a code and in words."""

    code: str
    text: str


class CancellationAnswer(Answer):
    """
    What cancelling would mean now. *late*: it would be noted as late, which it is from *late_from* on.

    text: the same for a person.
    """

    late: bool
    late_from: Instant
    text: str
    codes: list[CancelCodeAnswer]

    @classmethod
    def of(cls, one: Cancellation) -> CancellationAnswer:
        """As an answer."""
        codes = [CancelCodeAnswer(code=code.value, text=CANCEL_SAYS[code]) for code in one.codes]
        return cls(late=one.late, late_from=one.late_from, text=one.text, codes=codes)
