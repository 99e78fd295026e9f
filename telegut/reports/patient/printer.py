"""
The printer as a process of its own: one JSON object on standard input, a tagged PDF on standard output.

It opens no file but its fonts, and no socket. Imported by nobody else: its library is heavy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from telegut.reports.patient.tagged import Tagged

BAR_WIDTH, BAR_HEIGHT = 60.0, 3.0
NAME_WIDTH, VALUE_WIDTH = 62.0, 34.0
LABEL_WIDTH = 52.0
INDENT = 10.0
"""Millimetres on an A4 page."""


def printed(order: Mapping[str, Any]) -> bytes:
    """The PDF of `telegut.reports.patient.press.order`."""
    paper = order["paper"]
    page = Tagged(
        title=paper["title"],
        language=paper["language"],
        foot=paper["foot"],
        page=paper["page"],
        made=datetime.fromisoformat(paper["made"]),
    )
    page.add_page()
    page.block("H1", paper["title"], size=20, bold=True)
    page.block("P", paper["line"], size=10.5, quiet=True)
    for section in order["sections"]:
        _section(page, section)
    return page.bytes()


def _section(page: Tagged, section: Mapping[str, Any]) -> None:
    page.space(5)
    page.keep(30)  # no heading alone at the end of a page
    page.block("H2", section["title"], size=14, bold=True)
    if section["intro"]:
        page.block("P", section["intro"], size=10.5, quiet=True)
    for line in section["lines"]:
        if section["kind"] == "bars":
            _bar(page, line)
        elif section["kind"] == "facts":
            page.pair(line["title"], line["text"], LABEL_WIDTH)
        else:
            _line(page, line)


def _line(page: Tagged, line: Mapping[str, Any]) -> None:
    if line["under"] and line["depth"] is not None:
        page.marks(line["depth"], INDENT)
    page.block(
        "P", line["text"], lead=line["title"], size=11, indent=2 * INDENT if line["under"] else 0, quiet=line["under"]
    )


def _bar(page: Tagged, line: Mapping[str, Any]) -> None:
    page.row(line["title"], line["value"], line["text"], name_width=NAME_WIDTH, value_width=VALUE_WIDTH)
    if line["length"] is not None:
        page.drawn_bar(line["length"], left=NAME_WIDTH, width=BAR_WIDTH, height=BAR_HEIGHT)


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Read one order, print it."""
    target.write(printed(json.loads(source.read())))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
