"""
uBiome's files (the company closed in 2019): counts on NCBI's tree, as JSON or as a table.

``{"ubiome_bacteriacounts": [{"taxon", "parent", "count", "count_norm", "tax_name", "tax_rank"}]}``; files of 2014 write
numbers as text. ``count_norm`` is per million of Bacteria, and so are our shares: of the reads of Bacteria. There is
neither a date nor a body site in old files; private ``notes`` are left where they are.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any

from telegut.reports.formats.kraken_ranks import BACTERIA_TAXID
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.numbers import count
from telegut.reports.formats.profile import Clade, Profile, Rank, is_blank
from telegut.reports.formats.refusals import DamagedFile, NothingClassified, ReportTooLarge, UnknownSample

_RANKS: dict[str, Rank] = {
    "superkingdom": "domain",
    "domain": "domain",
    "phylum": "phylum",
    "class": "class",
    "order": "order",
    "family": "family",
    "genus": "genus",
    "species": "species",
}
_COLUMNS = {"tax_name", "tax_rank", "count", "taxon", "parent"}


def recognise_table(lines: Sequence[str]) -> str | None:
    """Why *lines* are uBiome's table, in words for a person; ``None`` when they are not."""
    heads = {cell.strip().strip('"') for cell in (lines[0] if lines else "").split(",")}
    return "the columns are headed tax_name, tax_rank, count …, as uBiome did" if heads >= _COLUMNS else None


def recognise_document(document: object) -> str | None:
    """Why a JSON *document* is uBiome's, in words for a person; ``None`` when it is not."""
    known = isinstance(document, dict) and isinstance(document.get("ubiome_bacteriacounts"), list)
    return "it holds ubiome_bacteriacounts, as uBiome's downloads do" if known else None


def read_table(lines: Sequence[str], sample: str | None, limits: Limits) -> Profile:
    """
    The one sample of a uBiome table.

    Raises:
        NothingClassified, DamagedFile, ReportTooLarge, UnknownSample: as they say.
    """
    try:
        rows = list(csv.DictReader(lines))
    except csv.Error as exc:
        raise DamagedFile("The commas and quotes of this table do not fit together.") from exc
    return _profile("ubiome-csv", recognise_table(lines) or "", rows, sample, limits)


def read_document(document: Mapping[str, Any], sample: str | None, limits: Limits) -> Profile:
    """
    The one sample of a uBiome download.

    Raises:
        NothingClassified, DamagedFile, ReportTooLarge, UnknownSample: as they say.
    """
    rows = document["ubiome_bacteriacounts"]
    return _profile("ubiome-json", recognise_document(document) or "", rows, sample, limits)


def _profile(form: str, why: str, rows: Sequence[Any], sample: str | None, limits: Limits) -> Profile:
    if sample is not None:
        raise UnknownSample("A uBiome file holds one sample and does not name it.")
    if len(rows) > limits.rows:
        raise ReportTooLarge(f"The file has more than {limits.rows:,} rows.")
    entries = _entries(rows, limits)
    clades = _clades(entries, limits)
    if not any(clade.rank and clade.amount > 0 for clade in clades):
        raise NothingClassified
    return Profile(
        format=form,
        why=why,
        samples=(),
        sample=None,
        pipeline="uBiome",
        database=None,
        region="amplicon",  # V4 of the 16S gene, says the company's paper: PLoS ONE 2017;12:e0176555
        in_reads=True,
        clades=clades,
        total_reads=None,
        unclassified=None,
        of_bacteria=entries.get(BACTERIA_TAXID, (0, 0))[1] > 0,
    )


def _entries(rows: Sequence[Any], limits: Limits) -> dict[int, tuple[int, int, str, str]]:
    """By taxid: the parent, the reads at and below it, its name and the written rank."""
    found: dict[int, tuple[int, int, str, str]] = {}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise DamagedFile(f"Entry {number} is no entry of a uBiome file.")
        taxid, parent, reads = (count(str(row.get(name, ""))) for name in ("taxon", "parent", "count"))
        name = str(row.get("tax_name") or "")
        if taxid is None or parent is None or reads is None or taxid in found or len(name) > limits.name_characters:
            raise DamagedFile(f"Entry {number} is incomplete, or repeats one that was there before.")
        found[taxid] = parent, reads, name, str(row.get("tax_rank") or "")
    return found


def _clades(entries: Mapping[int, tuple[int, int, str, str]], limits: Limits) -> tuple[Clade, ...]:
    children: dict[int | None, list[int]] = {}
    for taxid, (parent, _, _, _) in entries.items():
        children.setdefault(parent if parent in entries and parent != taxid else None, []).append(taxid)
    clades: list[Clade] = []
    waiting: list[tuple[int, int | None, int]] = [(top, None, 0) for top in reversed(children.get(None, []))]
    while waiting:
        taxid, above, depth = waiting.pop()
        if depth > limits.depth:
            raise ReportTooLarge(f"The tree is deeper than {limits.depth} steps.")
        _, reads, name, rank = entries[taxid]
        below = children.get(taxid, [])
        own = reads - sum(entries[child][1] for child in below)
        if own < 0:
            raise DamagedFile("A group of this file has fewer reads than what belongs to it.")
        clades.append(_clade(name, _RANKS.get(rank), taxid, above, clades, reads, own))
        waiting += [(child, len(clades) - 1, depth + 1) for child in reversed(below)]
    if len(clades) < len(entries):
        raise DamagedFile("Some groups of this file are each other's parents.")
    return tuple(clades)


def _clade(
    name: str, rank: Rank | None, taxid: int, parent: int | None, clades: Sequence[Clade], reads: int, own: int
) -> Clade:
    above = clades[parent].lineage if parent is not None else ""
    shown = "" if rank is None or is_blank(name) else name
    lineage = f"{above}|{name}".lstrip("|") if shown else above
    return Clade(shown, rank if shown else None, taxid, lineage, parent, reads, own, reads)
