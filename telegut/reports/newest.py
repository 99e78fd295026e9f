"""In which order reports stand in lists: by the day of the sample, whenever its file came. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from telegut.reports.shelf import Summary


def by_sample(found: Iterable[Summary]) -> list[Summary]:
    """*found* with the newest sample first; those of one day stay as they were."""
    return sorted(found, key=_day, reverse=True)


def _day(one: Summary) -> date:
    """Of the sample; where nobody said it, of the handing in (UTC)."""
    return one.collected or one.uploaded_at.date()
