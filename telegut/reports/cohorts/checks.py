"""
What is checked of a control group's people together (domain research 4.4): nobody is there twice, depths are
comparable, there are enough, and nothing was added to the numbers. Pure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from telegut.reports.rules import FEWEST_READS
from telegut.web.words import gettext as _

FEWEST_PEOPLE = 5
"""Of fewer nothing could ever be shown."""
SUM_IS_SMALL = 20.0
WHOLE = 99.0
"""Percent of a sample that its columns account for; the rest is rounding."""
DEPTHS_MAY_DIFFER = 10.0
"""The deepest sample over the shallowest. A convention: rare genera are missed in the shallow ones."""
PSEUDOCOUNTS_FROM = 20
"""Genera; a table of at least so many with no zero anywhere has had something added to every cell."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. blocks: with it the table is not taken; otherwise whoever approves the group sees it."""

    code: str
    text: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """
    One row. *amounts* are in percent of the sample. accounted: how much of it all columns name together, those that
    are no genus as well; ``None`` where nobody says how much there was.
    """

    code: str
    age: float | None
    sex: str
    reads: int | None
    patient: UUID | None
    consented: bool
    amounts: tuple[float, ...]
    accounted: float | None = None

    @property
    def coded(self) -> UUID | None:
        """The id that the code itself is; it may be a patient's of this clinic."""
        try:
            return UUID(self.code)
        except ValueError:
            return None

    @property
    def is_whole(self) -> bool:
        """Whether everything in the sample has a column, so that a genus without one was not there."""
        return self.accounted is not None and self.accounted >= WHOLE


def checks(people: Sequence[Person], genera: Sequence[str]) -> Iterator[Finding]:
    """Every finding about the whole of *people*, whose amounts are of *genera*."""
    if len(people) < FEWEST_PEOPLE:
        text = _("There are %(n)s people; of fewer than %(few)s nothing can be shown without pointing at somebody.")
        yield Finding("too_few_people", text % {"n": len(people), "few": FEWEST_PEOPLE})
    yield from _twice(people)
    yield from _depths(people)
    if len(genera) >= PSEUDOCOUNTS_FROM and all(amount > 0 for one in people for amount in one.amounts):
        text = _("Every genus has an amount in every person: something was added to all of them (pseudocounts).")
        yield Finding("pseudocounts", text)
    partly = sum(not one.is_whole for one in people)
    if partly:
        text = _(
            "In %(n)s people the columns, with those of no genus, are not known to be the whole sample (%(whole)s %% "
            "or more): a genus without a column is not compared, and diversity has no position."
        )
        yield Finding("not_whole", text % {"n": partly, "whole": f"{WHOLE:g}"}, blocks=False)
    small = sum(math.fsum(one.amounts) < SUM_IS_SMALL for one in people)
    if small:
        text = _("In %(n)s people the named genera add up to less than %(least)s %% of the sample.")
        yield Finding("small_sums", text % {"n": small, "least": f"{SUM_IS_SMALL:g}"}, blocks=False)


def _twice(people: Sequence[Person]) -> Iterator[Finding]:
    for code, times in Counter(one.code.casefold() for one in people).items():
        if times > 1:
            text = _("The person “%(code)s” is there %(times)s times.")
            yield Finding("person_twice", text % {"code": code[:60], "times": times})
    for patient, times in Counter(one.patient for one in people if one.patient).items():
        if times > 1:
            yield Finding("person_twice", _("The patient %(id)s is there twice.") % {"id": patient})
    alike: dict[tuple[float, ...], str] = {}
    for one in people:
        other = alike.setdefault(one.amounts, one.code)
        if other.casefold() != one.code.casefold():
            text = _("“%(one)s” and “%(other)s” have exactly the same values: one sample under two codes?")
            yield Finding("same_values", text % {"one": one.code[:60], "other": other[:60]})


def _depths(people: Sequence[Person]) -> Iterator[Finding]:
    reads = [one.reads for one in people if one.reads is not None]
    if len(reads) < len(people):
        text = _(
            "The number of reads is not stated for everybody, so it cannot be told whether the depths are comparable."
        )
        yield Finding("depth_not_stated", text, blocks=False)
    elif min(reads) < FEWEST_READS:
        text = _("At least one sample has fewer than %(n)s reads, too few to say anything.")
        yield Finding("too_shallow", text % {"n": f"{FEWEST_READS:,}"})
    elif max(reads) > DEPTHS_MAY_DIFFER * min(reads):
        text = _("Depths are not comparable: from %(least)s to %(most)s reads. Cut all samples to one number first.")
        yield Finding("depths_differ", text % {"least": f"{min(reads):,}", "most": f"{max(reads):,}"})
