"""
The reader as a process of its own: bytes on standard input, one JSON object on standard output, bounded in memory.

The first line of the input is JSON, ``{"sizes", "sample", "memory_bytes", "cpu_s", "limits", "told"}``;
the files follow, one after the other. It imports nothing beyond the pure half of reports and opens no file or socket.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

from telegut.bounds import bound
from telegut.reports.answer import answer
from telegut.reports.formats import typed
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapping import of_dict
from telegut.reports.formats.profile import Profile
from telegut.reports.formats.reading import PARSER_VERSION, Described, read
from telegut.reports.formats.refusals import (
    ChooseSample,
    PathwaysNotTaxa,
    ReportTooLarge,
    UnknownTable,
    UnreadableReport,
    seen_as,
)
from telegut.reports.rules import interpret


def outcome(
    files: list[bytes], sample: str | None, limits: Limits, told: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """
    What becomes of *files*: ``{"state": "ready", "answer"}``, or another state with the reason.

    told: what a person said: ``{"rows"}`` typed from a document, or ``{"name", "mapping"}`` of a table's columns. A
    table that needs one, or whose one does not do, comes with ``table``, an excerpt; pathways come with ``research``.
    """
    told = told or {}
    try:
        profile = _profile(files, sample, limits, told)
        with seen_as(profile.format, profile.why):
            return {"state": "ready", "answer": answer(interpret(profile))}
    except ChooseSample as exc:
        recognised = {"format": exc.recognised, "why": exc.why}
        return {"state": "choose_sample", **problem(exc), "recognised": recognised, "samples": list(exc.samples)}
    except UnknownTable as exc:
        return {"state": "refused", **problem(exc), "table": exc.table}
    except PathwaysNotTaxa as exc:
        return {
            "state": "refused",
            **problem(exc),
            **_seen(exc),
            **({"research": exc.research} if exc.research else {}),
        }
    except UnreadableReport as exc:
        table = _table(files, limits) if "mapping" in told else None
        return {"state": "refused", **problem(exc), **_seen(exc), **({"table": table} if table else {})}
    except (MemoryError, RecursionError):
        return {"state": "refused", **problem(ReportTooLarge("Reading this file needs more memory than any report."))}


def _profile(files: list[bytes], sample: str | None, limits: Limits, told: Mapping[str, Any]) -> Profile:
    if "rows" in told:
        return typed.read(told["rows"])
    described = Described(told["name"], of_dict(told["mapping"])) if "mapping" in told else None
    return read(files, sample, limits, described)


def _seen(exc: UnreadableReport) -> dict[str, Any]:
    return {} if exc.seen_as is None else {"recognised": dict(zip(("format", "why"), exc.seen_as, strict=True))}


def _table(files: list[bytes], limits: Limits) -> dict[str, Any] | None:
    """The excerpt again, so that the description can be corrected."""
    try:
        read(files, None, limits)
    except UnknownTable as exc:
        return exc.table
    except UnreadableReport:
        return None
    return None


def problem(exc: UnreadableReport) -> dict[str, Any]:
    """A refusal as it is kept with the report."""
    return {"problem": {"code": exc.code, "detail": exc.message}, "parser_version": PARSER_VERSION}


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Read one order, carry it out, answer."""
    gc.disable()  # one file, then the end: looking for cycles among its rows again and again is a third of the time
    order = json.loads(source.readline())
    bound(order)
    files = [source.read(size) for size in order["sizes"]]
    limits = dataclasses.replace(Limits(), **order["limits"])
    said = outcome(files, order["sample"], limits, order.get("told"))
    target.write(json.dumps(said).encode())


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.flush()
    os._exit(0)  # nothing is open any more: taking ten thousand rows apart again would only cost time
