"""
Whether two samples were measured the same way: the gate before any comparison over time.

What a file states comes first; what it leaves open may be stated by people. What nobody states is not the same as
anything. Source: one stool, 21 kits, 7 companies differed as much as people do (Servetas et al., Commun Biol 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from telegut.reports.change.reasons import Reason
from telegut.reports.taxonomy.databases import Database, database_of
from telegut.web.words import gettext as _

_REGION = re.compile(r"\bv ?([1-9])(?: ?[-–/] ?v? ?([1-9]))?\b", re.IGNORECASE)
_SHOTGUN = re.compile(r"shotgun|whole.?(?:meta)?genome|\bwgs\b|^none\b", re.IGNORECASE)
_VERSION = re.compile(r"(metaphlan|kraken|mothur)\D{0,3}([1-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Method:
    """region: ``shotgun`` or such as ``V4``; family: of the analysis, in small letters. ``None`` is not stated."""

    region: str | None
    family: str | None
    database: Database | None


def method_of(answer: Mapping[str, Any], metadata: Mapping[str, Any]) -> Method:
    """How a sample was measured."""
    stated = answer["method"]
    family = _family(stated.get("pipeline") or metadata.get("pipeline"))
    database = database_of(stated.get("database") or metadata.get("database"))
    if family == "metaphlan 2" and database is None:
        database = database_of("mpa_v20_m200")  # the one marker set of MetaPhlAn 2, which its files do not name
    return Method(_region(stated.get("region"), metadata), family, database)


def _region(stated: str | None, metadata: Mapping[str, Any]) -> str | None:
    for text in (stated, metadata.get("region"), metadata.get("amplification")):
        if not text:
            continue
        if _SHOTGUN.search(text):
            return "shotgun"
        if found := _REGION.search(text):
            return f"V{found[1]}-V{found[2]}" if found[2] and found[2] != found[1] else f"V{found[1]}"
    return None


def _family(text: str | None) -> str | None:
    said = " ".join((text or "").casefold().split())
    found = _VERSION.search(said)
    return f"{found[1]} {found[2]}" if found else said or None


def reasons(later: Method, earlier: Method) -> Iterator[Reason]:
    """Why *later* and *earlier* may not be compared; nothing when they were measured the same way."""
    pairs = (
        (_("the region of the gene"), later.region, earlier.region),
        (_("the analysis"), later.family, earlier.family),
        (_("the reference database"), _name(later.database), _name(earlier.database)),
    )
    for what, now, before in pairs:
        if now is None or before is None:
            yield Reason("method_not_stated", _("%(what)s is not stated for both samples.") % {"what": _capital(what)})
    for what, now, before in pairs:
        if now is not None and before is not None and now != before:
            text = _("the method differs: %(what)s is %(now)s now and was %(before)s.")
            yield Reason("method_differs", _capital(text % {"what": what, "now": now, "before": before}))


def handled_differently(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> Iterator[Reason]:
    """The same for what only people state: another laboratory, kit or extraction is another method."""
    named = (("laboratory", _("the laboratory")), ("kit", _("the kit")), ("extraction", _("the DNA extraction")))
    for field, what in named:
        now, before = _plain(later.get(field)), _plain(earlier.get(field))
        if now and before and now != before:
            yield Reason(
                "method_differs", _capital(_("the method differs: %(what)s is not the same.") % {"what": what})
            )


def _name(database: Database | None) -> str | None:
    return None if database is None or database.version is None else f"{database.scheme} {database.version}"


def _plain(value: object) -> str:
    return re.sub(r"\W+", " ", str(value or "").casefold()).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
