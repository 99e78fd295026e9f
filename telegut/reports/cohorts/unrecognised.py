"""
Whether a control group's table holds a share for what was not recognised, and what was said of it. Pure.

MetaPhlAn writes such a row (UNKNOWN, UNCLASSIFIED) or leaves it out; with it every other share of the same stool is
smaller. A group is held beside samples of its own scale alone (`match.WITH_UNRECOGNISED`), so the two words must agree.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from telegut.errors import FieldError
from telegut.reports.cohorts.match import WITH_UNRECOGNISED
from telegut.web.words import gettext as _

NAMES: Final = frozenset({"unknown", "unclassified", "unmapped", "not recognised", "not recognized", "unidentified"})
"""Headings, in lower case, of what no name was found for; ``unassigned`` is known, though to no genus."""


def wrong(data: bytes, facts: Mapping[str, Any]) -> Iterator[FieldError]:
    """What of *facts* the table *data* contradicts; a table that cannot be read contradicts nothing here."""
    if facts.get("denominator") not in {"profile", WITH_UNRECOGNISED}:
        return
    named = _column(data)
    if named and facts["denominator"] == "profile":
        text = _(
            "The table has a column “%(name)s” for what was not recognised. Please say so, or take that column out and "
            "give everybody's percentages of what was recognised."
        )
        yield FieldError("denominator", text % {"name": named})
    if not named and facts["denominator"] == WITH_UNRECOGNISED:
        text = _("The table has no column of what was not recognised, such as UNKNOWN.")
        yield FieldError("denominator", text)


def _column(data: bytes) -> str:
    """The heading of a column of what was not recognised that has an amount in somebody; empty: there is none."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    mark = max("\t;,", key=(lines or [""])[0].count)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=mark))
    except csv.Error:
        return ""
    found = [at for at, head in enumerate(rows[0] if rows else ()) if head.strip().strip('"').casefold() in NAMES]
    for at in found:
        if any(at < len(row) and row[at].strip() not in {"", "0", "0.0"} for row in rows[1:]):
            return rows[0][at].strip()
    return ""
