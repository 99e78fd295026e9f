"""
What people agree to when they agree to research, and who may say so.

Purpose "research" alone: care goes on the same either way, and consent to anything else is another decision. The words
have a version; a decision keeps which version was shown. Change the words, raise the version. Standing in a comparison
group is in the words from version 2 on; who agreed to earlier ones agreed to researchers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from telegut.accounts.rules import Relation
from telegut.errors import Conflict, Refused

WORDS_VERSION = "2"
OF_REFERENCE = frozenset({"2"})
"""Versions of the words that speak of groups of people beside whom samples of others are held."""
WORDS = (
    "The clinic may give what was measured in my samples, with the year, an age band, sex and how it was measured, to "
    "researchers under a number instead of my name.",
    "My name, my messages, my answers to questionnaires and what I wrote in my own words are never given.",
    "A profile of microbes can sometimes be recognised by whoever has another one of the same person. So researchers "
    "must keep it as safe as we do.",
    "My values may also stand, sorted and without my name, in a group of people that other samples are held beside. "
    "Once such a group is in use, they cannot be taken out again, because nobody can tell them apart.",
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
