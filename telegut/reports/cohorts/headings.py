"""
What the columns of a control group's table are: about people, genera, what is known to no genus, or something else.

A heading is a genus when it is known to be a name of organisms (`telegut.reports.taxonomy.known`) or when whoever loads
the table says so; what is neither is left out, and whoever approves the group reads which columns these were. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from telegut.reports.cohorts.checks import Finding
from telegut.reports.formats.mapped_names import NOBODY
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.profile import is_blank
from telegut.reports.formats.summaries import is_summary
from telegut.reports.rules import UNASSIGNED
from telegut.reports.taxonomy.known import LONGEST_NAME, is_known
from telegut.reports.taxonomy.names import spelled
from telegut.web.words import gettext as _

ABOUT_PEOPLE = ("person", "age", "sex", "reads", "patient", "consent")
MOST_GENERA = 3_000
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Headings:
    """
    Places of columns. genera: with their names. unnamed: a part of the sample all the same. unknown: names that nobody
    confirmed; confirmed: those that are genera because somebody did. left_out: headings that are none of these.
    """

    all: tuple[str, ...]
    genera: tuple[tuple[int, str], ...]
    unnamed: tuple[int, ...]
    unknown: tuple[str, ...]
    confirmed: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def about_people(self) -> dict[str, int]:
        """Places of the columns about people."""
        return {head.casefold(): at for at, head in enumerate(self.all) if head.casefold() in ABOUT_PEOPLE}


def of(heads: Sequence[str], confirmed: Collection[str]) -> Headings:
    """What each of *heads* is; confirmed: those that somebody said are groups of organisms."""
    genera: list[tuple[int, str]] = []
    unnamed: list[int] = []
    unknown: list[str] = []
    used: list[str] = []
    left: list[str] = []
    for at, head in enumerate(heads):
        name = spelled(head)
        if head.casefold() in ABOUT_PEOPLE:
            continue
        if head.startswith(UNASSIGNED) or head.casefold() in NOBODY or (is_blank(name) and not is_summary(head)):
            unnamed.append(at)
        elif is_no_group(name) or len(name) > LONGEST_NAME:
            left.append(head)
        elif is_known(name) or name in confirmed:
            genera.append((at, name))
            used += [] if is_known(name) else [name]
        else:
            unknown.append(name)
            left.append(head)
    return Headings(
        tuple(heads), tuple(genera), tuple(unnamed), tuple(dict.fromkeys(unknown)), tuple(used), tuple(left)
    )


def findings(told: Headings) -> Iterator[Finding]:
    """What is wrong with the headings, and what whoever approves the group should know of them."""
    lower = [head.casefold() for head in told.all]
    if "person" not in lower:
        yield Finding("no_person_column", _("There is no column “person” with a code for every person."))
    for name in ABOUT_PEOPLE:
        if lower.count(name) > 1:
            yield Finding("column_twice", _("The column “%(name)s” is there twice.") % {"name": name})
    genera = Counter(name for _at, name in told.genera)
    if not genera and not told.unknown:
        yield Finding("no_genera", _("There is no column of a genus."))
    if len(genera) > MOST_GENERA:
        yield Finding("too_many_genera", _("There are more than %(n)s genera.") % {"n": MOST_GENERA})
    for name, times in genera.items():
        if times > 1:
            text = _("The genus “%(name)s” is there %(times)s times; spellings of one name count as one.")
            yield Finding("genus_twice", text % {"name": name, "times": times})
    if told.confirmed:
        text = _("Not known here, and confirmed as groups of organisms by whoever loaded the table (%(n)s): %(names)s.")
        yield Finding("names_confirmed", text % _counted(told.confirmed), blocks=False)
    if told.left_out:
        text = _("Columns of no genus that is known or was confirmed are left out (%(n)s): %(names)s.")
        yield Finding("columns_left_out", text % _counted(told.left_out), blocks=False)


def _counted(names: Sequence[str]) -> dict[str, object]:
    shown = ", ".join(f"“{name[:40]}”" for name in names[:_NAMES_SHOWN])
    return {"n": len(names), "names": f"{shown}, …" if len(names) > _NAMES_SHOWN else shown}
