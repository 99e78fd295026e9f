"""
How a report stands, in the few words of a list. Pure.

A file that gives no numbers is not always one that could not be read: pathways are research data, a table that nobody
knows waits for somebody to explain it, a document waits for somebody to type it. Each says so, to both kinds of reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegut.reports.states import State
from telegut.web.words import gettext as _

Tone = Literal["", "now", "leaf"]
"""Of the tag: nothing to do, somebody has something to do, done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a tag says. tone: ``now`` when the reader is the one who can go on."""

    words: str
    tone: Tone = ""


def standing(state: State, problem: str | None, *, for_team: bool, from_family: bool = True) -> Standing:
    """
    How a report in *state* stands; *problem* is the code of its refusal (`formats.refusals`), where there is one.

    from_family: the patient or a guardian handed it in, and so chooses among its samples; otherwise the team does.
    """
    if state == "refused":
        return _refused(problem, for_team=for_team)
    if state == "choose_sample" and not (for_team or from_family):
        return Standing(_("Your care team chooses the sample"))
    return {
        "received": Standing(_("Being read")),
        "ready": Standing(_("Ready"), "leaf"),
        "choose_sample": Standing(_("A sample must be chosen"), "now"),
    }[state]


def _refused(problem: str | None, *, for_team: bool) -> Standing:
    tone: Tone = "now" if for_team else ""
    if problem == "pathways_not_taxa":
        return Standing(_("Research data only"))
    if problem in {"unknown_table", "mapping_does_not_fit"}:
        text = _("Its columns must be explained first")
        return Standing(text if for_team else _("Your care team must explain its columns first"), tone)
    if problem == "picture_not_read":
        text = _("A document: it must be typed first")
        return Standing(text if for_team else _("A document: your care team must type it first"), tone)
    return Standing(_("Could not be read"))
