"""
QIIME 2 artifacts (``.qza``): a zip with one folder, in it ``metadata.yaml``, ``VERSION`` and ``data/``.

A table and its taxonomy are two artifacts. Types decide: frequencies are counts, relative frequencies are shares, a
composition has a pseudocount in every cell. Archive versions 1 to 6 differ in their provenance, not in what is read.
Members are read by name from the one folder, never unpacked to disk; sizes are checked before and while reading.
Source: QIIME 2's developer documentation, "Archive versions".
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import replace

from telegut.reports.formats import biom, taxonomies
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.refusals import DamagedFile, FormatNotRead, PseudocountsNotCounts, ReportTooLarge
from telegut.reports.formats.table import Table, Taxonomy
from telegut.reports.formats.unpack import lines_of, text_of

_FOLDER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TYPE = re.compile(r"^type:\s*(.+?)\s*$", re.MULTILINE)
_VERSIONS = re.compile(r"^archive:\s*([0-9]+)\s*$|^framework:\s*(\S+)\s*$", re.MULTILINE)
_MEMBERS = 20_000
_SMALL = 100_000
_COUNTS = {"FeatureTable[Frequency]": True, "FeatureTable[RelativeFrequency]": False}


def recognise(data: bytes) -> str | None:
    """Why *data* are a QIIME 2 artifact, in words for a person; ``None`` when they are not."""
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            folder = _folder(archive)
            return None if folder is None else "it is a QIIME 2 artifact"
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, zlib.error, OSError, EOFError):
        return None


def read(data: bytes, limits: Limits) -> Table | Taxonomy:
    """
    The table or the taxonomy that the artifact holds.

    Raises:
        PseudocountsNotCounts, FormatNotRead, DamagedFile, ReportTooLarge: as they say.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _of_archive(archive, limits)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, zlib.error, OSError, EOFError) as exc:
        raise DamagedFile("The archive cannot be unpacked: it is damaged, or was cut off.") from exc


def _of_archive(archive: zipfile.ZipFile, limits: Limits) -> Table | Taxonomy:
    folder = _folder(archive)
    if folder is None:
        raise FormatNotRead("This is a zip archive, and not a QIIME 2 artifact.")
    told = _TYPE.search(_member(archive, f"{folder}/metadata.yaml", _SMALL).decode("utf-8", "replace"))
    kind = told[1].strip("\"'") if told else ""
    version = dict(zip(("archive", "framework"), _version(archive, folder), strict=True))
    notes = {f"QIIME 2 {name}": value for name, value in version.items() if value} | {"artifact": folder}
    if kind == "FeatureTable[Composition]":
        raise PseudocountsNotCounts
    if kind in _COUNTS:
        table = _member(archive, f"{folder}/data/feature-table.biom", limits.unpacked_bytes)
        found = biom.read_hdf5(table, limits, why=f"it is a QIIME 2 artifact of type {kind}", form="qiime2-table")
        return replace(found, pipeline="QIIME 2", counts=_COUNTS[kind], notes=notes)
    if kind == "FeatureData[Taxonomy]":
        text = text_of(_member(archive, f"{folder}/data/taxonomy.tsv", limits.unpacked_bytes))
        names = taxonomies.read(lines_of(text, limits), limits)
        return replace(names, format="qiime2-taxonomy", why="it is a QIIME 2 artifact of type FeatureData[Taxonomy]")
    what = kind[:60] if kind else "an unknown type"
    raise FormatNotRead(
        f"This is a QIIME 2 file of type {what}. What is read: FeatureTable[Frequency] or [RelativeFrequency] together "
        "with FeatureData[Taxonomy], or the level-7.csv of a bar plot."
    )


def _folder(archive: zipfile.ZipFile) -> str | None:
    """The one folder at the top, when it has what an artifact has."""
    names = archive.namelist()
    if len(names) > _MEMBERS:
        raise ValueError("more members than any artifact has")
    tops = {name.split("/", 1)[0] for name in names}
    top = next(iter(tops)) if len(tops) == 1 else ""
    there = {f"{top}/metadata.yaml", f"{top}/VERSION"} <= set(names)
    return top if _FOLDER.fullmatch(top) and there else None


def _version(archive: zipfile.ZipFile, folder: str) -> tuple[str, str]:
    said = _member(archive, f"{folder}/VERSION", _SMALL).decode("utf-8", "replace")
    found = _VERSIONS.findall(said)
    return next((a for a, _ in found if a), ""), next((b for _, b in found if b), "")


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        told = archive.getinfo(name)
    except KeyError as exc:
        raise DamagedFile("The artifact does not hold what its type says.") from exc
    if told.file_size > most:
        raise ReportTooLarge("Unpacked, the file is larger than any lab's table.")
    with archive.open(told) as member:
        data = member.read(most + 1)
    if len(data) > most:
        raise ReportTooLarge("Unpacked, the file is larger than any lab's table.")
    return data
