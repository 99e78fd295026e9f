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
from collections.abc import Mapping, Sequence
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
    UnknownSample,
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

    told: what a person said: ``{"rows"}`` typed from a document, or ``{"name", "mapping", "confirmed"}`` of a table's
    columns and of names in it that are not known (each ``{"name", …}``). A
    table that needs one, or whose one does not do, comes with ``table``, an excerpt; pathways come with ``research``.
    """
    told = told or {}
    try:
        profile = _profile(files, sample, limits, told)
        with seen_as(profile.format, profile.why):
            return {"state": "ready", "answer": answer(interpret(profile))}
    except ChooseSample as exc:
        text = f"The file holds {len(exc.samples)} samples. Please choose the one that belongs to this patient."
        return _to_choose(exc.code, text, exc.recognised, exc.why, exc.samples)
    except UnknownSample as exc:
        return _another(files, limits, told) or {"state": "refused", **problem(exc), **_seen(exc)}
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


def _another(files: list[bytes], limits: Limits, told: Mapping[str, Any]) -> dict[str, Any] | None:
    """A choice, in place of a sample that is not in the file; ``None`` where the file names none."""
    text = "There is no sample of the name that was given with this file. Please choose the one that it is."
    code = UnknownSample.code
    try:
        profile = _profile(files, None, limits, told)
    except ChooseSample as exc:
        return _to_choose(code, text, exc.recognised, exc.why, exc.samples)
    except UnreadableReport:
        return None
    return _to_choose(code, text, profile.format, profile.why, profile.samples) if profile.samples else None


def _to_choose(code: str, text: str, form: str, why: str | None, samples: Sequence[str]) -> dict[str, Any]:
    """The sentence names no sample: those of others are in the list, which not everybody may read."""
    return {
        "state": "choose_sample",
        "problem": {"code": code, "detail": text},
        "parser_version": PARSER_VERSION,
        "recognised": {"format": form, "why": why},
        "samples": list(samples),
    }


def _profile(files: list[bytes], sample: str | None, limits: Limits, told: Mapping[str, Any]) -> Profile:
    if "rows" in told:
        return typed.read(told["rows"])
    if "mapping" not in told:
        return read(files, sample, limits)
    confirmed = frozenset(one["name"] for one in told.get("confirmed", ()))
    return read(files, sample, limits, Described(told["name"], of_dict(told["mapping"]), confirmed))


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
