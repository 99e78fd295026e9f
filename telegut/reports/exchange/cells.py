"""
A report as one table, for spreadsheets and scripts: RFC 4180, UTF-8, one heading, every row of one *kind*.

Statements, warnings and totals stand in the same columns as the groups, so that they travel with them. A text that a
spreadsheet would run as a formula is quoted with an apostrophe (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from telegut.reports import statements

HEADINGS = ("kind", "name", "rank", "ncbi_taxid", "lineage", "percent", "denominator", "reads", "text")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(answer: Mapping[str, Any], about: Mapping[str, str]) -> bytes:
    """The reading *answer* as a CSV file; *about*: what else is said of it, by name."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in _rows(answer, about):
        writer.writerow([_cell(row.get(name)) for name in HEADINGS])
    return target.getvalue().encode("utf-8", "replace")


def _rows(answer: Mapping[str, Any], about: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    yield {"kind": "statement", "text": statements.EVIDENCE}
    for name, text in about.items():
        yield {"kind": "about", "name": name, "text": text}
    for warning in answer["warnings"]:
        yield {"kind": "warning", "name": warning["code"], "text": warning["text"]}
    whole = answer["denominator"]
    for name in ("unclassified_percent", "classified_percent", "human_percent"):
        share = answer.get(name)
        text = "" if share is not None else "not stated"
        yield {"kind": "total", "name": name, "percent": share, "denominator": whole, "text": text}
    yield {"kind": "total", "name": "total_reads", "reads": answer["total_reads"], "denominator": whole}
    for row in answer["taxa"]:
        yield {**row, "kind": "group", "ncbi_taxid": row["taxid"], "denominator": whole}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(_FORMULA) else text
