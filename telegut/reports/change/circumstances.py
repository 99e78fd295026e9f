"""
What makes two samples of one person, measured the same way, not comparable all the same.

Sources: two samples are not compared across an antibiotic (`antibiotics_and_stool`) or when stool form differs by 2 or
more on its seven steps (stool consistency goes with richness and composition: Vandeputte et al., Gut 2016;65:57); the
limits are this product's domain research, section 8.1, conventions to be confirmed by a specialist.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from telegut.reports.antibiotics_and_stool import antibiotic, loose_in_words, stool_form, watery
from telegut.reports.change.reasons import Reason
from telegut.reports.change.sample import Measured
from telegut.reports.cohorts.circumstances import ADULT_AGE
from telegut.reports.stated import stated
from telegut.web.words import gettext as _

STOOL_STEPS = 2
SOON = timedelta(days=28)
"""
Nearer than this two samples are said to be near: the pairs that the bands were measured on are months apart
(Lloyd-Price et al., Nature 2017;550:61), so what stays within a band after some days was hardly put to a test.
"""


def reasons(later: Measured, earlier: Measured) -> Iterator[Reason]:
    """Every reason that speaks against comparing *later* with *earlier*, the method aside."""
    if _is_earlier(later, earlier):
        yield Reason("earlier_is_later", _("The sample that should be the earlier one was taken later."))
    if "shallow" in later.warned | earlier.warned:
        yield Reason("too_shallow", _("One of the samples has few reads: what is rare is found or missed by chance."))
    if _of_a_child(later) or _of_a_child(earlier):
        why = _("A child’s gut changes as the child grows, and how much it changes by itself is known of adults alone.")
        yield Reason("not_known_for_children", why)
    if across := _antibiotic(later, earlier):
        yield Reason("antibiotic_between", across)
    if differs := _stool(later, earlier):
        yield Reason("stool_form_differs", differs)


def unstated(later: Measured, earlier: Measured) -> Iterator[str]:
    """What is not known and would have to be, in sentences: it is shown beside a comparison that is made."""
    if later.collected is None or earlier.collected is None:
        yield _("The day of one sample is not stated; they are taken in the order in which they were handed in.")
    yield from _antibiotic_unstated(later, earlier)
    if stool_form(later.metadata) is None or stool_form(earlier.metadata) is None:
        yield _("The stool form is not stated for both samples.")
    elif loose_in_words(later.metadata) or loose_in_words(earlier.metadata):
        yield _("Watery stool is spoken of, and it cannot be told whether it was so on the day of a sample.")
    handled = (("laboratory", _("the laboratory")), ("kit", _("the kit")), ("extraction", _("the DNA extraction")))
    for field, what in handled:
        if stated(later.metadata.get(field)) is None or stated(earlier.metadata.get(field)) is None:
            yield _("It is not known whether %(what)s was the same for both samples.") % {"what": what}


def beyond_the_bands(later: Measured, earlier: Measured) -> Iterator[str]:
    """What the bands, which are of adults months apart, cannot say of these two; see `SOON`."""
    if later.metadata.get("age") is None and earlier.metadata.get("age") is None:
        yield _("The age is not stated; the grey bands are of adults.")
    if later.collected is None or earlier.collected is None:
        return
    days = (later.collected - earlier.collected).days
    if 0 <= days < SOON.days:
        said = _("They were taken on one day.") if days == 0 else _("They were taken %(n)s days apart.") % {"n": days}
        if days == 1:
            said = _("They were taken one day apart.")
        more = _(
            "The grey bands are of months; in so short a time less may change by itself, and how much is not known. "
            "“Within usual variation” says no more than: not more than guts change in months."
        )
        yield f"{said} {more}"


def _of_a_child(sample: Measured) -> bool:
    age = sample.metadata.get("age")
    return age is not None and age < ADULT_AGE


def _antibiotic_unstated(later: Measured, earlier: Measured) -> Iterator[str]:
    last = antibiotic(later.metadata)
    if last.said == "unstated":
        yield _("It is not stated whether an antibiotic was taken between the two samples.")
    elif last.over and later.collected and earlier.collected and later.collected - earlier.collected > last.over:
        yield _(
            "That no antibiotic was taken is stated for %(n)s days before the later sample, and not for all the time "
            "between the two."
        ) % {"n": last.over.days}


def _is_earlier(later: Measured, earlier: Measured) -> bool:
    if later.collected is not None and earlier.collected is not None:
        return later.collected < earlier.collected
    return later.handed_in < earlier.handed_in


def _antibiotic(later: Measured, earlier: Measured) -> str | None:
    """Why an antibiotic may speak in one of the two samples and not in the other, by what is said of either."""
    last = antibiotic(later.metadata)
    if last.said == "named" and last.until is None:
        return _("An antibiotic is stated for the later sample, without the day on which it ended.")
    if last.until and later.collected and last.until > later.collected:
        return _("The last day of an antibiotic is after the later sample; it may have been taken before it.")
    if last.speaks_at(earlier.collected):
        if last.until and earlier.collected and last.until < earlier.collected:
            return _before_the_earlier()
        return _("An antibiotic was taken between the two samples.")
    return _before_the_earlier() if antibiotic(earlier.metadata).speaks_at(earlier.collected) else None


def _before_the_earlier() -> str:
    return _("An antibiotic ended less than 12 weeks before the earlier sample, which shows it more than the later.")


def _stool(later: Measured, earlier: Measured) -> str | None:
    now, before = stool_form(later.metadata), stool_form(earlier.metadata)
    if now is not None and before is not None:
        text = _("The stool form differs by 2 or more (%(before)g, then %(now)g); form alone changes what is found.")
        return text % {"before": before, "now": now} if abs(now - before) >= STOOL_STEPS else None
    if watery(later.metadata) != watery(earlier.metadata):
        return _("The stool was watery for one of the two samples alone; form alone changes what is found.")
    return None
