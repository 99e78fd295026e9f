"""
The sentences of a comparison: natural frequencies with their uncertainty, and no judgement in any of them.

A number is never called high, low, good or bad; nothing here names a cause or a remedy (domain research 4.4 and 8.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from telegut.reports.cohorts.binomial import most_unseen
from telegut.reports.cohorts.places import FEWEST_TOLD, Place
from telegut.web.words import gettext as _

NOT_MEASURED_ALIKE = (
    "With another laboratory's limits, 10 to 38 of 100 values of healthy people would look unusual, where 5 are "
    "expected; so none are drawn."
)


def of_place(place: Place, reads: int | None) -> str:
    """One line for a genus; *reads*: how many the sample has, where it is known."""
    if place.how == "nothing":
        return _("The comparison group is too small to say anything.")
    if place.how == "dots":
        return _("The comparison group is too small to say where this lies.")
    if place.how == "unknown":
        return _("The figures of this comparison group say nothing about it.")
    if place.low is not None and place.high is not None:
        return more_than(place.low, place.high)
    return " ".join(part for part in (_seen(place, reads), _people(place)) if part)


def more_than(low: int, high: int) -> str:
    """*low* to *high* of 100 people have less."""
    if low <= 0:
        return _("Higher than at most %(high)s of 100 people in this comparison group.") % {"high": max(high, 1)}
    if high >= 100:
        return _("Higher than at least %(low)s of 100 people in this comparison group.") % {"low": low}
    return _("Higher than about %(low)s to %(high)s of 100 people in this comparison group.") % {
        "low": low,
        "high": high,
    }


def _seen(place: Place, reads: int | None) -> str:
    if place.detected:
        return _("Found.")
    if reads is None:
        return _("Not detected at this depth.")
    bound = f"{most_unseen(reads):.2g}"
    return _("Not detected at this depth: up to about %(percent)s %% of the sample could still be it.") % {
        "percent": bound
    }


def _people(place: Place) -> str:
    if place.have is None:
        return ""
    if place.have == 0:
        return _("None of the %(n)s people in this comparison group has it.") % {"n": place.n}
    if place.have < FEWEST_TOLD:
        return _("Fewer than %(few)s of the %(n)s people in this comparison group have it.") % {
            "few": FEWEST_TOLD,
            "n": place.n,
        }
    return _("%(have)s of the %(n)s people in this comparison group have it.") % {"have": place.have, "n": place.n}


def matched(name: str, n: int, reasons: Sequence[str]) -> str:
    """That a group was measured the same way, or almost."""
    values = {"name": name, "n": n}
    if not reasons:
        return (
            _("Compared with %(n)s people who were measured the same way: %(name)s. They are no goal to reach.")
            % values
        )
    text = _("Provisional, compared with %(n)s people: %(name)s. They are no goal to reach. Please know that") % values
    return f"{text} {'; '.join(reasons)}."


def too_few(name: str, n: int, reasons: Sequence[str]) -> str:
    """That there is a group, and that it is too small for any place; reasons: why it would only be provisional."""
    values = {"name": name, "n": n}
    text = _("There is a group of %(n)s people who were measured the same way: %(name)s.") % values
    if reasons:
        text = _("There is a group of %(n)s people: %(name)s. Please know that") % values
        text = f"{text} {'; '.join(reasons)}."
    return f"{text} {_('So few people cannot tell whether this is much or little.')}"


def unmatched(stated: Sequence[str], unstated: Sequence[str]) -> str:
    """That no group was measured the same way. stated: what is known of the method; unstated: what is missing."""
    said = ", ".join(stated) or _("method not stated")
    why = _("No comparison group here was measured the same way (%(said)s).") % {"said": said}
    if unstated:
        names = _(" and ").join(unstated)
        why += " " + _("Nobody states its %(names)s, so no group could be matched to it.") % {"names": names}
    return f"{why} {_(NOT_MEASURED_ALIKE)}"


def of_other_people(group: tuple[str, Sequence[str]]) -> str:
    """That the group (its name, and what of its people speaks against it) was measured alike and is not held beside."""
    name, why = group
    said = {"name": name, "why": "; ".join(why)}
    return _("No comparison group fits this person. %(name)s was measured the same way; but %(why)s.") % said


def spoken_against(reasons: Sequence[str]) -> str:
    """That this sample is compared with nobody, because of the person or the day."""
    return _("This sample is not compared with other people: %(why)s.") % {"why": "; ".join(reasons)}
