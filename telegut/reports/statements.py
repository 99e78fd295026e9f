"""
Sentences that stand on every report and cannot be switched off.

Sources: Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167 (evidence for clinical use is scarce; say so; no
advice from a taxon); the shares of healthy people flagged by another laboratory's limits are computed in this product's
domain research from four public cohorts (10 to 38 of 100 over twelve genera, where 5 are expected).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVIDENCE = (
    "Tests like this have little proven use in care so far. This is a snapshot of one sample: it diagnoses nothing, "
    "and no treatment should be chosen because of it."
)

DIVERSITY = "A higher number is not always better: it also rises when food passes slowly, and it depends on the method."

WITHOUT_COMPARISON = "We cannot say whether this is much or little: there is no comparison group measured the same way."


def comparison(method: Mapping[str, Any]) -> dict[str, Any]:
    """
    Why no comparison is drawn for a sample measured by *method* (``database``, ``pipeline``, ``region``).

    A group would have to match in region (or shotgun), pipeline and taxonomy database; this server holds none.
    """
    stated = [str(method[name]) for name in ("region", "pipeline", "database") if method.get(name)]
    unstated = [name for name in ("region", "pipeline", "database") if not method.get(name)]
    why = f"No comparison group here was measured the same way ({', '.join(stated) or 'method not stated'})."
    if unstated:
        why += f" The file does not state its {' and '.join(unstated)}, so no group could be matched to it."
    why += (
        " With another laboratory's limits, 10 to 38 of 100 values of healthy people would look unusual, where 5 are "
        "expected; so none are drawn."
    )
    return {"group": None, "matched": False, "why": why}
