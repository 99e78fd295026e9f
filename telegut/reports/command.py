"""
``telegut report FILE… [--sample NAME] [--json]``: the server's own reading, with no server and no database.

Exit codes: 0 read, 2 refused; the reason of a refusal stands on standard error. With ``--json`` standard output holds
one JSON object and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from telegut.reports.answer import answer
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.reading import read
from telegut.reports.formats.refusals import ChooseSample, ReportTooLarge, UnreadableReport, seen_as
from telegut.reports.rules import interpret

READ, REFUSED = 0, 2
_SHOWN_GENERA = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = "Read a lab's microbiome profile and print what it says."
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a profile, or a table and its taxonomy")
    parser.add_argument("--sample", metavar="NAME", help="which sample, when the file holds several")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Read the files, print, and return the exit code."""
    try:
        profile = read([_bytes_of(path) for path in args.files], args.sample)
        with seen_as(profile.format, profile.why):
            said = answer(interpret(profile))
    except OSError as exc:
        return _refuse(f"{exc.filename}: {exc.strerror}")
    except UnreadableReport as exc:
        return _refuse(f"{exc.message} [{exc.code}]", _recognised(exc))
    said["comparison"] = _comparison(said)
    print(json.dumps(said, ensure_ascii=False) if args.json else "\n".join(_page(said)))
    return READ


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


def _recognised(exc: UnreadableReport) -> tuple[str, str] | None:
    """What the file was taken for and why, as far as it went."""
    return (exc.recognised, exc.why) if isinstance(exc, ChooseSample) else exc.seen_as


def _refuse(reason: str, recognised: tuple[str, str] | None = None) -> int:
    print(f"Not read: {reason}", file=sys.stderr)
    if recognised is not None:
        print("Recognised as {}, because {}.".format(*recognised), file=sys.stderr)
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
