"""
What people agree to when they agree to research, and who may say so.

Purpose "research" alone: care goes on the same either way, and consent to anything else is another decision. The words
have a version; a decision keeps which version was shown. Change the words, raise the version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from telegut.accounts.rules import Relation
from telegut.errors import Conflict, Refused

WORDS_VERSION = "1"
WORDS = (
    "The clinic may give what was measured in my samples, with the year, an age band, sex and how it was measured, to "
    "researchers under a number instead of my name.",
    "My name, my messages, my answers to questionnaires and what I wrote in my own words are never given.",
    "A profile of microbes can sometimes be recognised by whoever has another one of the same person. So researchers "
    "must keep it as safe as we do.",
    "I may take this back at any time. From then on nothing more is given. What was given before stays given.",
    "My care is the same, whether I agree or not.",
)


class NotYours(Refused):
    """Only the patient, or a guardian who acts for them, decides about research."""


class OtherWords(Conflict):
    """The words have changed since you read them. Please read them again."""


class NoConsent(Refused):
    """The patient has not agreed to research, or has taken it back. Nothing is given to researchers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision: *words* is the version of the words that were shown."""

    number: int
    given: bool
    words: str
    decided_at: datetime
    decided_by: UUID


def check_decides(relation: Relation) -> None:
    """
    Go on only for who may decide.

    Raises:
        NotYours: anybody but the patient and a guardian who acts for them.
    """
    if relation not in {Relation.THEMSELVES, Relation.GUARDIAN}:
        raise NotYours
