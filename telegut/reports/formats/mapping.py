"""
What a person says the columns of a table mean, and the words of ranks that labs write.

A mapping names columns by their headings, so it holds for the next file of the same laboratory. Of a table with a
column for each sample it names none of these: such headings are names of people's samples, and every column that holds
numbers and is not named is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from telegut.reports.formats.plain_table import Decimal, PlainTable, decimal_of, numeric
from telegut.reports.formats.profile import RANKS, Rank

Layout = Literal["one_column", "samples_as_columns", "taxa_as_columns"]
TaxonIs = Literal["name", "taxid", "lineage"]
RankFrom = Literal["column", "name", "one"]
Unit = Literal["counts", "percent", "fraction"]

_DOMAINS = frozenset({"bacteria", "archaea", "eukaryota", "eukarya", "viruses"})
_WORDS: dict[str, Rank] = {rank: rank for rank in RANKS}
_WORDS |= {"d": "domain", "p": "phylum", "c": "class", "o": "order", "f": "family", "g": "genus", "s": "species"}
_WORDS |= {"superkingdom": "domain", "division": "phylum", "subspecies": "strain", "t": "strain"}
_WORDS |= {"domäne": "domain", "klasse": "class", "ordnung": "order", "familie": "family", "gattung": "genus"}
_WORDS |= {"art": "species", "spezies": "species", "domaine": "domain", "embranchement": "phylum", "classe": "class"}
_WORDS |= {"ordre": "order", "famille": "family", "genre": "genus", "espèce": "species", "dominio": "domain"}
_WORDS |= {"filo": "phylum", "clase": "class", "orden": "order", "familia": "family", "género": "genus"}
_WORDS |= {"especie": "species"}
"""English, German, French and Spanish; German *Stamm* is left out, for it is a phylum and a strain."""

_TAXON_HEADS: tuple[str, ...] = ("taxon", "taxonomy", "lineage", "tax_name", "name", "genus", "species", "organism")
_TAXON_HEADS += ("gattung", "art", "bakterium", "bakterien", "espèce", "genre", "especie", "género", "microbe")
_RANK_HEADS = ("rank", "tax_rank", "level", "taxonomic rank", "rang", "rango", "taxonomy_lvl", "ebene")
_TAXID_HEADS = (
    "taxid",
    "tax_id",
    "taxonomy_id",
    "ncbi_tax_id",
    "ncbi taxid",
    "ncbi",
    "ncbi id",
    "taxon id",
    "taxon_id",
)
_SAMPLE_HEADS = ("sample", "sample_id", "sample id", "sampleid", "probe", "échantillon", "muestra", "barcode", "id")
_PERCENT_HEADS = ("percent", "%", "prozent", "anteil", "abundance", "pourcentage", "porcentaje", "relative")
_COUNT_HEADS = ("count", "reads", "anzahl", "hits", "lecturas", "lectures", "size")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """
    What the columns of a table mean.

    layout: amounts stand in one column (perhaps with a column that names the sample of each row), or in a column for
    each sample, or there is a row for each sample and a column for each group. taxon, taxid, value, sample: headings,
    empty where there is none. rank_from: a column (*rank* is its heading), the prefix of each name (``g__``), or one
    rank for all (*rank* is it); lineages carry theirs. left_out: headings of columns that are no groups, in the last
    layout. nested: rows of wider groups hold what is in the narrower ones.
    """

    layout: Layout
    taxon: str = ""
    taxon_is: TaxonIs = "name"
    rank_from: RankFrom = "one"
    rank: str = "genus"
    taxid: str = ""
    value: str = ""
    sample: str = ""
    unit: Unit = "percent"
    decimal: Decimal = "."
    nested: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def named(self) -> dict[str, str]:
        """The headings that it speaks of, by what they are."""
        rank = self.rank if self.rank_from == "column" and self.taxon_is != "lineage" else ""
        told = {"taxon": self.taxon, "rank": rank, "taxid": self.taxid, "value": self.value, "sample": self.sample}
        return {name: heading for name, heading in told.items() if heading}

    def as_dict(self) -> dict[str, Any]:
        """JSON of it; `of_dict` is the way back."""
        return asdict(self) | {"left_out": list(self.left_out)}


def of_dict(said: Mapping[str, Any]) -> ColumnMapping:
    """A mapping from its JSON; unknown names are left out."""
    known = {one.name for one in fields(ColumnMapping)}
    told = {name: value for name, value in said.items() if name in known}
    return ColumnMapping(**told | {"left_out": tuple(told.get("left_out", ()))})


def problems(mapping: ColumnMapping, headings: tuple[str, ...]) -> dict[str, str]:
    """What does not fit together, or not to *headings*: field and sentence; empty when all is well."""
    found: dict[str, str] = {}
    for name, heading in mapping.named.items():
        if heading not in headings:
            found[name] = "There is no column of this heading in the table."
    named = list(mapping.named.values())
    if len(set(named)) < len(named):
        found["taxon"] = "One column cannot mean two things."
    if mapping.layout != "taxa_as_columns" and not mapping.taxon:
        found["taxon"] = "Which column names the group?"
    if mapping.layout == "one_column" and not mapping.value:
        found["value"] = "Which column holds the amounts?"
    if mapping.layout == "taxa_as_columns" and not mapping.sample:
        found["sample"] = "Which column names the sample?"
    if mapping.layout != "one_column" and mapping.value:
        found["value"] = "In this layout the amounts are in several columns; leave this open."
    if mapping.layout == "samples_as_columns" and mapping.sample:
        found["sample"] = "In this layout the headings name the samples; leave this open."
    if mapping.taxon_is != "lineage" and mapping.rank_from == "column" and not mapping.rank:
        found["rank"] = "Which column holds the rank?"
    if mapping.taxon_is != "lineage" and mapping.rank_from == "one" and mapping.rank not in get_args(Rank):
        found["rank"] = "Which rank do all rows have?"
    if mapping.taxon_is == "taxid" and mapping.rank_from == "name":
        found["rank_from"] = "A taxid carries no rank; choose a column, or one rank for all."
    return found


def rank_of(word: str, name: str) -> Rank | None:
    """The rank that a lab's *word* means for *name*; ``None`` between the ranks or when it is not known."""
    told = word.strip().strip('"').casefold()
    if told in {"kingdom", "k", "königreich", "reich", "règne", "reino"}:
        return "domain" if name.casefold() in _DOMAINS else None
    return _WORDS.get(told)


