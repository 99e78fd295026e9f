"""JSON as lab files hold it: parsed once, bounded in depth, with refusals instead of stack traces."""

from __future__ import annotations

import json
from typing import Any

from telegut.reports.formats.refusals import DamagedFile, ReportTooLarge

_DEEPEST = 200
"""Brackets that may be open at once; a BIOM table needs six."""


def parsed(text: str) -> dict[str, Any] | list[Any] | None:
    """
    The document that *text* is; ``None`` when it does not begin as one.

    Raises:
        DamagedFile: it begins as JSON and is none.
        ReportTooLarge: it is nested deeper than any lab's file.
    """
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return None
    _check_depth(start)
    try:
        document: dict[str, Any] | list[Any] = json.loads(start, parse_constant=_no_number)
    except RecursionError as exc:
        raise ReportTooLarge("The file is nested deeper than any lab's.") from exc
    except ValueError as exc:
        raise DamagedFile("The file begins as JSON and cannot be read as it; perhaps it was cut off.") from exc
    return document


def _check_depth(text: str) -> None:
    """Only brackets are counted, wherever they stand: a name full of brackets is refused with the rest."""
    depth = 0
    for character in text[:100_000]:
        if character in "[{":
            depth += 1
            if depth > _DEEPEST:
                raise ReportTooLarge("The file is nested deeper than any lab's.")
        elif character in "]}":
            depth -= 1


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
