"""The types of exports and of consent to research in the API."""

from __future__ import annotations

from uuid import UUID

from telegut.reports.exchange.consent.rules import WORDS, WORDS_VERSION, Decision
from telegut.web.api import Answer, Body, Instant


class ConsentBody(Body):
    """A decision about research. *words*: the version of the words that were read."""

    given: bool
    words: str


class ConsentAnswer(Answer):
    """What holds now, and the words that are asked about. *given* is false when nobody has decided."""

    purpose: str = "research"
    given: bool
    words: str = WORDS_VERSION
    text: list[str] = list(WORDS)
    decided_words: str | None
    decided_at: Instant | None
    decided_by: UUID | None

    @classmethod
    def of(cls, decision: Decision | None) -> ConsentAnswer:
        """*decision* for the wire."""
        if decision is None:
            return cls(given=False, decided_words=None, decided_at=None, decided_by=None)
        return cls(
            given=decision.given,
            decided_words=decision.words,
            decided_at=decision.decided_at,
            decided_by=decision.decided_by,
        )
