"""
A clinic's own control group, from a table: one row a person, one column a genus, and a few columns about the person.

Everybody's columns together are the whole sample, a column ``unassigned`` included, or what has none is not compared.
Columns about people: ``person`` (any code, needed), ``age``, ``sex``, ``reads``, ``patient`` (the id of somebody who is
a patient here) and ``consent`` (``yes`` or a day: to being used as a reference). Every other column is a genus when its
heading is known to be of organisms, or whoever loads the table confirms that; the others are left out. Pure: what needs
the database (who is a patient) is asked by the service.

Kept of it are the sorted values of each genus, no rows: who had what together cannot be read back.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from telegut.reports.cohorts import headings
from telegut.reports.cohorts.checks import Finding, Person, checks
from telegut.reports.cohorts.headings import Headings
from telegut.reports.diversity import shannon
from telegut.reports.formats.invisible import plain
from telegut.reports.rules import FEWEST_READS
from telegut.web.words import gettext as _

Unit = Literal["percent", "reads"]

MOST_BYTES = 8 * 1024**2
MOST_PEOPLE = 5_000
SUM_MAY_EXCEED = 100.5
"""Percent; MetaPhlAn prints five decimals and rounding adds up."""
MOST_FINDINGS = 40


@dataclass(frozen=True, slots=True)
class Loaded:
    """
    A table that was read. findings: in the order in which they were met. unknown: headings that are not known and that
    nobody confirmed as groups of organisms; confirmed: those that somebody did.
    """

    genera: tuple[str, ...]
    people: tuple[Person, ...]
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()

    def figures(self) -> dict[str, object]:
        """
        What is kept, sealed: sorted values of each genus (percent) and of Shannon's index; which patients are in.

        complete: a genus without a column was met in nobody. Of parts of samples there is no index.
        """
        columns = zip(*(one.amounts for one in self.people), strict=True)
        whole = all(one.is_whole for one in self.people)
        indices = [shannon(one.amounts) for one in self.people] if whole else []
        return {
            "genera": {name: sorted(column) for name, column in zip(self.genera, columns, strict=True)},
            "complete": whole,
            "shannon": sorted(one for one in indices if one is not None),
            "patients": sorted({str(id) for one in self.people for id in (one.patient, one.coded) if id}),
        }

    @property
    def depth(self) -> int | None:
        """Reads of the shallowest sample; ``None`` when one of them does not say."""
        reads = [one.reads for one in self.people if one.reads is not None]
        return min(reads) if reads and len(reads) == len(self.people) else None


def load(data: bytes, unit: Unit, confirmed: Collection[str] = ()) -> Loaded:
    """
    Read and check a table. A table that cannot be read at all comes back with no people and the finding why.

    confirmed: headings that are not known, and are groups of organisms all the same.
    """
    if len(data) > MOST_BYTES:
        return _nothing("too_large", _("The table is larger than %(mb)s MB.") % {"mb": MOST_BYTES // 1024**2})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _nothing("not_text", _("The table is not text in UTF-8. Save it as CSV or tab-separated text."))
    rows = [row for row in _rows(plain(text)) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        return _nothing("empty", _("The table needs a line of headings and one line a person."))
    heads = [cell.strip() for cell in rows[0]]
    told = headings.of(heads, confirmed)
    found = list(headings.findings(told))
    if any(one.blocks for one in found) or not told.genera:
        return Loaded((), (), tuple(found[:MOST_FINDINGS]), told.unknown)
    people, wrong = _people(told, rows[1:], unit)
    found += wrong
    genera = tuple(name for _at, name in told.genera)
    if not wrong:
        found += checks(people, genera)
    return Loaded(genera, tuple(people), tuple(found[:MOST_FINDINGS]), told.unknown, told.confirmed)


def _nothing(code: str, text: str) -> Loaded:
    return Loaded((), (), (Finding(code, text),))


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    mark = max("\t;,", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        return []


def _people(told: Headings, rows: Sequence[Sequence[str]], unit: Unit) -> tuple[list[Person], list[Finding]]:
    if len(rows) > MOST_PEOPLE:
        return [], [Finding("too_many_people", _("There are more than %(n)s people.") % {"n": MOST_PEOPLE})]
    places, genera = told.about_people, [at for at, _name in told.genera]
    people, wrong = [], []
    for line, row in enumerate(rows, start=2):
        try:
            people.append(_person(row, places, genera, told.unnamed, unit))
        except _Wrong as exc:
            wrong.append(Finding("line", _("Line %(line)s: %(text)s") % {"line": line, "text": exc}))
            if len(wrong) >= MOST_FINDINGS:
                break
    return people, wrong


class _Wrong(Exception):
    """What is wrong in one line, for people."""


def _person(
    row: Sequence[str], places: dict[str, int], genera: Sequence[int], others: Sequence[int], unit: Unit
) -> Person:
    said = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
    if not said["person"]:
        raise _Wrong(_("the person has no code."))
    amounts = [_number(row[at] if at < len(row) else "") for at in genera]
    unnamed = math.fsum(_number(row[at]) for at in others if at < len(row))
    whole = math.fsum(amounts)
    reads = _reads(said.get("reads", ""))
    accounted: float | None = whole + unnamed
    if unit == "reads":
        if any(amount != int(amount) for amount in amounts):
            raise _Wrong(_("reads are whole numbers."))
        if reads is not None and whole > reads:
            raise _Wrong(_("the genera have more reads than the sample."))
        accounted = accounted * 100 / reads if accounted is not None and reads else None
        reads = reads if reads is not None else int(whole)
        amounts = [amount * 100 / reads if reads else 0.0 for amount in amounts]
    elif whole > SUM_MAY_EXCEED:
        raise _Wrong(_("the genera add up to %(sum)s %%, more than the whole sample.") % {"sum": f"{whole:.1f}"})
    if whole <= 0:
        raise _Wrong(_("no genus was found in this person."))
    return Person(
        code=said["person"],
        age=_age(said.get("age", "")),
        sex=said.get("sex", "")[:20].casefold(),
        reads=reads,
        patient=_patient(said.get("patient", "")),
        consented=_consented(said.get("consent", "")),
        amounts=tuple(amounts),
        accounted=accounted,
    )


def _number(text: str) -> float:
    text = text.strip()
    if not text:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        raise _Wrong(_("“%(text)s” is not a number.") % {"text": text[:40]}) from None
    if not math.isfinite(value) or value < 0 or value > 1e15:
        raise _Wrong(_("“%(text)s” cannot be an amount.") % {"text": text[:40]})
    return value


def _reads(text: str) -> int | None:
    if not text:
        return None
    value = _number(text)
    if value != int(value) or value < FEWEST_READS:
        raise _Wrong(_("fewer than %(n)s reads are too few to say anything.") % {"n": f"{FEWEST_READS:,}"})
    return int(value)


def _age(text: str) -> float | None:
    if not text:
        return None
    age = _number(text)
    if age > 130:
        raise _Wrong(_("nobody is %(age)s years old.") % {"age": text})
    return age


def _patient(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise _Wrong(_("“patient” is the id of a patient here, or empty.")) from None


def _consented(text: str) -> bool:
    return text.casefold() in {"yes", "true", "1"} or re.fullmatch(r"20\d\d-\d\d-\d\d", text) is not None
