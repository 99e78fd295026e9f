"""A patient's whole report, written for one reading level. Pure."""

from __future__ import annotations

from dataclasses import replace

from telegut.reports.facts import label, unstated
from telegut.reports.panel import Panel
from telegut.reports.patient.before import Before
from telegut.reports.patient.levels import Level
from telegut.reports.patient.microbes import microbes
from telegut.reports.patient.plain import gettext as _
from telegut.reports.patient.sheet import Line, Section, Sheet
from telegut.reports.patient.telling import first
from telegut.reports.shelf import Stored
from telegut.reports.told import Told
from telegut.web.times import dated, instant

_OF_WEIGHT = frozenset({"bmi"})
"""Fields about a person that name a weight."""


def sheet_of(panel: Panel, before: Before | None, level: Level, zone: str) -> Sheet:
    """
    The report as *panel* (made for a patient) and what stands *before* it; ``None``: the sample alone is looked at.

    zone: of the reader, for days and times.
    """
    hidden = before is None or before.weights_hidden
    if hidden:
        left = tuple(label(one) for one in unstated(panel.report) if one not in _OF_WEIGHT)
        panel = replace(panel, missing=left)
    diet = str(panel.report.metadata.get("diet") or "")
    return Sheet(
        level=level,
        first=() if before is None else first(before, panel.report.id, level, diet),
        microbes=microbes(panel, level, zone),
        origin=origin(panel.report, zone),
    )


def origin(report: Stored, zone: str) -> Section:
    """Where the numbers come from: who handed in what and when, who typed it, which version this is."""
    lines = [Line(title=_("Handed in"), text=instant(report.uploaded_at, zone))]
    if report.told is not None:
        lines.append(Line(title=_("Explained by a person"), text=_told(report.told, zone)))
    if report.versions:
        newest = report.versions[0]
        lines.append(Line(title=_("Version"), text=_version(newest.number, instant(newest.interpreted_at, zone))))
        lines.append(Line(title=_("Hash of the content"), text=newest.content_hash.hex()))
    if report.parser_version:
        lines.append(Line(title=_("Read by reader version"), text=report.parser_version))
    for one in report.files:
        lines.append(Line(title=_("File"), text=one.name))
        lines.append(Line(title="SHA-256", text=one.sha256.hex()))
    return Section(id="origin", title=_("Where this comes from"), lines=tuple(lines), kind="facts")


def _version(number: int, when: str) -> str:
    return _("%(n)s, interpreted %(when)s", n=number, when=when)


def _told(told: Told, zone: str) -> str:
    name, day = told.by_name or _("somebody who is gone"), dated(told.at, zone)
    if told.kind == "typed":
        return _("Typed by %(name)s on %(day)s from the laboratory's document.", name=name, day=day)
    return _("%(name)s said on %(day)s what the columns mean.", name=name, day=day)


def without_weights(sheet: Sheet) -> Sheet:
    """For paper: what a page folds away is left out, with a line that says so."""

    def careful(section: Section) -> Section:
        kept = tuple(one for one in section.lines if not one.weight)
        note = Line(text=_("Something about weight or calories is not printed here."))
        return section if len(kept) == len(section.lines) else replace(section, lines=(*kept, note))

    return replace(sheet, first=tuple(careful(one) for one in sheet.first))
