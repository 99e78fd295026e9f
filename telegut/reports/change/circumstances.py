"""
What makes two samples of one person, measured the same way, not comparable all the same.

Sources: two samples are not compared across an antibiotic (microbes need weeks to months to come back: Palleja et al.,
Nat Microbiol 2018;3:1255) or when stool form differs by 2 or more on its seven steps (stool consistency
goes with richness and composition: Vandeputte et al., Gut 2016;65:57); the limits are this product's domain research,
sections 2.3 and 8.1, conventions to be confirmed by a specialist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from telegut.reports.change.reasons import Reason
from telegut.reports.change.sample import Measured
from telegut.web.words import gettext as _

STOOL_STEPS = 2
AFTER_AN_ANTIBIOTIC = timedelta(weeks=12)
"""So long after its last day an antibiotic still speaks in a sample."""

_ANTIBIOTIC = re.compile(
    r"\bantibiotic|\w+(?:cillin|mycin|micin|floxacin|cycline)\b|\bcef\w+|\bmetronidazole|\brifaximin"
    r"|\bnitrofurantoin|\btrimethoprim|\bfosfomycin|\bvancomycin|\bclavulan",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:no|none|never|without|not? taken|0)\b[^.;,]{0,30}antibiotic|antibiotics?\W{1,3}(?:no|none)", re.I
)
_NOTHING = re.compile(r"\s*(?:no|none|never|nothing|-|n/a)\b", re.IGNORECASE)
_DATE = re.compile(r"\b(20[0-9]{2})(?:[-./](0?[1-9]|1[0-2])\b)?")
_FORM = re.compile(r"(?<![\d.])([1-7])(?:\s*(?:[-–]|to|or)\s*([1-7]))?(?![\d.])")


def reasons(later: Measured, earlier: Measured) -> Iterator[Reason]:
    """Every reason that speaks against comparing *later* with *earlier*, the method aside."""
    if _is_earlier(later, earlier):
        yield Reason("earlier_is_later", _("The sample that should be the earlier one was taken later."))
    if "shallow" in later.warned | earlier.warned:
        yield Reason("too_shallow", _("One of the samples has few reads: what is rare is found or missed by chance."))
    if why := _antibiotic(later, earlier):
        yield Reason("antibiotic_between", why)
    now, before = stool_form(later.metadata), stool_form(earlier.metadata)
    if now is not None and before is not None and abs(now - before) >= STOOL_STEPS:
        text = _("The stool form differs by 2 or more (%(before)g, then %(now)g); form alone changes what is found.")
        yield Reason("stool_form_differs", text % {"before": before, "now": now})


def unstated(later: Measured, earlier: Measured) -> Iterator[str]:
    """What is not known and would have to be, in sentences: it is shown beside a comparison that is made."""
    if later.collected is None or earlier.collected is None:
        yield _("The day of one sample is not stated; they are taken in the order in which they were handed in.")
    if not any(later.metadata.get(name) for name in ("antibiotics", "antibiotics_until", "medicines")):
        yield _("It is not stated whether an antibiotic was taken between the two samples.")
    if stool_form(later.metadata) is None or stool_form(earlier.metadata) is None:
        yield _("The stool form is not stated for both samples.")


def stool_form(metadata: Mapping[str, Any]) -> float | None:
    """The form from 1 to 7 as far as it is stated; of a range the middle."""
    stated = metadata.get("stool_form")
    if isinstance(stated, (int, float)):
        return float(stated)
    found = _FORM.search(str(metadata.get("bowel_habit") or ""))
    if found is None:
        return None
    return (int(found[1]) + int(found[2] or found[1])) / 2


def _is_earlier(later: Measured, earlier: Measured) -> bool:
    if later.collected is not None and earlier.collected is not None:
        return later.collected < earlier.collected
    return later.handed_in < earlier.handed_in


def _antibiotic(later: Measured, earlier: Measured) -> str | None:
    until = later.metadata.get("antibiotics_until")
    if until:
        return _since(date.fromisoformat(str(until)[:10]), later, earlier)
    text = str(later.metadata.get("antibiotics") or "").strip()
    if text:
        return (
            None if _NOTHING.match(text) or _DENIED.search(text) else _("An antibiotic is stated for the time between.")
        )
    told = str(later.metadata.get("medicines") or "")
    if not _ANTIBIOTIC.search(told) or _DENIED.search(told) or _long_ago(told, earlier):
        return None
    return _("An antibiotic is named among the medicines of the later sample.")


def _long_ago(told: str, earlier: Measured) -> bool:
    """Whether every date in *told* is so long before the earlier sample that it does not matter; no date: no."""
    days = [_last_day(found) for found in _DATE.finditer(told)]
    return bool(days) and earlier.collected is not None and max(days) < earlier.collected - AFTER_AN_ANTIBIOTIC


def _last_day(found: re.Match[str]) -> date:
    year, month = int(found[1]), int(found[2] or 12)
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _since(last: date, later: Measured, earlier: Measured) -> str | None:
    if later.collected is not None and last > later.collected:
        return None  # taken after the later sample
    if earlier.collected is not None and last < earlier.collected - AFTER_AN_ANTIBIOTIC:
        return None
    if later.collected is not None and earlier.collected is not None and last < earlier.collected:
        return _(
            "An antibiotic ended less than 12 weeks before the earlier sample, which shows it more than the later."
        )
    return _("An antibiotic was taken between the two samples.")
