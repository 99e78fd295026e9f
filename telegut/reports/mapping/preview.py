"""How the first rows of a table would be read, row by row, before anybody says yes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegut.reports.confirming import told
from telegut.reports.formats import mapped, mapped_names
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapping import ColumnMapping
from telegut.reports.formats.plain_table import PlainTable
from telegut.reports.formats.refusals import UnreadableReport
from telegut.reports.formats.taxonomy import parts_of

_SHOWN_SAMPLES = 5
_NO_RANK = "of no rank that is known: counted, and not shown by name"
_HELD_ABOVE = "of no rank that is known: left out, because wider groups hold what is in it"


@dataclass(frozen=True, slots=True)
class Line:
    """One amount as it would be read. problem: why it cannot be, or what becomes of it; empty when all is well."""

    line: int
    name: str
    rank: str
    amount: float
    problem: str


@dataclass(frozen=True, slots=True)
class Preview:
    """
    *samples* of the first rows, the first of which is shown. problem: why the table as a whole does not go. asked:
    names in the whole table that are not known, for a person to say whether they are groups of organisms.
    """

    samples: tuple[str, ...]
    sample: str | None
    lines: tuple[Line, ...]
    rows_in_all: int
    problem: str
    asked: tuple[str, ...] = ()


def preview(table: PlainTable, mapping: ColumnMapping, asked: tuple[str, ...] = (), *, rows_in_all: int) -> Preview:
    """The first rows of *table* (an excerpt of *rows_in_all* rows) by *mapping*, which fits to its headings."""
    limits = Limits()
    try:
        samples = mapped.samples_of(table, mapping, limits)
        sample = samples[0] if samples else None
        lines = tuple(_line(one, mapping, limits) for one in mapped.entries(table, mapping, sample))
    except UnreadableReport as exc:
        return Preview((), None, (), rows_in_all, exc.message, asked)
    return Preview(samples[:_SHOWN_SAMPLES], sample, lines, rows_in_all, "", asked)


def _line(one: mapped_names.Entry, mapping: ColumnMapping, limits: Limits) -> Line:
    name, rank, problem = one.taxon, str(one.rank or ""), one.problem
    if mapped_names.is_left_out(one, mapping):
        return Line(one.line, name[:60], "", 0.0, "no group: a ratio, a score, a judgement or advice: left out")
    if mapping.taxon_is == "lineage":
        try:
            parts = parts_of(one.taxon, limits)
        except UnreadableReport as exc:
            return Line(one.line, name[:60], "", one.value, exc.message)
        if parts:
            name, rank = parts[-1].name, parts[-1].rank
    if mapped_names.is_nobody(one):
        name, rank, problem = "", "", problem or "nobody was recognised"
    elif mapped_names.asked(one, mapping):
        problem = problem or "this name is not known here: please answer below"
    elif not rank:
        problem = problem or (_HELD_ABOVE if mapping.nested else _NO_RANK)
    if one.below:
        problem = problem or "given only as less than so much: read as not found"
    return Line(one.line, name, rank, _shown(one, mapping), problem)


def _shown(one: mapped_names.Entry, mapping: ColumnMapping) -> float:
    return one.value * 100 if mapping.unit == "fraction" else one.value


def as_answer(made: Preview) -> dict[str, Any]:
    """JSON of it."""
    return {
        "samples": list(made.samples),
        "sample": made.sample,
        "rows": [
            {"line": one.line, "name": one.name, "rank": one.rank, "amount": one.amount, "problem": one.problem}
            for one in made.lines
        ],
        "rows_in_all": made.rows_in_all,
        "problem": made.problem,
        "unknown": told(made.asked),
    }
