"""The reading as the public contract writes it: the same JSON from the command line, the API and the page."""

from __future__ import annotations

from typing import Any

from telegut.reports.formats.invisible import all_plain, plain
from telegut.reports.formats.reading import PARSER_VERSION
from telegut.reports.plausibility import remarks
from telegut.reports.rules import Reading, Taxon
from telegut.reports.versions.content import answer_hash


def answer(reading: Reading) -> dict[str, Any]:
    """
    The names of the contract, section *Reports*.

    Besides: ``why``, ``human_…``, ``notes``, ``parser_version``, ``content_hash`` (`telegut.reports.versions.content`).
    """
    said = _said(reading)
    said |= {name: plain(said[name]) for name in ("why", "method", "notes", "warnings")}
    if not all_plain(text for taxon in reading.taxa for text in (taxon.name, taxon.lineage)):
        said["taxa"] = plain(said["taxa"])
    return {**said, "content_hash": answer_hash(said)}


def _said(reading: Reading) -> dict[str, Any]:
    profile, totals, diversity = reading.profile, reading.totals, reading.diversity
    return {
        "format": profile.format,
        "why": profile.why,
        "samples": list(profile.samples),
        "sample": profile.sample,
        "denominator": totals.denominator,
        "total_reads": totals.reads,
        "unclassified_percent": totals.unclassified_percent,
        "classified_percent": totals.classified_percent,
        "human_percent": totals.human_percent,
        "human_reads": totals.human_reads,
        "taxa": [_row(taxon) for taxon in reading.taxa],
        "method": {"database": profile.database, "pipeline": profile.pipeline, "region": profile.region},
        "diversity": {
            "rank": "genus",
            "log_base": "e",
            "shannon": diversity.shannon,
            "observed_genera": diversity.observed_genera,
            "depth": diversity.depth,
        },
        "warnings": [{"code": remark.code, "text": remark.text} for remark in remarks(reading)],
        "notes": dict(profile.notes),
        "parser_version": PARSER_VERSION,
    }


def _row(taxon: Taxon) -> dict[str, Any]:
    return {
        "name": taxon.name,
        "rank": taxon.rank,
        "taxid": taxon.taxid,
        "lineage": taxon.lineage,
        "percent": taxon.percent,
        "reads": taxon.reads,
    }
