"""How much a patient's report says: three reading levels, and which one somebody chose. Pure."""

from __future__ import annotations

from enum import StrEnum

from telegut.web.words import gettext as _


class Level(StrEnum):
    """How much is said. What must never be left out (evidence statement, remarks about the sample) is on all three."""

    SHORT = "short"
    STANDARD = "standard"
    FULL = "full"


DEFAULT = Level.STANDARD


def names() -> dict[Level, str]:
    """What the levels are called, in the order in which they are offered."""
    return {
        Level.SHORT: _("Short and plain"),
        Level.STANDARD: _("Standard"),
        Level.FULL: _("Full detail"),
    }