def sample_columns(table: PlainTable, mapping: ColumnMapping) -> tuple[str, ...]:
    """In a table with a column for each sample: every column that is not named and holds numbers."""
    named = set(mapping.named.values())
    return tuple(
        heading for place, heading in enumerate(table.headings) if heading not in named and numeric(table, place)
    )


def fits(mapping: ColumnMapping, headings: tuple[str, ...], known: frozenset[str]) -> bool:
    """
    Whether a mapping that was made for *known* headings holds for a table of *headings*.

    With a column for each sample, those differ every time: what it names must be there. Otherwise all must be the same;
    with a column for each group, it is enough that what is no group is the same.
    """
    if not set(mapping.named.values()) <= set(headings):
        return False
    if mapping.layout == "one_column":
        return set(headings) == known
    return mapping.layout == "samples_as_columns" or set(mapping.left_out) <= set(headings)


def signature(mapping: ColumnMapping, headings: tuple[str, ...]) -> tuple[str, ...]:
    """The headings by which the next table is known again: none that names a person's sample, and no group."""
    if mapping.layout == "one_column":
        return tuple(sorted(headings))
    return tuple(sorted({*mapping.named.values(), *mapping.left_out}))


def guess(table: PlainTable) -> ColumnMapping:
    """A first draft from headings and cells, for a person to correct. Never applied by itself."""
    numbers = [place for place in range(len(table.headings)) if numeric(table, place)]
    texts = [place for place in range(len(table.headings)) if place not in numbers]
    heads = [heading.casefold() for heading in table.headings]
    ranks = [place for place in texts if heads[place] in _RANK_HEADS]
    taxids = [place for place in numbers if heads[place] in _TAXID_HEADS]
    taxa = [place for place in texts if place not in ranks and _among(heads[place], _TAXON_HEADS)]
    taxa = taxa or [place for place in texts if place not in ranks and heads[place] not in _SAMPLE_HEADS]
    if len(numbers) > 3 and not taxa:
        return _of_taxa(table, numbers, texts)
    taxon = taxa[0] if taxa else (taxids[0] if taxids else 0)
    samples = [place for place in texts if place != taxon and heads[place] in _SAMPLE_HEADS]
    amounts = [place for place in numbers if place not in taxids]
    percents = [place for place in amounts if _among(heads[place], _PERCENT_HEADS)]
    counts = [place for place in amounts if _among(heads[place], _COUNT_HEADS)]
    several = len(amounts) > 1 and not percents and not counts
    at = next(iter(percents or counts or amounts), None)
    cells = [row[taxon] for _, row in table.rows[:50]]
    lineage = sum(1 for cell in cells if ";" in cell or "|" in cell) * 2 > len(cells)
    prefixed = sum(1 for cell in cells if cell[1:3] == "__") * 2 > len(cells)
    return ColumnMapping(
        layout="samples_as_columns" if several else "one_column",
        taxon=table.headings[taxon],
        taxon_is="lineage" if lineage else "name" if taxa else "taxid",
        rank_from="column" if ranks else "name" if prefixed else "one",
        rank=table.headings[ranks[0]] if ranks else "species" if "species" in heads[taxon] else "genus",
        taxid=table.headings[taxids[0]] if taxids and taxa else "",
        value="" if several or at is None else table.headings[at],
        sample=table.headings[samples[0]] if samples and not several else "",
        unit="counts" if not percents and at is not None and _whole(table, at) else "percent",
        decimal=decimal_of(table, amounts),
        nested=bool(ranks) or (lineage and _has_parents(table, taxon)),
    )


def _of_taxa(table: PlainTable, numbers: list[int], texts: list[int]) -> ColumnMapping:
    lineage = sum(1 for place in numbers if ";" in table.headings[place]) * 2 > len(numbers)
    prefixed = any(table.headings[place][1:3] == "__" for place in numbers)
    first = texts[0] if texts else 0
    return ColumnMapping(
        layout="taxa_as_columns",
        taxon_is="lineage" if lineage else "name",
        rank_from="name" if prefixed else "one",
        sample=table.headings[first],
        unit="counts" if _whole(table, numbers[-1]) else "percent",
        decimal=decimal_of(table, numbers),
        left_out=tuple(table.headings[place] for place in texts if place != first),
    )


def _has_parents(table: PlainTable, taxon: int) -> bool:
    """Whether most lineages have a row for the group above them."""
    cells = [re.sub(r"\s*([;|])\s*", r"\1", row[taxon].strip().strip('";|')) for _, row in table.rows[:200]]
    above = [cell.replace("|", ";").rpartition(";")[0] for cell in cells]
    there = {cell.replace("|", ";") for cell in cells}
    return sum(1 for one in above if one in there) * 2 > sum(1 for one in above if one)


def _among(heading: str, words: tuple[str, ...]) -> bool:
    return any(word in heading for word in words)


def _whole(table: PlainTable, place: int) -> bool:
    return all(row[place].strip().isdigit() or not row[place].strip() for _, row in table.rows[:200])
