"""
What about the person or the day of the sample speaks against a comparison with anybody, whatever the method.

``against``: nothing is compared. ``reasons``: a comparison is provisional. Sources: an antibiotic in the 4 to 12 weeks
before (domain research 2.2; Dethlefsen and Relman, PNAS 2011;108:4554, saw recovery take weeks to months); watery stool
(Vandeputte et al., Gut 2016;65:57: stool form goes with composition more than most other traits).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from telegut.reports.cohorts.group import About
from telegut.reports.described import collected_on
from telegut.web.words import gettext as _

ANTIBIOTIC_DAYS = 12 * 7
"""An antibiotic that ended less than this before the sample: no comparison. The longer end of "4 to 12 weeks"."""
ADULT_AGE = 18
"""Years. Groups of adults say nothing about children, whose microbiota and its spread are others."""
WATERY = 7
"""Of the seven stool forms."""
UNUSUAL_FORMS = frozenset({1, 2, 6})
SHALLOWER = 2.0
"""A sample with fewer reads than the group's shallowest by this factor is provisional: rare genera are missed."""

_ANTIBIOTIC = re.compile(
    r"antibioti|cillin|mycin|micin|floxacin|cyclin|cef[a-z]{3,}|cephal|metronidazol|rifaximin|nitrofurantoin"
    r"|trimethoprim|sulfametho|cotrim|linezolid|penem\b|fosfomycin|vancomycin|tinidazol|neomycin",
    re.IGNORECASE,
)
_NO_ANTIBIOTIC = re.compile(
    r"\b(?:no|none|never|not|without|kein[e]?)\b[^.;,]{0,30}antibiot|antibiot[a-z]*\s*[:=-]?\s*(?:no|none|never)\b",
    re.I,
)
_NONE = re.compile(r"(?:no|none|never|-|keine?)\b.*", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d\d)(?:-(\d\d))?(?!\d)")
_FORM = re.compile(r"(?:type|form|bristol|bss)\D{0,12}([1-7])(?![0-9])|^\s*([1-7])\s*$", re.IGNORECASE)
_DIARRHOEA = re.compile(r"diarrh|watery|liquid", re.IGNORECASE)
_NO_DIARRHOEA = re.compile(r"\b(?:no|not|never|without)\b[^.;,]{0,20}(?:diarrh|watery|liquid)", re.IGNORECASE)


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
    elif age < ADULT_AGE <= (about.age_from or 0):
        against.append(_("the group is of adults"))
    elif not (about.age_from or 0) <= age <= (about.age_to or 130):
        reasons.append(_("the age is outside of the group’s"))
    if reads is not None and about.depth is not None and reads * SHALLOWER < about.depth:
        reasons.append(_("this sample has far fewer reads than the group’s"))
    return Circumstances(tuple(against), tuple(reasons))


def _antibiotic(said: Mapping[str, Any], against: list[str], reasons: list[str]) -> None:
    text = " ".join(str(said[name]) for name in ("antibiotics_until", "antibiotics") if said.get(name))
    medicines = str(said.get("medicines") or "")
    if not text and not medicines:
        reasons.append(_("it is not stated whether an antibiotic was taken in the weeks before"))
        return
    if not text:
        if _NO_ANTIBIOTIC.search(medicines) or not _ANTIBIOTIC.search(medicines):
            return
        text = medicines
    elif _NONE.fullmatch(text.strip()):
        return
    until, taken = _latest(text), collected_on(said)
    if until is None or taken is None:
        against.append(_("an antibiotic is named, and it cannot be told how long before the sample it ended"))
    elif taken - until < timedelta(days=ANTIBIOTIC_DAYS):
        against.append(_("an antibiotic was taken less than 12 weeks before the sample"))


def _latest(text: str) -> date | None:
    """The latest day in *text*; of a month alone its last day, so that nothing counts as longer ago than it was."""
    days = []
    for year, month, day in _DAY.findall(text):
        try:
            first = date(int(year), int(month), int(day or 1))
        except ValueError:
            continue
        days.append(first if day else (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    return max(days, default=None)


def _stool(said: Mapping[str, Any], against: list[str], reasons: list[str]) -> None:
    form = stool_form(said)
    habit = str(said.get("bowel_habit") or "")
    if form == WATERY or (form is None and _DIARRHOEA.search(habit) and not _NO_DIARRHOEA.search(habit)):
        against.append(_("the stool was watery, which goes with another composition"))
    elif form in UNUSUAL_FORMS:
        reasons.append(_("the stool form was unusual, which goes with another composition"))
    elif form is None and not habit:
        reasons.append(_("the stool form is not stated"))


def stool_form(said: Mapping[str, Any]) -> int | None:
    """The stool form, 1 to 7, as far as *said* tells."""
    given = said.get("stool_form")
    if isinstance(given, int) and 1 <= given <= 7:
        return given
    found = _FORM.search(str(said.get("bowel_habit") or ""))
    return int(found[1] or found[2]) if found else None
