"""One sample as a comparison over time sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from telegut.reports.formats.profile import Rank
from telegut.reports.rules import UNASSIGNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    A reading with what is said about it.

    answer: as `telegut.reports.answer` writes it. collected: the day on which the sample was taken, where it is stated.
    """

    answer: Mapping[str, Any]
    metadata: Mapping[str, Any]
    collected: date | None
    handed_in: datetime

    @property
    def reads(self) -> int | None:
        """The reads that were classified, down to a genus or not so far; ``None`` for a profile of percentages."""
        counted = [row["reads"] for row in self.answer["taxa"] if row["rank"] == "genus"]
        return None if any(reads is None for reads in counted) else sum(counted)

    @property
    def warned(self) -> frozenset[str]:
        """The codes of its warnings."""
        return frozenset(one["code"] for one in self.answer["warnings"])

    def shares(self, rank: Rank) -> dict[str, float]:
        """
        Named groups of *rank* as shares of everything that was classified: 0 to 1.

        The share is of all genera, those that are known no further than a family included, so that two files are on
        one scale although one counts what it did not recognise and the other does not.
        """
        whole = sum(row["percent"] for row in self.answer["taxa"] if row["rank"] == "genus")
        if whole <= 0:
            return {}
        named: dict[str, float] = {}
        for row in self.answer["taxa"]:
            if row["rank"] == rank and not row["name"].startswith(UNASSIGNED) and row["percent"] > 0:
                named[row["name"]] = named.get(row["name"], 0.0) + row["percent"] / whole
        return named
