"""What the plan's pages call things, in the reader's language."""

from __future__ import annotations

from telegut.careplan.rules import StepStatus, Why
from telegut.evidence import words
from telegut.web.words import gettext as _


def labels() -> dict[str, dict[str, str]]:
    """Words by name, for templates and for the forms that TypeScript builds."""
    return {
        "kind": words.kinds(),
        "why": {
            Why.PREFERENCE: _("Because you like it"),
            Why.INTAKE: _("Because of what you eat now"),
            Why.SYMPTOM: _("Because of how your gut feels"),
            Why.GOAL: _("Because of your goal"),
            Why.PROFESSIONAL_JUDGEMENT: _("Because your care team thinks it fits you"),
        },
        "status": {
            StepStatus.ACTIVE: _("Goes on"),
            StepStatus.PAUSED: _("Paused"),
            StepStatus.DONE: _("Done"),
            StepStatus.STOPPED: _("Stopped"),
        },
        "certainty": words.certainty(),
        "went": {"done": _("Done"), "partly": _("Partly"), "not": _("Not")},
        "answer": {"no": _("No"), "yes": _("Yes"), "unknown": _("Not known")},
        "gate": {
            "open": _("No risk named"),
            "caution": _("Goes on with care"),
            "closed": _("Stops these steps"),
            "unanswered": _("Not answered yet"),
        },
    }
