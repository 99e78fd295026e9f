"""
``telegut report FILE… [--sample NAME] [--json]``: the server's own reading, with no server and no database.

It reads in the same bounded child process, so that no file takes the shell its time or memory.

Exit codes: 0 read, 2 refused; the reason of a refusal stands on standard error. With ``--json`` standard output holds
one JSON object and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import ReportTooLarge
from telegut.reports.isolation import Reader, ReaderBroke

READ, REFUSED = 0, 2
_SHOWN_GENERA = 15
_READER: Final = Reader(time_s=60, memory_bytes=1_024 * 1_048_576)
"""The server's own bounds where nobody set others (`report_reader_s`); the command knows no settings."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = "Read a lab's microbiome profile and print what it says."
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a profile, or a table and its taxonomy")
    parser.add_argument("--sample", metavar="NAME", help="which sample, when the file holds several")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Read the files, print, and return the exit code."""
    try:
        outcome = asyncio.run(_READER.outcome([_bytes_of(path) for path in args.files], args.sample))
    except OSError as exc:
        return _refuse(f"{exc.filename}: {exc.strerror}")
    except ReportTooLarge as exc:
        return _refuse(f"{exc.message} [{exc.code}]")
    except ReaderBroke:
        return _refuse("the reading ended without an answer, as a damaged file may make it.")
    if outcome["state"] != "ready":
        return _refuse(_reason(outcome), outcome.get("recognised"))
    said = outcome["answer"]
    said["comparison"] = _comparison(said)
    print(json.dumps(said, ensure_ascii=False) if args.json else "\n".join(_page(said)))
    return READ


def _reason(outcome: Mapping[str, Any]) -> str:
    problem = outcome["problem"]
    among = f" They are: {', '.join(outcome['samples'])}" if outcome["state"] == "choose_sample" else ""
    return f"{problem['detail']}{among} [{problem['code']}]"


def _comparison(said: dict[str, Any]) -> dict[str, Any]:
    """The sample beside the published groups; a clinic's own are in its database, which this command does not have."""
    from telegut.reports.cohorts.built_in import built_in
    from telegut.reports.cohorts.comparison import compare

    return compare(said, {}, built_in(), for_patient=False).as_answer()


def _bytes_of(path: Path) -> bytes:
    most = Limits().file_bytes
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ReportTooLarge(f"{path.name} is larger than {most // 1024**2} MB.")
    return data


def _refuse(reason: str, recognised: Mapping[str, str] | None = None) -> int:
    print(f"Not read: {reason}", file=sys.stderr)
    if recognised is not None:
        print(f"Recognised as {recognised['format']}, because {recognised['why']}.", file=sys.stderr)
    return REFUSED


def _page(said: dict[str, Any]) -> Iterator[str]:
    method = said["method"]
    yield f"Recognised    {said['format']}, because {said['why']}."
    yield f"Sample        {said['sample'] or 'not named in the file'}"
    region = method["region"] or "region not stated"
    yield f"Method        {method['pipeline']}, {region}, database {_or(method['database'])}"
    yield f"Reads         {_or(said['total_reads'])}"
    yield f"Unclassified  {_percent(said['unclassified_percent'])}"
    yield f"Shares are of {said['denominator'].replace('_', ' ')}"
    for warning in said["warnings"]:
        yield f"Please note   {warning['text']}"
    yield ""
    genera = [row for row in said["taxa"] if row["rank"] == "genus"]
    for row in genera[:_SHOWN_GENERA]:
        yield f"{row['percent']:9.4f} %  {row['name']}"
    if len(genera) > _SHOWN_GENERA:
        yield f"             … and {len(genera) - _SHOWN_GENERA} more genera (--json lists everything)"
    yield ""
    diversity = said["diversity"]
    yield f"Shannon (genera, natural log) {_or(diversity['shannon'])}; {diversity['observed_genera']} genera seen."
    yield said["comparison"]["why"]
    yield "A snapshot of one sample. It is not a diagnosis, and nothing here says what is much or little."


def _or(value: object) -> str:
    return "not stated" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _percent(value: float | None) -> str:
    return "not stated" if value is None else f"{value:.2f} %"
