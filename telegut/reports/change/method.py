"""
Whether two samples were measured the same way: the gate before any comparison over time.

What a file states comes first; what it leaves open may be stated by people (`telegut.reports.cohorts.match.method_of`).
What nobody states is not the same as anything. Source: one stool, 21 kits, 7 companies differed as much as people do
(Servetas et al., Commun Biol 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from telegut.reports.change.reasons import Reason
from telegut.reports.change.sample import Measured
from telegut.reports.cohorts.match import Method, method_of
from telegut.reports.stated import plain, stated
from telegut.reports.taxonomy.databases import database_of
from telegut.web.words import gettext as _

TYPED = "typed-by-hand"
"""The format of numbers that a person copied from a document: too uncertain for a comparison over time."""


def method_of_sample(sample: Measured) -> Method:
    """How *sample* was measured."""
    return method_of(sample.answer, sample.metadata)


def reasons(later: Measured, earlier: Measured) -> Iterator[Reason]:
    """Why the two may not be compared; nothing when they were measured the same way."""
    if TYPED in {one.answer.get("format") for one in (later, earlier)}:
        yield Reason("method_not_stated", _("One of the two was typed by hand from a document."))
    one, other = method_of_sample(later), method_of_sample(earlier)
    written = {_database(each): each.database for each in (one, other)}
    pairs = (
        (_("the region of the gene"), one.region, other.region),
        (_("the analysis"), one.pipeline, other.pipeline),
        (_("the reference database"), _database(one), _database(other)),
    )
    for what, now, before in pairs:
        if now is None or before is None:
            yield Reason("method_not_stated", _("%(what)s is not stated for both samples.") % {"what": _capital(what)})
        elif now != before:
            text = _("the method differs: %(what)s is %(now)s now and was %(before)s.")
            said = {"what": what, "now": written.get(now, now), "before": written.get(before, before)}
            yield Reason("method_differs", _capital(text % said))
    yield from _handled_differently(later.metadata, earlier.metadata)


def _handled_differently(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> Iterator[Reason]:
    """What only people state: another laboratory, kit or extraction is another method."""
    named = (("laboratory", _("the laboratory")), ("kit", _("the kit")), ("extraction", _("the DNA extraction")))
    for field, what in named:
        now, before = stated(later.get(field)), stated(earlier.get(field))
        if now and before and plain(now) != plain(before):
            text = _("the method differs: %(what)s is not the same.")
            yield Reason("method_differs", _capital(text % {"what": what}))


def _database(method: Method) -> str | None:
    found = database_of(method.database)
    return None if found is None or found.version is None else f"{found.scheme} {found.version}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
