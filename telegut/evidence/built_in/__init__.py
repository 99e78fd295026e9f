"""
The rows that telegut ships: data with versions, not opinions. A change of a row raises its version.

Sources were read on the date in ``checked``; what rested on memory alone was left out (docs/evidence.md). Certainty is
a proposal: no row here was confirmed by a specialist yet, and each one says so.
"""

from __future__ import annotations

from typing import Final

from telegut.evidence.built_in import associations, care, probiotics, testing
from telegut.evidence.rules import Evidence

ROWS: Final[tuple[Evidence, ...]] = (*care.ROWS, *probiotics.ROWS, *associations.ROWS, *testing.ROWS)
"""Every built-in row, in the order of pages."""
