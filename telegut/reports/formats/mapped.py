"""
Reads a table by what a person said its columns mean.

Every row is read or refused by its number; none is dropped in silence: what stands between the ranks, what is given as
"less than so much", what nobody was recognised in, and what is left out (ratios and scores, and names that nobody knows
or confirmed: `mapped_names`) are told in the notes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.mapped_names import Entry, excerpt_of_names, is_nobody, sort
from telegut.reports.formats.mapping import ColumnMapping, guess, problems, rank_of, sample_columns
from telegut.reports.formats.named import Amount, clades_of, species_alone
from telegut.reports.formats.no_groups import is_no_group
from telegut.reports.formats.plain_table import PlainTable, is_below, number
from telegut.reports.formats.profile import LEFT_OUT, Clade, Profile, Rank, is_blank, readable
from telegut.reports.formats.refusals import (
    ChooseSample,
    DamagedFile,
    MappingDoesNotFit,
    NothingClassified,
    ReportTooLarge,
    UnknownSample,
)
from telegut.reports.formats.taxonomy import parts_of
from telegut.reports.formats.tree import Tree

FORMAT = "mapped-table"
_SHOWN_ROWS = 12
_SHOWN_COLUMNS = 60
_SHOWN_CHARACTERS = 400
"""Of a cell; a lineage down to a strain has some 250, and the preview reads it from here."""
_OVER_PERCENT = 101.5
"""A point and a half over the whole: labs round every row, some to one digit."""


def excerpt(table: PlainTable) -> dict[str, Any]:
    """The first rows of a table for a person who says what it is, and a draft of the mapping; JSON."""
    heads = table.headings[:_SHOWN_COLUMNS]
    rows = [[cell[:_SHOWN_CHARACTERS] for cell in row[:_SHOWN_COLUMNS]] for _, row in table.rows[:_SHOWN_ROWS]]
    return {
        "separator": table.separator,
        "line": table.line,
        "headings": list(heads),
        "columns": len(table.headings),
        "lines": [number for number, _ in table.rows[:_SHOWN_ROWS]],
        "rows": rows,
        "rows_in_all": len(table.rows),
        "draft": guess(table).as_dict(),
        "asked": excerpt_of_names(table),
    }


def of_excerpt(said: Mapping[str, Any]) -> PlainTable:
    """The part of the table that an `excerpt` holds."""
    rows = tuple((line, tuple(row)) for line, row in zip(said["lines"], said["rows"], strict=True))
    return PlainTable(said["separator"], said["line"], tuple(said["headings"]), rows)


def read(
    table: PlainTable,
    mapping: ColumnMapping,
    name: str,
    sample: str | None,
    limits: Limits,
    confirmed: Collection[str] = (),
) -> Profile:
    """
    The chosen sample of *table*. name: what the mapping is called, for the provenance. confirmed: names that are not
    known and that a person said are groups of organisms; others that are not known are left out.

    Raises:
        MappingDoesNotFit: a column that it names is not there.
        ChooseSample, UnknownSample, DamagedFile, NothingClassified, ReportTooLarge: as they say.
    """
    wrong = problems(mapping, table.headings)
    if wrong:
        raise MappingDoesNotFit(f"The description does not fit this table: {next(iter(wrong.values()))}")
    why = f"a person said what its columns mean ({name})"
    chosen = _choose(samples_of(table, mapping, limits), sample, why)
    found = sort(list(entries(table, mapping, chosen)), mapping, confirmed)
    rows = found.taken
    bad = next((one for one in rows if one.problem), None)
    if bad is not None:
        raise DamagedFile(f"Line {bad.line}: {bad.problem}")
    _check_unit(rows, mapping)
    scale = 100.0 if mapping.unit == "fraction" else 1.0
    in_reads = mapping.unit == "counts"
    unnamed = sum(one.value for one in rows if is_nobody(one)) * scale
    told = [one for one in rows if one.value > 0 and not is_nobody(one)]
    clades = _clades(told, mapping, scale, limits)
    if not clades:
        raise NothingClassified
    named = sum(clade.amount for clade in clades if clade.parent is None)
    stated = any(is_nobody(one) for one in rows)
    return Profile(
        format=FORMAT,
        why=why,
        samples=samples_of(table, mapping, limits),
        sample=chosen,
        pipeline=None,
        database=None,
        region=None,
        in_reads=in_reads,
        clades=clades,
        total_reads=round(named + unnamed) if in_reads and stated else None,
        unclassified=(round(unnamed) if in_reads else unnamed) if stated else None,
        genera_from_names=mapping.taxon_is != "lineage" and species_alone(_amounts(told, scale)),
        notes=_notes(rows, name, left_out=found.no_groups) | found.notes(confirmed, mapping),
    )


def samples_of(table: PlainTable, mapping: ColumnMapping, limits: Limits) -> tuple[str, ...]:
    """The names of the samples; none when the table names none."""
    if mapping.layout == "samples_as_columns":
        names = sample_columns(table, mapping)
    elif mapping.sample:
        at = table.headings.index(mapping.sample)
        names = tuple(dict.fromkeys(row[at].strip() for _, row in table.rows if row[at].strip()))
    else:
        return ()
    if len(names) > limits.samples:
        raise ReportTooLarge(f"The table holds more than {limits.samples:,} samples.")
    if not names:
        raise MappingDoesNotFit("With this description no column and no row of the table is a sample.")
    return names


def entries(table: PlainTable, mapping: ColumnMapping, sample: str | None) -> Iterator[Entry]:
    """What the table says of *sample*, in its order."""
    if mapping.layout == "taxa_as_columns":
        yield from _across(table, mapping, sample)
        return
    places = {name: table.headings.index(heading) for name, heading in mapping.named.items()}
    value = table.headings.index(sample or "") if mapping.layout == "samples_as_columns" else places["value"]
    for line, row in table.rows:
        if mapping.layout == "one_column" and sample is not None and row[places["sample"]].strip() != sample:
            continue
        rank = row[places["rank"]] if "rank" in places else ""
        taxid = row[places["taxid"]] if "taxid" in places else ""
        yield _entry(line, row[places["taxon"]], rank, taxid, row[value], sample or "", mapping)


def _across(table: PlainTable, mapping: ColumnMapping, sample: str | None) -> Iterator[Entry]:
    at = table.headings.index(mapping.sample)
    skipped = {mapping.sample, *mapping.left_out}
    found = [(line, row) for line, row in table.rows if row[at].strip() == sample]
    if len(found) > 1:
        raise DamagedFile(f"Lines {found[0][0]} and {found[1][0]} name the same sample.")
    for line, row in found:
        for heading, cell in zip(table.headings, row, strict=True):
            if heading not in skipped:
                yield _entry(line, heading, "", "", cell, sample or "", mapping)


def _entry(line: int, taxon: str, rank: str, taxid: str, cell: str, sample: str, mapping: ColumnMapping) -> Entry:
    name, told, problem = _named(taxon.strip().strip('"').strip(), rank, mapping)
    number_of = _taxid(taxon if mapping.taxon_is == "taxid" else taxid)
    below = is_below(cell)
    value = 0.0 if below else number(cell, mapping.decimal)
    if value is None:
        problem = f"there is no number where the amount should be: {cell.strip()[:40]!r}."
    if mapping.taxon_is == "taxid" and number_of is None and not is_blank(name):
        problem = f"there is no taxid where one should be: {taxon.strip()[:40]!r}."
    return Entry(line, name, told, number_of, sample, value or 0.0, below, problem, taxon)


def _named(taxon: str, rank: str, mapping: ColumnMapping) -> tuple[str, Rank | None, str]:
    """Name, rank and what is wrong, of what stands in the column of groups."""
    if mapping.taxon_is == "lineage":
        return taxon, None, ""
    name = taxon
    if mapping.taxon_is == "taxid":
        name = "" if _taxid(taxon) is None else f"taxid {taxon}"
    if mapping.rank_from == "column":
        return _clean(name), rank_of(rank, name), ""
    if mapping.rank_from == "one":
        return _clean(name), rank_of(mapping.rank, name), ""
    letter, mark, rest = name.partition("__")
    if not mark and not is_blank(name):
        return name, None, f"the name has no prefix such as g__ that tells its rank: {name[:40]!r}."
    return _clean(rest), rank_of(letter, rest), ""


def _clean(name: str) -> str:
    return "" if is_blank(name) and not is_no_group(name) else readable(name)


def _taxid(text: str) -> int | None:
    told = text.strip().strip('"').removesuffix(".0")
    return int(told) if told.isascii() and told.isdigit() and 0 < len(told) < 16 else None


def _choose(samples: tuple[str, ...], sample: str | None, why: str) -> str | None:
    if sample is not None and sample not in samples:
        raise UnknownSample(f"There is no sample of that name in the file. The names in it: {', '.join(samples)}")
    if sample is None and len(samples) > 1:
        raise ChooseSample(samples, FORMAT, why)
    return sample if sample is not None else samples[0] if samples else None


def _check_unit(rows: Sequence[Entry], mapping: ColumnMapping) -> None:
    most = {"counts": 1e15, "percent": _OVER_PERCENT, "fraction": _OVER_PERCENT / 100}[mapping.unit]
    for one in rows:
        if one.value > most or (mapping.unit == "counts" and one.value != int(one.value)):
            what = {"counts": "counts", "percent": "percentages", "fraction": "fractions of 1"}[mapping.unit]
            raise DamagedFile(f"Line {one.line}: {one.value:g} does not fit a column of {what}.")


def _clades(rows: Sequence[Entry], mapping: ColumnMapping, scale: float, limits: Limits) -> tuple[Clade, ...]:
    in_reads = mapping.unit == "counts"
    if any(len(one.taxon) > limits.name_characters for one in rows):
        raise ReportTooLarge("A name is longer than any taxonomy's.")
    if mapping.taxon_is != "lineage":
        amounts = _amounts(rows, scale)
        _check_whole(amounts, mapping)
        return clades_of(amounts, in_reads=in_reads, nested=mapping.nested)
    told = [(parts_of(one.taxon, limits), one) for one in rows]
    lost = next((one for parts, one in told if not parts), None)
    if lost is not None:
        raise DamagedFile(f"Line {lost.line}: this lineage does not tell its ranks: {lost.taxon[:60]!r}.")
    own = {parts[-1].written: 0.0 for parts, _ in told}
    for parts, one in told:
        own[parts[-1].written] += one.value * scale
        above = next((part.written for part in reversed(parts[:-1]) if part.written in own), None)
        if mapping.nested and above is not None:
            own[above] -= one.value * scale
    tree = Tree()
    for parts, one in told:
        left = own.pop(parts[-1].written, None)
        if left is not None:
            tree.add(parts, max(left, 0.0), one.taxid)
    clades = tree.clades(in_reads=in_reads)
    _check_sum(sum(clade.amount for clade in clades if clade.parent is None), mapping)
    return clades


def _amounts(rows: Sequence[Entry], scale: float) -> list[Amount]:
    return [Amount(one.taxon, one.rank, one.value * scale, one.taxid, one.taxon) for one in rows]


def _check_whole(amounts: Sequence[Amount], mapping: ColumnMapping) -> None:
    sums: dict[object, float] = {}
    for one in amounts:
        key = one.rank if mapping.nested else "all"
        sums[key] = sums.get(key, 0.0) + one.amount
    _check_sum(max(sums.values(), default=0.0), mapping)


def _check_sum(total: float, mapping: ColumnMapping) -> None:
    if mapping.unit != "counts" and total > _OVER_PERCENT:
        raise DamagedFile(
            f"Together the rows are {total:.1f} % of the sample. Perhaps wider groups hold the narrower ones in this "
            "table, or the amounts are something else."
        )


def _notes(rows: Sequence[Entry], name: str, *, left_out: int) -> dict[str, str]:
    said = {"columns described by": name}
    if left_out:
        said[LEFT_OUT] = f"{left_out} rows"
    below = sum(1 for one in rows if one.below)
    between = sum(1 for one in rows if one.value > 0 and one.rank is None and not is_nobody(one))
    if below:
        said["given only as less than so much"] = f"{below} rows, read as not found"
    if between and not any(";" in one.taxon or "|" in one.taxon for one in rows):
        said["between the ranks, or of an unknown rank"] = f"{between} rows"
    return said
