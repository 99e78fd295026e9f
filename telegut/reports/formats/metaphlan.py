"""
MetaPhlAn 2, 3 and 4 profiles, single and merged: percentages on lineages such as ``k__Bacteria|p__Bacillota``.

What differs between versions, and how it is read:

* the header: ``#clade_name NCBI_tax_id relative_abundance additional_species`` (3, 4); five columns with
  ``clade_taxid … coverage estimated_number_of_reads_from_the_clade`` (``-t rel_ab_w_read_stats``); ``#SampleID NAME``
  alone (2); one column a sample (merged). Columns are found by their names.
* ``UNKNOWN`` (3) or ``UNCLASSIFIED`` (4) is a row; without it the unclassified share is not known.
* a sample's name may stand in either column of the ``#SampleID  Metaphlan_Analysis`` line, or nowhere.
* ranks may be missing in a lineage, blank (``g__``), or only named after their parent (``g__X_unclassified``).

Source: MetaPhlAn's manual, "Output files", and ``utils_and_scripts/merge_metaphlan_tables.py`` (versions 2.0 to 4.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.lineages import Lineages, Row
from telegut.reports.formats.numbers import amount, count
from telegut.reports.formats.profile import Profile
from telegut.reports.formats.refusals import ChooseSample, DamagedFile, NothingClassified, ReportTooLarge, UnknownSample

_DATABASE = re.compile(r"#\s*(mpa_v[A-Za-z0-9_.-]+)\s*$")
_READS = re.compile(r"#\s*([0-9]{1,15}) reads processed\s*$")
_LINEAGE = re.compile(r"[kdpcofgst]__[^\t]*")
_UNCLASSIFIED = {"UNKNOWN", "UNCLASSIFIED"}
_CLADE_HEADINGS = {"clade_name", "#clade_name", "ID", "#ID", "Taxon", "#Taxon"}
_TAXID_HEADINGS = {"NCBI_tax_id", "clade_taxid"}
_UNNAMED = {"SampleID", "Metaphlan_Analysis", "Metaphlan2_Analysis", ""}


@dataclass(slots=True)
class _Header:
    """What the lines before the first lineage say."""

    database: str | None = None
    reads: int | None = None
    command: str | None = None
    columns: list[str] | None = None
    sample: str | None = None
    old_layout: bool = False
    first_row: int = 0
    why: list[str] = field(default_factory=list)


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a MetaPhlAn profile, in words for a person; ``None`` when they are not."""
    header = _read_header(lines)
    rows = [line.split("\t") for line in lines[header.first_row : header.first_row + 20] if line.strip()]
    looks_so = any(_is_lineage(row[0]) and len(row) > 1 for row in rows) or any(row[0] in _UNCLASSIFIED for row in rows)
    only_a_header = bool(header.columns) and bool(header.database) and not rows
    if not (looks_so or only_a_header):
        return None
    said = [*header.why]
    if any(_is_lineage(row[0]) for row in rows):
        said.append("rows are lineages such as k__Bacteria|p__… with percentages")
    elif not header.why:
        return None
    return "; ".join(said)


