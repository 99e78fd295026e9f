"""
The composition of a sample as bars: the largest genera, and what could not be named. Pure; no judgement in any of it.

What could not be named is always a bar, and every bar is drawn on one scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from telegut.reports.phyla import UNSTATED, Phyla, Phylum, phyla_in
from telegut.reports.rules import UNASSIGNED
from telegut.web.words import gettext as _
from telegut.web.words import ngettext

Kind = Literal["genus", "rest", "unassigned", "human", "unclassified"]


FEATURE_TABLES: Final = ("feature-table", "mothur", "qiime2", "biom")
"""Beginnings of the formats that are tables of features by samples (`telegut.reports.formats.table`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """
    One line of the composition. *length* is 0 to 100, of the longest bar; ``None`` percent is not stated.

    phylum: of a genus, for its hue and the word beside it.
    """

    kind: Kind
    name: str
    percent: float | None
    reads: int | None = None
    length: float = 0
    sentence: str = ""
    phylum: Phylum = UNSTATED

    @property
    def value(self) -> str:
        """The share in words for a label."""
        return _("not stated") if self.percent is None else share(self.percent)


def bars_of(said: dict[str, Any], most: int) -> list[Bar]:
    """The *most* largest genera of the reading *said*, what is left of them, and what could not be named."""
    genera = [row for row in said["taxa"] if row["rank"] == "genus"]
    named = [row for row in genera if not row["name"].startswith(UNASSIGNED)]
    families = {row["lineage"]: row["name"] for row in said["taxa"] if row["rank"] == "family"}
    phyla = phyla_in(said["taxa"])
    bars = [_genus(row, families, phyla, said["denominator"]) for row in named[:most]]
    if len(named) > most:
        left = named[most:]
        name = ngettext("one more genus", "%(n)s more genera", len(left))
        bars.append(Bar(kind="rest", name=name, percent=_sum(left), reads=_reads(left)))
    unassigned = [row for row in genera if row["name"].startswith(UNASSIGNED)]
    label = _("Known, but not to genus") if named else _("Known, but no genus is named")
    bars.append(Bar(kind="unassigned", name=label, percent=_sum(unassigned), reads=_reads(unassigned)))
    if said["human_percent"]:
        bars.append(Bar(kind="human", name=_("Human"), percent=said["human_percent"], reads=said["human_reads"]))
    bars.append(_unrecognised(said))
    longest = max((bar.percent or 0 for bar in bars), default=0) or 1
    return [_drawn(bar, longest) for bar in bars]


def recognised_is_told(said: dict[str, Any]) -> bool:
    """
    Whether the file tells how much was recognised. A feature table in which every feature has a name tells it not: what
    matched no reference has often been left out of it.
    """
    of_features = said["format"].startswith(FEATURE_TABLES)
    return said["unclassified_percent"] is not None and not (of_features and said["unclassified_percent"] == 0)


def _unrecognised(said: dict[str, Any]) -> Bar:
    percent = said["unclassified_percent"] if recognised_is_told(said) else None
    text = _("The lab’s list has no name for this part. That is common, and says nothing about you.") if percent else ""
    return Bar(kind="unclassified", name=_("Not recognised"), percent=percent, sentence=text)


def _drawn(bar: Bar, longest: float) -> Bar:
    return replace(bar, length=round((bar.percent or 0) / longest * 100, 2))


def _genus(row: dict[str, Any], families: dict[str, str], phyla: Phyla, denominator: str) -> Bar:
    family = next((name for lineage, name in families.items() if row["lineage"].startswith(f"{lineage}|")), None)
    return Bar(
        kind="genus",
        name=row["name"],
        percent=row["percent"],
        reads=row["reads"],
        sentence=_sentence(row["percent"], family, denominator),
        phylum=phyla.of(row["lineage"]),
    )


def _sentence(percent: float, family: str | None, denominator: str) -> str:
    """One neutral sentence: how much of the sample, in natural numbers, and which family it belongs to."""
    values = {"frequency": frequency(percent), "whole": whole_of(denominator), "family": family}
    if family is None:
        return _("It makes up %(frequency)s of %(whole)s.", **values)
    return _("It makes up %(frequency)s of %(whole)s and belongs to the family %(family)s.", **values)


def frequency(percent: float) -> str:
    """*percent* as people count: about 21 of 100, about 4 of 1,000."""
    for out_of, text in ((100, "100"), (1_000, "1,000"), (10_000, "10,000")):
        if percent / 100 * out_of >= 1:
            return _("about %(n)s in %(whole)s parts", n=int(percent / 100 * out_of + 0.5), whole=text)
    return _("less than 1 in 10,000 parts")


def share(percent: float) -> str:
    """*percent* rounded for a label: as many digits as it takes to tell small ones apart, and no more."""
    if percent == 0:
        return "0 %"
    if percent < 0.01:
        return _("under 0.01 %")
    return f"{percent:.1f} %" if percent >= 1 else f"{percent:.2f} %"


def whole_of(denominator: str) -> str:
    """What shares are shares of."""
    return {
        "all_reads": _("all reads in this file"),
        "classified_reads": _("what could be named"),
        "bacteria_reads": _("the bacteria"),
        "profile": _("this profile"),
    }[denominator]


def _sum(rows: Sequence[dict[str, Any]]) -> float:
    return float(sum(row["percent"] for row in rows))


def _reads(rows: Sequence[dict[str, Any]]) -> int | None:
    if not rows or any(row["reads"] is None for row in rows):
        return None
    return sum(int(row["reads"]) for row in rows)
