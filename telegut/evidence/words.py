"""What pages call the parts of a row, in the reader's language."""

from __future__ import annotations

from telegut.evidence.rules import About, Certainty, Kind
from telegut.web.words import gettext as _


def certainty() -> dict[str, str]:
    """How sure, in plain words."""
    return {
        Certainty.VERY_LOW: _("very uncertain"),
        Certainty.LOW: _("uncertain"),
        Certainty.MODERATE: _("fairly sure"),
        Certainty.MODERATE_TO_HIGH: _("fairly sure to sure"),
        Certainty.HIGH: _("sure"),
        Certainty.GUIDELINE: _("advice of a guideline"),
        Certainty.ASSOCIATION: _("seen together, cause unknown"),
        Certainty.MEASURED: _("measured"),
        Certainty.CONSENSUS: _("agreed by experts"),
    }


def kinds() -> dict[str, str]:
    """What a step is about."""
    return {
        Kind.DIET: _("Eating"),
        Kind.FIBRE: _("Fibre"),
        Kind.FERMENTED_FOOD: _("Fermented food"),
        Kind.PROBIOTIC: _("Probiotic"),
        Kind.STRESS: _("Stress"),
        Kind.SLEEP: _("Sleep"),
        Kind.MOVEMENT: _("Movement"),
        Kind.PSYCHOTHERAPY: _("Psychotherapy"),
        Kind.OTHER: _("Something else"),
    }


def about() -> dict[str, str]:
    """The parts of the library."""
    return {
        About.CARE: _("What was tried in people"),
        About.ASSOCIATION: _("What was seen together"),
        About.TESTING: _("About tests of stool"),
    }


def states() -> dict[str, str]:
    """What became of a proposal."""
    return {
        "draft": _("Waits for a second person"),
        "signed": _("Signed"),
        "sent_back": _("Sent back"),
        "withdrawn": _("Taken back"),
    }


def fields() -> dict[str, str]:
    """The fields of a row, in the order in which people read them."""
    return {
        "about": _("Part of the library"),
        "intervention": _("What was done"),
        "design": _("How it was found out"),
        "population": _("In whom"),
        "comparator": _("Against what"),
        "outcome": _("What was measured"),
        "effect": _("Found"),
        "certainty": _("How sure"),
        "may_say": _("May say"),
        "points": _("May say as well"),
        "must_not_say": _("Must not say"),
        "source": _("Source"),
        "checked": _("Checked on"),
        "kinds": _("Steps that may cite it"),
        "gates": _("Safety questions"),
        "restricts": _("Takes food away"),
        "beside": _("Always beside it"),
        "taxa": _("Genera it is about"),
    }
