"""
A clinic's own control group, from a table: one row a person, one column a genus, and a few columns about the person.

Everybody's columns together are the whole sample, a column ``unassigned`` included, or what has none is not compared.
Columns about people: ``person`` (any code, needed), ``age``, ``sex``, ``reads``, ``patient`` (the id of somebody who is
a patient here) and ``consent`` (``yes`` or a day: to being used as a reference). Every other column is a genus. Pure:
what needs the database (who is a patient) is asked by the service.

Kept of it are the sorted values of each genus, no rows: who had what together cannot be read back.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from telegut.reports.cohorts.checks import Finding, Person, checks
from telegut.reports.diversity import shannon
from telegut.reports.formats.invisible import plain
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.profile import is_blank
from telegut.reports.formats.summaries import is_summary
from telegut.reports.rules import FEWEST_READS, UNASSIGNED
from telegut.reports.taxonomy.names import spelled
from telegut.web.words import gettext as _

Unit = Literal["percent", "reads"]

ABOUT_PEOPLE = ("person", "age", "sex", "reads", "patient", "consent")
MOST_BYTES = 8 * 1024**2
MOST_PEOPLE = 5_000
MOST_GENERA = 3_000
SUM_MAY_EXCEED = 100.5
"""Percent; MetaPhlAn prints five decimals and rounding adds up."""
MOST_FINDINGS = 40
_NAMES_SHOWN = 5
_NAME = re.compile(r"\[?[A-Z][A-Za-z]")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table that was read. findings: in the order in which they were met."""

    genera: tuple[str, ...]
    people: tuple[Person, ...]
    findings: tuple[Finding, ...]

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


def load(data: bytes, unit: Unit) -> Loaded:
    """Read and check a table. A table that cannot be read at all comes back with no people and the finding why."""
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
    found = list(_heading_findings(heads))
    if any(one.blocks for one in found):
        return Loaded((), (), tuple(found[:MOST_FINDINGS]))
    people, wrong = _people(heads, rows[1:], unit)
    found += wrong
    if not wrong:
        found += checks(people, [spelled(heads[at]) for at in _genera(heads)])
    return Loaded(tuple(spelled(heads[at]) for at in _genera(heads)), tuple(people), tuple(found[:MOST_FINDINGS]))


def _nothing(code: str, text: str) -> Loaded:
    return Loaded((), (), (Finding(code, text),))


def _rows(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    mark = max("\t;,", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:
        return []


def _genera(heads: Sequence[str]) -> list[int]:
    """The columns that are genera with a name; what is known only to a family or above is no genus."""
    return [at for at, head in enumerate(heads) if head.casefold() not in ABOUT_PEOPLE and _is_genus(head)]


def _unnamed(heads: Sequence[str]) -> list[int]:
    """The columns of what is known to no genus: a part of the sample all the same."""
    return [at for at, head in enumerate(heads) if _is_unnamed(head) and head.casefold() not in ABOUT_PEOPLE]


def _is_unnamed(head: str) -> bool:
    return head.startswith(UNASSIGNED) or (is_blank(spelled(head)) and not is_summary(head))


def _is_genus(head: str) -> bool:
    """Whether a heading can be the name of a genus: a capital letter first, as the codes of nomenclature have it."""
    name = spelled(head)
    return not is_blank(name) and not is_no_group(name) and not _is_unnamed(head) and _NAME.match(name) is not None


def _heading_findings(heads: Sequence[str]) -> Iterator[Finding]:
    lower = [head.casefold() for head in heads]
    if "person" not in lower:
        yield Finding("no_person_column", _("There is no column “person” with a code for every person."))
    for name in ABOUT_PEOPLE:
        if lower.count(name) > 1:
            yield Finding("column_twice", _("The column “%(name)s” is there twice.") % {"name": name})
    genera = Counter(spelled(heads[at]) for at in _genera(heads))
    if not genera:
        yield Finding("no_genera", _("There is no column of a genus."))
    if len(genera) > MOST_GENERA:
        yield Finding("too_many_genera", _("There are more than %(n)s genera.") % {"n": MOST_GENERA})
    for name, times in genera.items():
        if times > 1:
            text = _("The genus “%(name)s” is there %(times)s times; spellings of one name count as one.")
            yield Finding("genus_twice", text % {"name": name, "times": times})
    named = {name for name in heads if name.casefold() in ABOUT_PEOPLE or _is_genus(name) or _is_unnamed(name)}
    left = [head for head in heads if head not in named]
    if left:
        text = _("%(n)s columns name no genus and are left out: %(names)s.")
        names = ", ".join(f"“{head[:40]}”" for head in left[:_NAMES_SHOWN])
        yield Finding("columns_left_out", text % {"n": len(left), "names": names}, blocks=False)


def _people(heads: Sequence[str], rows: Sequence[Sequence[str]], unit: Unit) -> tuple[list[Person], list[Finding]]:
    if len(rows) > MOST_PEOPLE:
        return [], [Finding("too_many_people", _("There are more than %(n)s people.") % {"n": MOST_PEOPLE})]
    places = {head.casefold(): at for at, head in enumerate(heads) if head.casefold() in ABOUT_PEOPLE}
    people, wrong = [], []
    for line, row in enumerate(rows, start=2):
        try:
            people.append(_person(row, places, _genera(heads), _unnamed(heads), unit))
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
