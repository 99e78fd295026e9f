"""
Sentences that stand on every report and cannot be switched off.

Sources: Porcari et al., Lancet Gastroenterol Hepatol 2025;10:154-167 (evidence for clinical use is scarce; say so; no
advice from a taxon); the shares of healthy people flagged by another laboratory's limits are computed in this product's
domain research from four public cohorts (10 to 38 of 100 over twelve genera, where 5 are expected).
"""

from __future__ import annotations

EVIDENCE = (
    "Tests like this have little proven use in care so far. This is a snapshot of one sample: it diagnoses nothing, "
    "and no treatment should be chosen because of it."
)

DIVERSITY = "A higher number is not always better: it also rises when food passes slowly, and it depends on the method."

NOT_WHOLE = (
    "The rows are not the whole sample: there may be more genera than these, and an index of them is of these alone."
)
"""Beside the number of genera of a list that leaves some of the sample out (`telegut.reports.listed_whole`)."""

WITHOUT_COMPARISON = "We cannot say whether this is much or little: there is no comparison group measured the same way."
