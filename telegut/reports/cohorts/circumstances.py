"""
What about the person or the day of the sample speaks against a comparison with anybody, whatever the method.

``against``: nothing is compared. ``reasons``: a comparison is provisional. Sources: an antibiotic in the weeks before
(`antibiotics_and_stool`); watery stool (Vandeputte et al., Gut 2016;65:57: stool form goes with composition more than
most other traits).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegut.reports.antibiotics_and_stool import antibiotic, loose_in_words, stool_form, watery
from telegut.reports.cohorts.group import About
from telegut.reports.described import collected_on
from telegut.web.words import gettext as _

ADULT_AGE = 18
"""Years. Groups of adults say nothing about children, whose microbiota and its spread are others."""
USUAL_FORMS = (3, 5)
"""Of the seven stool forms; harder and softer ones go with another composition."""
SHALLOWER = 2.0
"""A sample with fewer reads than the group's shallowest by this factor is provisional: rare genera are missed."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Sentences for people. against: why nothing is compared. reasons: why it is only provisional."""

    against: tuple[str, ...]
    reasons: tuple[str, ...]


def circumstances(said: Mapping[str, Any]) -> Circumstances:
    """What *said* (a report's metadata) tells about the person at the time of the sample, for any group."""
    against: list[str] = []
    reasons: list[str] = []
    _antibiotic(said, against, reasons)
    _stool(said, against, reasons)
    return Circumstances(tuple(against), tuple(reasons))


def beside(said: Mapping[str, Any], reads: int | None, about: About) -> Circumstances:
    """What about this person or the depth of this sample speaks against the people of one group."""
    against: list[str] = []
    reasons: list[str] = []
    age = said.get("age")
    if age is None:
        reasons.append(_("the age at the time of the sample is not stated"))
    elif age < ADULT_AGE and about.age_from is None:
        against.append(_("the ages of the group are not stated, and it may be of adults"))
    elif age < ADULT_AGE <= (about.age_from or 0):
        against.append(_("the group is of adults"))
    elif about.age_from is None:
        reasons.append(_("the ages of the group are not stated"))
    elif not about.age_from <= age <= (about.age_to or 130):
        reasons.append(_("the age is outside of the group’s"))
    if reads is not None and about.depth is not None and reads * SHALLOWER < about.depth:
        reasons.append(_("this sample has far fewer reads than the group’s"))
    return Circumstances(tuple(against), tuple(reasons))


def _antibiotic(said: Mapping[str, Any], against: list[str], reasons: list[str]) -> None:
    last, taken = antibiotic(said), collected_on(said)
    if last.said == "unstated":
        reasons.append(_("it is not stated whether an antibiotic was taken in the weeks before"))
    elif last.speaks_at(taken) and (last.until is None or taken is None):
        against.append(_("an antibiotic is named, and it cannot be told how long before the sample it ended"))
    elif last.speaks_at(taken):
        against.append(_("an antibiotic was taken less than 12 weeks before the sample"))


def _stool(said: Mapping[str, Any], against: list[str], reasons: list[str]) -> None:
    form = stool_form(said)
    if watery(said):
        against.append(_("the stool was watery, which goes with another composition"))
    elif form is None:
        reasons.append(_("the stool form is not stated"))
    elif loose_in_words(said):
        reasons.append(_("watery stool is spoken of, and it cannot be told whether it was so on that day"))
    elif not USUAL_FORMS[0] <= form <= USUAL_FORMS[1]:
        reasons.append(_("the stool form was unusual, which goes with another composition"))
