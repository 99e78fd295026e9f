"""What the plan's pages call things, in the reader's language."""

from __future__ import annotations

from telegut.careplan.rules import Kind, StepStatus, Why
from telegut.web.words import gettext as _


def labels() -> dict[str, dict[str, str]]:
    """Words by name, for templates and for the forms that TypeScript builds."""
    return {
        "kind": {
            Kind.DIET: _("Eating"),
            Kind.FIBRE: _("Fibre"),
            Kind.FERMENTED_FOOD: _("Fermented food"),
            Kind.PROBIOTIC: _("Probiotic"),
            Kind.STRESS: _("Stress"),
            Kind.SLEEP: _("Sleep"),
            Kind.MOVEMENT: _("Movement"),
            Kind.PSYCHOTHERAPY: _("Psychotherapy"),
            Kind.OTHER: _("Something else"),
        },
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
        "certainty": {
            "very low": _("very uncertain"),
            "low": _("uncertain"),
            "moderate": _("fairly sure"),
            "moderate to high": _("fairly sure to sure"),
            "high": _("sure"),
            "guideline": _("advice of a guideline"),
            "association, not cause": _("seen together, cause unknown"),
        },
        "went": {"done": _("Done"), "partly": _("Partly"), "not": _("Not")},
        "answer": {"no": _("No"), "yes": _("Yes"), "unknown": _("Not known")},
        "gate": {
            "open": _("No risk named"),
            "caution": _("Goes on with care"),
            "closed": _("Stops these steps"),
            "unanswered": _("Not answered yet"),
        },
    }
