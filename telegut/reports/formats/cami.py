"""
CAMI profiles (bioboxes), as mOTUs, KMCP, sylph's converters and others write them: percentages by taxid and lineage.

``@SampleID:``, ``@Version:``, ``@Ranks:``, then ``@@TAXID  RANK  TAXPATH  TAXPATHSN  PERCENTAGE``. Files put together
hold several such blocks. Every rank has rows of its own. Percentages need not add up to 100; what a rank leaves is what
the profiler could not place, and a sum of 100 does not say that there was nothing.
Source: bioboxes rfc, "CAMI profiling output format" 0.9.1 and 0.10.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.lineages import Lineages, Row
from telegut.reports.formats.numbers import amount
from telegut.reports.formats.profile import RANKS, Profile
from telegut.reports.formats.refusals import ChooseSample, DamagedFile, NothingClassified, ReportTooLarge, UnknownSample

_LETTERS: dict[str, str] = dict.fromkeys(("superkingdom", "acellular root"), "d")
_LETTERS |= {rank: "t" if rank == "strain" else rank[0] for rank in RANKS}
_NEEDED = ("TAXID", "RANK", "TAXPATHSN", "PERCENTAGE")
_UNPLACED_PERCENT = 0.01


@dataclass(slots=True)
class _Block:
    """One sample's part of the file."""

    sample: str
    heads: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a CAMI profile, in words for a person; ``None`` when they are not."""
    probed = [line for line in lines[:50] if line.strip()]
    if not any(line.startswith(("@SampleID:", "@Version:")) for line in probed):
        return None
    return "lines such as @SampleID and @@TAXID RANK TAXPATH head it, as the CAMI format has them"


def read(lines: Sequence[str], sample: str | None, limits: Limits) -> Profile:
    """
    The chosen sample of a CAMI profile.

    Raises:
        ChooseSample, UnknownSample: there are several, or none of that name.
        NothingClassified, DamagedFile, ReportTooLarge: as they say.
    """
    blocks = _blocks(lines, limits)
    why = recognise(lines) or ""
    names = tuple(block.sample for block in blocks)
    if len(set(names)) < len(names):
        raise DamagedFile("Two samples of this file have the same name.")
    if sample is None and len(blocks) > 1:
        raise ChooseSample(names, "cami", why)
    block = next((one for one in blocks if sample in (None, one.sample)), None)
    if block is None:
        raise UnknownSample(f"There is no sample of that name in the file. The names in it: {', '.join(names)}")
    lineages = Lineages(limits)
    for number, cells in block.rows:
        row = _row(block, cells, number)
        if row is not None and row.amount > 0:
            lineages.add(row)
    if not lineages:
        raise NothingClassified
    clades = lineages.clades()
    placed = sum(clade.amount for clade in clades if clade.parent is None)
    return Profile(
        format="cami",
        why=why,
        samples=names if names != ("",) else (),
        sample=block.sample or None,
        pipeline=block.said.get("__program__") or block.said.get("program"),
        database=block.said.get("taxonomyid") or block.said.get("taxonomy"),
        region=None,
        in_reads=False,
        clades=clades,
        total_reads=None,
        unclassified=100 - placed if 100 - placed > _UNPLACED_PERCENT else None,
    )


def _blocks(lines: Sequence[str], limits: Limits) -> list[_Block]:
    blocks: list[_Block] = []
    rows = 0
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("@SampleID:") or (text.startswith("@Version:") and (not blocks or blocks[-1].rows)):
            blocks.append(_Block(text.partition(":")[2].strip() if text.startswith("@SampleID:") else ""))
        if not blocks:
            raise DamagedFile(f"Line {number} stands before the header of the profile.")
        if text.startswith("@@"):
            blocks[-1].heads = [cell.strip() for cell in text[2:].split("\t")]
        elif text.startswith("@"):
            name, _, value = text[1:].partition(":")
            blocks[-1].said[name.strip().lower()] = value.strip()
        else:
            rows += 1
            blocks[-1].rows.append((number, line.split("\t")))
        if rows > limits.rows or len(blocks) > limits.samples:
            raise ReportTooLarge(f"The file has more than {limits.rows:,} rows.")
    return _named(blocks)


def _named(blocks: list[_Block]) -> list[_Block]:
    """A ``@Version`` line may stand before its ``@SampleID``: then the two are one block."""
    return [block for block in blocks if block.rows or block.heads or block.sample] or blocks


def _row(block: _Block, cells: list[str], number: int) -> Row | None:
    if any(name not in block.heads for name in _NEEDED) or len(cells) < len(block.heads):
        raise DamagedFile(f"Line {number} does not have the columns that the header names.")
    told = {name: cells[block.heads.index(name)].strip() for name in _NEEDED}
    value = amount(told["PERCENTAGE"])
    if value is None or value > 100.5:  # half a point for rounding
        raise DamagedFile(f"Line {number} has no percentage where one should be.")
    names, ranks = told["TAXPATHSN"].split("|"), block.said.get("ranks", "").split("|")
    if told["RANK"] not in _LETTERS:
        return None  # between the ranks
    if len(names) > len(ranks):
        raise DamagedFile(f"Line {number} has a longer lineage than the ranks that the header names.")
    parts = [f"{_LETTERS[rank]}__{name}" for rank, name in zip(ranks, names, strict=False) if rank in _LETTERS and name]
    path = told["TAXID"].split(".")[0]
    return Row("|".join(parts), path, value, None, number, told["TAXPATHSN"]) if parts else None
