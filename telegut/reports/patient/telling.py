"""What stands first on a patient's report: goals, how they feel, what they eat and do, each step with its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from telegut.evidence.library import Shown
from telegut.evidence.rules import Certainty, Evidence
from telegut.evidence.words import certainty
from telegut.reports.patient.before import Before, Felt, Step
from telegut.reports.patient.levels import Level
from telegut.reports.patient.plain import gettext as _
from telegut.reports.patient.plain import ngettext
from telegut.reports.patient.sheet import About, Line, Section
from telegut.reports.patient.weights import speaks_of_weight

DEPTHS: Final = {
    Certainty.VERY_LOW: 1,
    Certainty.LOW: 2,
    Certainty.MODERATE: 3,
    Certainty.MODERATE_TO_HIGH: 3,
    Certainty.HIGH: 4,
}
"""Marks of the depth of evidence: the four degrees of GRADE. A guideline is advice and has no depth of its own."""
FELT_SHORTLY: Final = 3
"""Measures on the short level: mood, gut and sleep come first."""


def first(before: Before, report: UUID, level: Level, diet: str) -> tuple[Section, ...]:
    """
    The sections before the microbes.

    diet: what was said of eating when the sample was taken; empty: nothing.
    """
    food = [line for step in before.steps if step.food for line in of_step(step, level)]
    other = [line for step in before.steps if not step.food for line in of_step(step, level)]
    if diet and level is not Level.SHORT:
        said = _("Eating was described as: %(words)s.", words=diet.rstrip("."))
        food.append(Line(title=_("When the sample was taken"), text=said, about=_here(report, _("What you eat"))))
    sections = [_goals(before, report), _felt(before, report, level)]
    nothing = Line(text=_("No step about food is in your plan yet."), about=_here(report, _("What you eat")))
    sections.append(Section(id="eat", title=_("What you eat"), lines=tuple(food) or (nothing,)))
    if other:
        sections.append(Section(id="do", title=_("What else you do"), lines=tuple(other)))
    return tuple(_careful(one) if before.weights_hidden else one for one in sections)


def _goals(before: Before, report: UUID) -> Section:
    about = _here(report, _("Your goals"))
    lines = [Line(title=one, about=_here(report, one)) for one in before.goals]
    none = Line(text=_("No goal is written down yet. You can talk about one at your next visit."), about=about)
    say = _("What you want to reach, how you feel and what you eat say more than any microbe.")
    return Section(id="goals", title=_("Your goals"), lines=tuple(lines) or (none,), intro=say)


def _felt(before: Before, report: UUID, level: Level) -> Section:
    shown = before.felt[:FELT_SHORTLY] if level is Level.SHORT else before.felt
    none = Line(text=_("You have not said yet how you feel."), about=_here(report, _("How you feel")))
    lines = tuple(Line(title=one.title, text=_said(one), about=_here(report, one.title)) for one in shown)
    return Section(id="feel", title=_("How you feel"), lines=lines or (none,))


def _said(one: Felt) -> str:
    return _("%(value)s on %(day)s. The scale: %(scale)s.", value=one.value, day=one.day, scale=one.scale)


def of_step(step: Step, level: Level) -> Iterator[Line]:
    """A step, and under it what it rests on."""
    yield Line(title=step.title, text=_how(step), about=About("plan_step", str(step.id), step.title))
    yield from evidence(step.cited, level)


def _how(step: Step) -> str:
    parts = [_("Now: %(amount)s.", amount=step.amount.rstrip("."))] if step.amount else []
    if step.said:
        parts.append(
            ngettext(
                "Done, or partly done, on one day in the last two weeks.",
                "Done, or partly done, on %(n)s days in the last two weeks.",
                step.done,
            )
            if step.done
            else _("Not done in the last two weeks.")
        )
    return " ".join(parts)


def evidence(cited: Shown | None, level: Level) -> Iterator[Line]:
    """How deep the evidence is, in words and marks; with the findings that always stand beside it."""
    if cited is None:
        yield Line(text=_("No study is named for this step."), depth=0, under=True)
        return
    for row in (cited.row, *cited.beside):
        yield Line(
            title=_("How sure: %(words)s.", words=certainty()[row.certainty.value]),
            text=row.may_say,
            evidence=row.stamp,
            depth=DEPTHS.get(row.certainty),
            under=True,
        )
        if level is not Level.SHORT:
            yield from (Line(text=one, evidence=row.stamp, under=True) for one in row.points)
        if level is Level.FULL:
            yield Line(text=_whole(row), evidence=row.stamp, under=True)


def _whole(row: Evidence) -> str:
    said = [
        (_("In whom"), row.population),
        (_("How"), row.design),
        (_("Found"), row.effect),
        (_("Source"), row.source),
        (_("Checked by"), row.reviewer),
    ]
    return " ".join(f"{name}: {text.rstrip('.')}." for name, text in said)


def _here(report: UUID, place: str) -> About:
    return About("report", str(report), place)


def _careful(section: Section) -> Section:
    """The same lines; what speaks of weight or calories is marked."""
    lines = tuple(
        Line(title=one.title, text=one.text, about=one.about, weight=True)
        if not one.evidence and speaks_of_weight(one.title, one.text)
        else one
        for one in section.lines
    )
    return Section(id=section.id, title=section.title, lines=lines, intro=section.intro)