def read(lines: Sequence[str], sample: str | None, limits: Limits) -> Profile:
    """
    The chosen sample of a MetaPhlAn file.

    Raises:
        ChooseSample, UnknownSample: there are several, or none of that name.
        NothingClassified, DamagedFile, ReportTooLarge: as they say.
    """
    header = _read_header(lines)
    why = recognise(lines) or ""
    layout = _layout(header, lines, limits)
    column = _choose(layout, sample, _format(header, layout), why)
    lineages = Lineages(limits)
    unclassified: float | None = None
    for number, cells in _rows(lines, header.first_row, limits):
        value = _value(cells, column, number)
        if cells[0] in _UNCLASSIFIED:
            unclassified = (unclassified or 0.0) + value
        elif value > 0 or layout.single:
            lineages.add(_row(cells, layout, value, number))
    if not lineages:
        raise NothingClassified
    return Profile(
        format=_format(header, layout),
        why=why,
        samples=layout.samples,
        sample=layout.sample_at(column),
        pipeline=_pipeline(header),
        database=header.database,
        region="shotgun",  # MetaPhlAn reads markers out of whole genomes; there is no amplicon mode
        in_reads=False,
        clades=lineages.clades(),
        total_reads=header.reads,
        unclassified=unclassified,
        notes={"command": header.command} if header.command else {},
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in a row."""

    single: bool
    first_value: int
    taxid: int | None
    reads: int | None
    samples: tuple[str, ...]

    def sample_at(self, column: int) -> str | None:
        if self.single:
            return self.samples[0] if self.samples else None
        return self.samples[column - self.first_value]


def _read_header(lines: Sequence[str]) -> _Header:
    header = _Header()
    for number, line in enumerate(lines):
        cells = [cell.strip() for cell in line.rstrip("\n").split("\t")]
        if not line.strip():
            continue
        if cells[0] in _CLADE_HEADINGS and len(cells) > 1:
            header.columns = cells
            header.why.append(f"the columns are headed {cells[0].lstrip('#')}, {cells[1]} …")
        elif not line.startswith("#"):
            header.first_row = number
            return header
        else:
            _read_comment(header, line, cells)
    header.first_row = len(lines)
    return header


def _read_comment(header: _Header, line: str, cells: list[str]) -> None:
    if found := _DATABASE.match(line):
        header.database = found[1]
        header.why.append(f"the first lines name the MetaPhlAn database {found[1]}")
    elif found := _READS.match(line):
        header.reads = int(found[1])
    elif (len(cells) == 2 and cells[1].startswith("Metaphlan")) or cells[0] == "#SampleID":
        names = [name for name in (cells[1] if len(cells) > 1 else "", cells[0][1:]) if name not in _UNNAMED]
        header.sample = names[0] if names else None
        header.old_layout = len(cells) > 1 and cells[1].startswith("Metaphlan2")
        header.why.append("a line names the sample as MetaPhlAn does")
        if len(cells) > 2:
            header.columns = ["#clade_name", *cells[1:]]  # merged by version 2's script
    elif "metaphlan" in line.lower():
        header.command = line.lstrip("# ").strip()


def _layout(header: _Header, lines: Sequence[str], limits: Limits) -> _Layout:
    columns = header.columns
    if columns is None:
        return _layout_without_columns(header, lines)
    taxid = next((place for place, name in enumerate(columns) if name in _TAXID_HEADINGS), None)
    named = (header.sample,) if header.sample else ()
    if "relative_abundance" in columns:
        reads = next((at for at, name in enumerate(columns) if name.startswith("estimated_number_of_reads")), None)
        return _Layout(True, columns.index("relative_abundance"), taxid, reads, named)
    first = 1 if taxid is None else taxid + 1
    samples = tuple(columns[first:])
    if len(samples) > limits.samples:
        raise ReportTooLarge(f"The table holds more than {limits.samples:,} samples.")
    if not samples or len(set(samples)) < len(samples) or "" in samples:
        raise DamagedFile("The samples of this table have no names, or two have the same name.")
    return _Layout(False, first, taxid, None, samples)


def _layout_without_columns(header: _Header, lines: Sequence[str]) -> _Layout:
    """Version 2 (lineage, percent) and tables that lost their header (lineage, taxids, percent)."""
    named = (header.sample,) if header.sample else ()
    cells = next((line.split("\t") for line in lines[header.first_row :] if _is_lineage(line)), ["", ""])
    with_taxids = len(cells) > 2 and amount(cells[2]) is not None and re.fullmatch(r"[0-9|]*", cells[1].strip())
    if not with_taxids and len(cells) > 2 and amount(cells[2]) is not None:
        raise DamagedFile("The table has several columns and no line that names them.")
    return _Layout(True, 2 if with_taxids else 1, 1 if with_taxids else None, None, named)


def _choose(layout: _Layout, sample: str | None, form: str, why: str) -> int:
    """The column of the chosen sample."""
    if sample is not None and sample not in layout.samples:
        there = ", ".join(layout.samples) if layout.samples else "none: the file does not name its sample"
        raise UnknownSample(f"There is no sample of that name in the file. The names in it: {there}")
    if layout.single or len(layout.samples) == 1:
        return layout.first_value
    if sample is None:
        raise ChooseSample(layout.samples, form, why)
    return layout.first_value + layout.samples.index(sample)


def _rows(lines: Sequence[str], first: int, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Line numbers (from 1) and cells of everything that is no comment."""
    rows = 0
    for number, line in enumerate(lines[first:], start=first + 1):
        if not line.strip() or line.startswith("#"):
            continue
        rows += 1
        if rows > limits.rows:
            raise ReportTooLarge(f"The file has more than {limits.rows:,} rows.")
        yield number, line.split("\t")


def _value(cells: list[str], column: int, number: int) -> float:
    value = amount(cells[column]) if column < len(cells) else None
    if value is None:
        raise DamagedFile(f"Line {number} has no number where the percentage should be.")
    if value > 100.5:  # a share of the whole; half a point for labs that round
        raise DamagedFile(f"Line {number} has {value:g} where a percentage should be: these are not percentages.")
    return value


def _row(cells: list[str], layout: _Layout, value: float, number: int) -> Row:
    lineage = cells[0].strip()
    if not _is_lineage(lineage):
        raise DamagedFile(f"Line {number} does not begin with a lineage such as k__Bacteria|p__…")
    taxids = cells[layout.taxid].strip() if layout.taxid is not None and layout.taxid < len(cells) else ""
    reads = count(cells[layout.reads]) if layout.reads is not None and layout.reads < len(cells) else None
    return Row(lineage, taxids, value, reads, number)


def _is_lineage(text: str) -> bool:
    return _LINEAGE.match(text) is not None


def _format(header: _Header, layout: _Layout) -> str:
    name = {2: "metaphlan-2", 3: "metaphlan-3", 4: "metaphlan-4"}.get(_version(header) or 0, "metaphlan")
    return name if layout.single else f"{name}-merged"


def _version(header: _Header) -> int | None:
    """2, 3 or 4, from the database's name (``mpa_v20_…``, ``mpa_v30_…``, ``mpa_vJan21_…SGB``)."""
    if header.database is None:
        return 2 if header.old_layout else None
    if numbered := re.match(r"mpa_v([23])[0-9]", header.database):
        return int(numbered[1])
    return 4


def _pipeline(header: _Header) -> str:
    version = _version(header)
    return f"MetaPhlAn {version}" if version else "MetaPhlAn"
