"""
The reader as a process of its own: bytes on standard input, one JSON object on standard output, bounded in memory.

The first line of the input is JSON, ``{"sizes", "sample", "memory_bytes", "cpu_s", "limits"}``;
the files follow, one after the other. It imports nothing beyond the pure half of reports and opens no file or socket.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
from typing import Any, BinaryIO

from telegut.reports.answer import answer
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.reading import PARSER_VERSION, read
from telegut.reports.formats.refusals import ChooseSample, ReportTooLarge, UnreadableReport
from telegut.reports.rules import interpret


def outcome(files: list[bytes], sample: str | None, limits: Limits) -> dict[str, Any]:
    """What becomes of *files*: ``{"state": "ready", "answer"}``, or another state with the reason."""
    try:
        return {"state": "ready", "answer": answer(interpret(read(files, sample, limits)))}
    except ChooseSample as exc:
        recognised = {"format": exc.recognised, "why": exc.why}
        return {"state": "choose_sample", **problem(exc), "recognised": recognised, "samples": list(exc.samples)}
    except UnreadableReport as exc:
        return {"state": "refused", **problem(exc)}
    except (MemoryError, RecursionError):
        return {"state": "refused", **problem(ReportTooLarge("Reading this file needs more memory than any report."))}


def problem(exc: UnreadableReport) -> dict[str, Any]:
    """A refusal as it is kept with the report."""
    return {"problem": {"code": exc.code, "detail": exc.message}, "parser_version": PARSER_VERSION}


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Read one order, carry it out, answer."""
    order = json.loads(source.readline())
    resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_s"], order["cpu_s"]))
    files = [source.read(size) for size in order["sizes"]]
    said = outcome(files, order["sample"], dataclasses.replace(Limits(), **order["limits"]))
    target.write(json.dumps(said).encode())


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
