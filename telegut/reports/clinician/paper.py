"""
The care team's report on paper: the same parts in the same order as its page, for the press that prints reports. Pure.

The context list is left out: it is off until somebody opens it, and paper is always open.
"""

from __future__ import annotations

from collections.abc import Iterator

from telegut.reports import depth
from telegut.reports.clinician.header import header_of
from telegut.reports.composition import Bar
from telegut.reports.facts import Fact
from telegut.reports.panel import Panel
from telegut.reports.patient.levels import Level
from telegut.reports.patient.plain import gettext as _
from telegut.reports.patient.plain import plain
from telegut.reports.patient.sheet import Line, Section, Sheet
from telegut.reports.patient.writing import origin
from telegut.reports.statements import DIVERSITY, NOT_WHOLE
from telegut.web.times import dated


def paper_of(panel: Panel, name: str, zone: str) -> Sheet:
    """*panel* (made for the care team, of a report that was read) of the patient *name*; *zone* of the reader."""
    sections = (
        _head(panel, name, zone),
        _known(panel),
        _composition(panel),
        _beside(panel),
        _diversity(panel),
        _facts("method", _("The sample and the method"), panel.method, panel),
        _facts("person", _("The person at that time"), panel.person, panel),
    )
    kept = tuple(one for one in sections if one.lines)
    return Sheet(level=Level.FULL, first=(), microbes=kept, origin=origin(panel.report, zone))


def _head(panel: Panel, name: str, zone: str) -> Section:
    header = header_of(panel)
    taken = dated(panel.collected, zone) if panel.collected else _("not stated")
    pairs = [
        (_("Patient"), f"{name} ({plain(header.person)})" if header.person else name),
        (_("Sample"), panel.answer["sample"] or _("not named")),
        (_("Taken"), taken),
        (_("Method"), panel.method_line),
        (_("Depth"), header.depth),
        (_("Recognised"), header.recognised),
        (_("Ordered by"), header.ordered),
        (_("Reason"), str(panel.report.metadata.get("reason") or "")),
        (_("Details"), header.open),
    ]
    lines = tuple(Line(title=title, text=plain(text)) for title, text in pairs if text)
    return Section(id="head", title=_("The sample"), lines=lines, kind="facts")


def _known(panel: Panel) -> Section:
    """The evidence statement, which is on every report, and what to know before the numbers."""
    lines = [Line(text=plain(panel.evidence), evidence="TEST-CONSENSUS 1", kind="statement")]
    lines += [Line(text=plain(one["text"]), warning=one["code"]) for one in panel.warnings]
    return Section(id="known", title=_("Please know before you read the numbers"), lines=tuple(lines))


def _composition(panel: Panel) -> Section:
    intro = _("Shares of %(whole)s, by group (genus). The longest bar fills the line.", whole=panel.whole)
    lines = tuple(_bar(one) for one in panel.bars)
    return Section(id="groups", title=_("What was found"), lines=lines, kind="bars", intro=intro)


def _bar(bar: Bar) -> Line:
    length = None if bar.percent is None else bar.length
    return Line(title=plain(bar.name), value=plain(bar.value), length=length, kind=bar.kind, reads=bar.reads)


def _beside(panel: Panel) -> Section:
    lines = [Line(text=plain(panel.comparison), evidence="TEST-OTHER-LIMITS 1")]
    lines += [Line(title=one.name, text=plain(one.words)) for one in (*panel.beside, *panel.lacking)]
    return Section(id="beside", title=_("Much or little?"), lines=tuple(lines))


def _diversity(panel: Panel) -> Section:
    return Section(id="kinds", title=_("How many kinds"), lines=tuple(_kinds(panel)))


def _kinds(panel: Panel) -> Iterator[Line]:
    said = panel.answer["diversity"]
    shannon = _("not known") if said["shannon"] is None else f"{said['shannon']:.2f}"
    yield Line(title=_("Genera seen"), text=str(said["observed_genera"] or _("none is named")))
    yield Line(title=_("Shannon index"), text=_("%(value)s of genera, natural logarithm", value=shannon))
    yield Line(title=_("Reads on genera"), text=plain(depth.on_genera(panel.answer)))
    if not panel.whole_listed:
        yield Line(text=_(NOT_WHOLE))
    if panel.diversity_beside:
        yield Line(title=_("Beside the group"), text=plain(panel.diversity_beside.words))
    yield Line(text=_(DIVERSITY), evidence="TEST-TRANSIT 1")


def _facts(id: str, title: str, facts: tuple[Fact, ...], panel: Panel) -> Section:
    return Section(id=id, title=title, lines=tuple(_fact(one, panel) for one in facts), kind="facts")


def _fact(fact: Fact, panel: Panel) -> Line:
    text = plain(fact.value or panel.unstated_of(fact))
    return Line(title=plain(fact.label), text=f"{text} ({plain(fact.source)})" if fact.source else text)
