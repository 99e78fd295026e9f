"""
The head of the care team's report: which sample of whom, how it was made, who asked for it. Pure; sentences and labels.

Order and contents: domain research, 8.1, item 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegut.reports import depth
from telegut.reports.composition import recognised_is_told
from telegut.reports.panel import Panel
from telegut.web.words import gettext as _
from telegut.web.words import ngettext


@dataclass(frozen=True, slots=True)
class Header:
    """
    Lines of the head. ordered: by whom, with profession and reason, or that nobody is named and who handed it in.

    open: how many details nobody stated, as the badge says it; empty when everything was said.
    """

    depth: str
    recognised: str
    ordered: str
    person: str
    open: str


def header_of(panel: Panel) -> Header:
    """The head of *panel*, whose report is ready."""
    said = panel.answer
    recognised = said["classified_percent"] if recognised_is_told(said) else None
    unstated = _("not known: typed by hand") if panel.typed else _("not stated in the file")
    left = len(panel.missing)
    return Header(
        depth=depth.in_all(said),
        recognised=unstated if recognised is None else f"{recognised:.1f} %",
        ordered=ordered_by(panel),
        person=_person(panel),
        open=ngettext("Incomplete: one detail not stated", "Incomplete: %(n)s details not stated", left)
        if left
        else "",
    )


def ordered_by(panel: Panel) -> str:
    """Who asked for the test: a name with its profession, or that the patient brought it."""
    said = panel.report.metadata
    if name := said.get("ordered_by"):
        profession = said.get("ordered_by_profession")
        return f"{name}, {profession}" if profession else str(name)
    if panel.brought:
        return (
            _("nobody named: brought by a guardian") if panel.by_guardian else _("nobody named: brought by the patient")
        )
    if panel.handed_in_by:
        return _("nobody named; handed in by %(name)s", name=panel.handed_in_by)
    return _("nobody named")


def _person(panel: Panel) -> str:
    """Age and sex at that time, as far as they were stated."""
    said = panel.report.metadata
    age = said.get("age")
    parts = ["" if age in (None, "") else _("%(n)s years at collection", n=age), str(said.get("sex") or "")]
    return ", ".join(part for part in parts if part)
