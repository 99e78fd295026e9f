"""What a patient's report says of the sample: the ten largest groups, the rarer ones, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from telegut.evidence.library import BUILT_IN
from telegut.reports.cohorts import strips
from telegut.reports.composition import Bar, frequency, share
from telegut.reports.panel import Panel
from telegut.reports.patient.levels import Level
from telegut.reports.patient.plain import gettext as _
from telegut.reports.patient.plain import ngettext, plain
from telegut.reports.patient.sheet import About, Line, Section
from telegut.reports.rules import UNASSIGNED
from telegut.web.times import dated

RARER_SHOWN: Final = 40
"""Names of rarer groups in one list; the search finds every one."""


def microbes(panel: Panel, level: Level, zone: str) -> tuple[Section, ...]:
    """The sections about the sample, in their order. *panel*: made for a patient, of a report that was read."""
    made = [_snapshot(panel, zone), _groups(panel, level), _rarer(panel, level), _beside(panel, level)]
    if level is not Level.SHORT:
        made.append(_kinds(panel))
    return (*made, _unknown(panel, level), _method(panel))


def _snapshot(panel: Panel, zone: str) -> Section:
    lines = [Line(text=_taken(panel, zone), about=_here(panel, _("The sample")))]
    lines.append(Line(text=plain(panel.evidence), evidence="TEST-CONSENSUS 1", kind="statement"))
    lines += [Line(text=plain(one["text"]), warning=one["code"]) for one in panel.warnings]
    if panel.brought:
        lines.append(Line(text=_brought(panel)))
    return Section(id="snapshot", title=_("A snapshot of one stool sample"), lines=tuple(lines))


def _brought(panel: Panel) -> str:
    who = panel.handed_in_by or (_("A guardian") if panel.by_guardian else _("The patient"))
    return _("%(name)s brought this report. It does not say who ordered the test.", name=who)


def _taken(panel: Panel, zone: str) -> str:
    if panel.collected is None:
        return _("It is not stated when the sample was taken.")
    day = dated(panel.collected, zone)
    if panel.age_days is None:
        return _("Taken on %(day)s.", day=day)
    return ngettext("Taken on %(day)s, one day ago.", "Taken on %(day)s, %(n)s days ago.", panel.age_days, day=day)


def _groups(panel: Panel, level: Level) -> Section:
    intro = _("The longest bar fills the line.")
    longest = max(panel.bars, key=lambda bar: bar.percent or 0)
    if longest.kind == "genus":
        intro += " " + _("It is the group with the largest share.")
    if level is not Level.SHORT:
        whole = _("Shares of %(whole)s, by group (genus).", whole=panel.whole)
        intro = f"{whole} {intro}"
    lines = tuple(_bar(panel, bar, level) for bar in panel.bars)
    return Section(id="groups", title=_("The most common groups"), lines=lines, kind="bars", intro=intro)


def _bar(panel: Panel, bar: Bar, level: Level) -> Line:
    sentence = bar.sentence
    if level is Level.SHORT and bar.percent is not None and bar.kind == "genus":
        sentence = _("It makes up %(frequency)s of %(whole)s.", frequency=frequency(bar.percent), whole=panel.whole)
    return Line(
        title=plain(bar.name),
        text=plain(sentence),
        value=plain(bar.value),
        length=None if bar.percent is None else bar.length,
        kind=bar.kind,
        reads=bar.reads,
        about=About("finding", str(panel.report.id), bar.name) if bar.kind == "genus" else None,
    )


def _rarer(panel: Panel, level: Level) -> Section:
    named = [row for row in panel.answer["taxa"] if row["rank"] == "genus" and not row["name"].startswith(UNASSIGNED)]
    shown = {bar.name for bar in panel.bars}
    lines = list(_found([row for row in named if row["name"] not in shown], level, whole=panel.whole_listed))
    lines += [Line(title=one.name, text=plain(one.words)) for one in panel.lacking]
    intro = _("A group that is not here was not found. It may still be there, in amounts too small to see.")
    if not panel.whole_listed:
        intro = _("These rows are not the whole sample. A group that is not here may be there all the same.")
    about = _here(panel, _("Rarer groups"))
    told = Line(text=intro, about=about)
    return Section(id="rarer", title=_("Rarer groups: found or not found"), lines=(*lines, told))


def _found(rows: list[dict[str, object]], level: Level, *, whole: bool) -> Iterator[Line]:
    if not rows:
        yield Line(text=_("No further group was found.") if whole else _("No further group is named."))
        return
    if level is Level.SHORT:
        yield Line(text=ngettext("One more group was found.", "%(n)s more groups were found.", len(rows)))
        return
    names = [str(row["name"]) for row in rows[:RARER_SHOWN]]
    if level is Level.FULL:
        names = [f"{row['name']} ({share(float(str(row['percent'])))})" for row in rows[:RARER_SHOWN]]
    more = len(rows) - len(names)
    if more:
        names.append(ngettext("and one more", "and %(n)s more", more))
    yield Line(title=_("Found, in smaller amounts"), text=f"{', '.join(names)}.")


def _beside(panel: Panel, level: Level) -> Section:
    first = Line(text=plain(panel.comparison), evidence="TEST-OTHER-LIMITS 1", about=_here(panel, _("Much or little?")))
    lines: tuple[Line, ...] = (first,)
    if level is not Level.SHORT:
        lines += tuple(_placed(panel, one) for one in panel.beside)
    return Section(id="beside", title=_("Much or little?"), lines=lines)


def _placed(panel: Panel, one: strips.Line) -> Line:
    about = About("finding", str(panel.report.id), one.name)
    return Line(title=one.name, text=plain(one.words), strip=one.strip, about=about)


def _kinds(panel: Panel) -> Section:
    seen = panel.answer["diversity"]["observed_genera"]
    text = ngettext("One genus was seen in this sample.", "%(n)s genera were seen in this sample.", seen)
    if seen and not panel.whole_listed:
        text = ngettext("One genus is named here.", "%(n)s genera are named here.", seen)
        text += " " + _("These rows are not the whole sample, so there may be more.")
    if not seen:
        text = _("No genus is named, so how many were in this sample is not known.")
    lines = [
        Line(
            text=text,
            about=_here(panel, _("How many kinds")),
        ),
        Line(
            text=_(
                "A higher number is not always better: it also rises when food passes slowly, and it depends on the "
                "method."
            ),
            evidence="TEST-TRANSIT 1",
        ),
    ]
    return Section(id="kinds", title=_("How many kinds"), lines=tuple(lines))


def _unknown(panel: Panel, level: Level) -> Section:
    feel = _("Do these microbes change how you feel? Or is it the other way round? We do not know.")
    said = [
        Line(text=feel, about=_here(panel, _("Do these microbes change how you feel?"))),
        Line(text=_("What food is right for you? No sample can tell."), about=_here(panel, _("What food is right?"))),
        _row(panel, "TEST-WITHIN", _("What would another day show?")),
    ]
    if level is not Level.SHORT:
        said.append(_row(panel, "TEST-FOUR-GROUPS", _("How much is usual?")))
        said.append(_row(panel, "TEST-SEVEN-LABS", _("What would another lab say?")))
    return Section(id="unknown", title=_("What we do not know"), lines=tuple(said))


def _row(panel: Panel, id: str, question: str) -> Line:
    row = BUILT_IN.shown(id).row
    return Line(title=question, text=row.may_say, evidence=row.stamp, about=_here(panel, question))


def _method(panel: Panel) -> Section:
    facts = [Line(title=plain(one.label), text=plain(one.value or panel.unstated_of(one))) for one in panel.method]
    if panel.missing:
        facts.append(Line(title=_("Details that are missing"), text=", ".join(map(plain, panel.missing))))
    return Section(id="method", title=_("What was measured"), lines=tuple(facts), kind="facts")


def _here(panel: Panel, place: str) -> About:
    return About("report", str(panel.report.id), place)
