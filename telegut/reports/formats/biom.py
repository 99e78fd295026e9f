"""
BIOM tables, version 1 (JSON) and 2 (HDF5): features by samples with lineages beside them.

Version 1 may be sparse or dense, its lineages a list or one string; MetaPhlAn's converter puts them into the ids, with
a row for every rank. Version 2 is read by h5py as it lies in the file, one column at a time: biom-format's own reader
refuses tables of older writers that lack a group for sample metadata, and brings 400 MB of packages. What a table is of
(``Taxon table``, ``Pathway table`` …) is often left empty. Source: biom-format.org, formats 1.0, 2.0 and 2.1.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from telegut.reports.formats.body_sites import is_field, stated_in
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import (
    DamagedFile,
    FormatNotRead,
    GeneFamiliesNotTaxa,
    MetabolitesNotTaxa,
    PathwaysNotTaxa,
    ReportTooLarge,
)
from telegut.reports.formats.table import Table

if TYPE_CHECKING:
    import h5py

_KINDS = {
    "pathway": PathwaysNotTaxa,
    "function": PathwaysNotTaxa,
    "gene": GeneFamiliesNotTaxa,
    "ortholog": GeneFamiliesNotTaxa,
    "metabolite": MetabolitesNotTaxa,
}
_TAXONOMIES = ("taxonomy", "Taxonomy", "taxon", "lineage", "Consensus Lineage")
WHY_HDF5 = "it is HDF5 with observations and samples, as BIOM 2 tables are"
_CELLS = 50_000_000
"""Numbers of one table: 25 times a run of 2,000 samples with 1,000 features each that are there."""


def recognise_document(document: object) -> str | None:
    """Why a JSON *document* is a BIOM table, in words for a person; ``None`` when it is not."""
    known = isinstance(document, Mapping) and "rows" in document and "columns" in document and "data" in document
    return "it is JSON with rows, columns and data, as BIOM 1 tables are" if known else None


def read_document(document: Mapping[str, Any], limits: Limits) -> Table:
    """
    The table of a version 1 file.

    Raises:
        DamagedFile, ReportTooLarge, PathwaysNotTaxa, GeneFamiliesNotTaxa, MetabolitesNotTaxa: as they say.
    """
    _check_kind(str(document.get("type") or ""))
    rows, columns, data = document["rows"], document["columns"], document["data"]
    if not (isinstance(rows, list) and isinstance(columns, list) and isinstance(data, list)):
        raise DamagedFile("The rows, columns or data of this table are missing.")
    features = [_identity(row) for row in rows]
    samples = [_identity(column) for column in columns]
    if len(features) > limits.rows or len(data) > _CELLS:
        raise ReportTooLarge(f"The table has more than {limits.rows:,} rows.")
    _check_declared(document.get("shape"), features, samples)
    dense = document.get("matrix_type") == "dense"
    cells = _dense(data, len(features), len(samples)) if dense else _sparse(data, len(features), len(samples))
    return _table(
        "biom-1",
        recognise_document(document) or "",
        features,
        samples,
        [_lineage(row.get("metadata")) for row in rows],
        lambda sample: cells[samples.index(sample)],
        filled=all(value for column in cells for value in column),
        counts=True if document.get("matrix_element_type") == "int" else None,
        notes=_made_by(document.get("generated_by"), document.get("date")),
        sites=_sites(samples, [column.get("metadata") for column in columns]),
    )


def read_hdf5(data: bytes, limits: Limits, *, why: str = WHY_HDF5, form: str = "biom-2") -> Table:
    """
    The table of a version 2 file.

    Raises:
        DamagedFile, FormatNotRead, ReportTooLarge, PathwaysNotTaxa, GeneFamiliesNotTaxa, MetabolitesNotTaxa: as said.
    """
    import h5py

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            return _of_hdf5(file, limits, why, form)
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, IndexError, AttributeError, OverflowError) as exc:
        raise DamagedFile("The file begins as HDF5, and what a BIOM table needs cannot be read from it.") from exc


def _of_hdf5(file: h5py.File, limits: Limits, why: str, form: str) -> Table:
    if "observation" not in file or "sample" not in file:
        raise FormatNotRead("This is an HDF5 file, and not a BIOM table.")
    _check_kind(_text(file.attrs.get("type", "")))
    features, samples = file["observation/ids"], file["sample/ids"]
    if features.shape[0] > limits.rows or samples.shape[0] > limits.samples:
        raise ReportTooLarge(f"The table has more than {limits.rows:,} rows or {limits.samples:,} samples.")
    matrix = file["sample/matrix"]
    if matrix["data"].shape[0] > _CELLS:
        raise ReportTooLarge("The table holds more numbers than any lab's table.")
    starts, places, numbers = (matrix[name][()].tolist() for name in ("indptr", "indices", "data"))
    names, ids = [_text(one) for one in samples[()]], [_text(one) for one in features[()]]
    _check_declared([int(one) for one in file.attrs.get("shape", ())], ids, names)
    if len(starts) != len(names) + 1 or len(places) != len(numbers):
        raise ValueError("the matrix does not fit the samples")
    height = features.shape[0]

    def values(sample: str) -> list[float]:
        at = names.index(sample)
        return _column(places[starts[at] : starts[at + 1]], numbers[starts[at] : starts[at + 1]], height)

    return _table(
        form,
        why,
        ids,
        names,
        _lineages_of(file, height, limits),
        values,
        filled=len(numbers) == height * len(names) and all(numbers),
        counts=None,
        notes=_made_by(_text(file.attrs.get("generated-by", "")), _text(file.attrs.get("creation-date", ""))),
        sites=_sites_of(file, names),
    )


def _column(places: Sequence[int], numbers: Sequence[float], height: int) -> list[float]:
    column = [0.0] * height
    for place, number in zip(places, numbers, strict=True):
        if not 0 <= place < height:
            raise DamagedFile("A number of this table belongs to no row.")
        column[place] += _number(number)
    return column


def _lineages_of(file: h5py.File, height: int, limits: Limits) -> list[str | None]:
    metadata = file["observation"].get("metadata")
    name = next((one for one in _TAXONOMIES if metadata is not None and one in metadata), None)
    if metadata is None or name is None:
        return [None] * height
    written = metadata[name]
    if written.shape[0] != height or (written.ndim > 1 and written.shape[1] > limits.lineage_parts):
        raise ValueError("the lineages do not fit the rows")
    rows = written[()].tolist()  # plain objects: asking the file or numpy for each cell takes ten times as long
    return [";".join([_text(part) for part in one]) if isinstance(one, list) else _text(one) for one in rows]


def _sites(samples: Sequence[str], facts: Sequence[object]) -> dict[str, str]:
    """By sample, where it was taken from, as far as its metadata say."""
    told = {name: stated_in(one) for name, one in zip(samples, facts, strict=True) if isinstance(one, Mapping)}
    return {name: place for name, place in told.items() if place is not None}


def _sites_of(file: h5py.File, samples: Sequence[str]) -> dict[str, str]:
    """The same in version 2, whose older writers have no group for metadata of samples."""
    metadata = file["sample"].get("metadata")
    name = next((one for one in metadata or () if is_field(one)), None)
    if name is None or metadata[name].ndim != 1 or metadata[name].shape[0] != len(samples):
        return {}
    return dict(zip(samples, (_text(one) for one in metadata[name][()]), strict=True))


def _table(
    form: str,
    why: str,
    features: Sequence[str],
    samples: Sequence[str],
    lineages: Sequence[str | None],
    values: Callable[[str], Sequence[float]],
    *,
    filled: bool,
    counts: bool | None,
    notes: Mapping[str, str],
    sites: Mapping[str, str],
) -> Table:
    in_ids = not any(lineages) and bool(features) and all(_is_lineage(one) for one in features)
    return Table(
        format=form,
        why=f"{why}; its rows are named with lineages" if in_ids else why,
        pipeline=None,
        samples=tuple(samples),
        features=features,
        lineages=features if in_ids else lineages,
        values=values,
        filled=filled,
        counts=counts,
        region=None if in_ids else "amplicon",
        notes=notes,
        sites=sites,
    )


def _is_lineage(text: str) -> bool:
    return re.match(r'\s*"?[kdpcofgs]__', text) is not None


def _check_kind(kind: str) -> None:
    refusal = _KINDS.get(kind.split(" ")[0].lower())
    if refusal is not None:
        raise refusal


def _check_declared(shape: object, features: Sequence[str], samples: Sequence[str]) -> None:
    """Both versions ask that a table is as large as it says and that every id is there once."""
    if isinstance(shape, list) and shape and shape != [len(features), len(samples)]:
        declared = " by ".join(str(one)[:20] for one in shape[:3])
        found = f"{len(features):,} rows by {len(samples):,} samples"
        raise DamagedFile(f"The table says that it is {declared} (rows by samples) and holds {found}. Part is missing.")
    for what, ids in (("row", features), ("sample", samples)):
        if twice := next((id for id, times in Counter(ids).items() if times > 1), None):
            raise DamagedFile(f"The {what} {twice[:60]!r} is there twice, so it cannot be told which one counts.")


def _identity(one: object) -> str:
    if not isinstance(one, Mapping) or "id" not in one:
        raise DamagedFile("A row or column of this table has no id.")
    return str(one["id"])


def _lineage(metadata: object) -> str | None:
    if not isinstance(metadata, Mapping):
        return None
    told = next((metadata[name] for name in _TAXONOMIES if metadata.get(name)), None)
    if isinstance(told, list):
        return ";".join(str(part) for part in told)
    return str(told) if told is not None else None


def _sparse(data: list[Any], height: int, width: int) -> list[list[float]]:
    columns = [[0.0] * height for _ in range(width)]
    for cell in data:
        if not isinstance(cell, list) or len(cell) != 3 or not all(isinstance(at, int) for at in cell[:2]):
            raise DamagedFile("The data of this table are not triples of row, column and number.")
        row, column, number = cell
        if not (0 <= row < height and 0 <= column < width):
            raise DamagedFile("A number of this table belongs to no row or no column.")
        columns[column][row] += _number(number)
    return columns


def _dense(data: list[Any], height: int, width: int) -> list[list[float]]:
    if len(data) != height or any(not isinstance(row, list) or len(row) != width for row in data):
        raise DamagedFile("The data of this table do not fit its rows and columns.")
    return [[_number(row[at]) for row in data] for at in range(width)]


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        raise DamagedFile("The table holds something that is no count and no share: negative, infinite or no number.")
    return float(value)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _made_by(program: object, when: object) -> dict[str, str]:
    said = {"generated by": program, "date": when}
    return {name: str(value)[:200] for name, value in said.items() if value}
