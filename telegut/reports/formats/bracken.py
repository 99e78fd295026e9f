"""
Bracken's table: reads of one rank, re-estimated from a Kraken report.

``name  taxonomy_id  taxonomy_lvl  kraken_assigned_reads  added_reads  new_est_reads  fraction_total_reads``. The
estimated reads are used, not the fractions, which are rounded to five digits. What Kraken left unclassified is not in
the table, so shares are of the classified reads and the unclassified share is not known. Groups above the rank are not
told; a species is counted to the genus that its name begins with (`binomials`).
Source: Bracken's manual, "Output Kraken-Style Bracken Report" and "Bracken output file".
"""

from __future__ import annotations

from collections.abc import Sequence

from telegut.reports.formats.binomials import genus_of
from telegut.reports.formats.kraken_ranks import by_letter
from telegut.reports.formats.limits import Limits
from telegut.reports.formats.numbers import count
from telegut.reports.formats.profile import Profile, Rank, is_blank
from telegut.reports.formats.refusals import DamagedFile, NothingClassified, ReportTooLarge, UnknownSample
from telegut.reports.formats.taxonomy import Part
from telegut.reports.formats.tree import Tree

_HEADS = ["name", "taxonomy_id", "taxonomy_lvl", "kraken_assigned_reads", "added_reads", "new_est_reads"]


def recognise(lines: Sequence[str]) -> str | None:
    """Why *lines* are a Bracken table, in words for a person; ``None`` when they are not."""
    heads = [cell.strip() for cell in (lines[0] if lines else "").split("\t")[:6]]
    return "the columns are headed name, taxonomy_id, taxonomy_lvl …, as Bracken does" if heads == _HEADS else None


def read(lines: Sequence[str], sample: str | None, limits: Limits) -> Profile:
    """
    The one sample of a Bracken table.

    Raises:
        NothingClassified, DamagedFile, ReportTooLarge: as they say.
        UnknownSample: *sample* was asked for; these files do not name theirs.
    """
    if sample is not None:
        raise UnknownSample("A Bracken table holds one sample and does not name it.")
    tree, seen, letters = Tree(), set[str](), set[str]()
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        reads, taxid = (count(cells[5]), count(cells[1])) if len(cells) > 5 else (None, None)
        if reads is None or taxid is None:
            raise DamagedFile(f"Line {number} is not a line of a Bracken table; the file may have been cut or edited.")
        if len(seen) >= limits.rows or len(cells[0]) > limits.name_characters:
            raise ReportTooLarge(f"The file has more than {limits.rows:,} rows, or a name of extraordinary length.")
        if cells[0] in seen:
            raise DamagedFile(f"Line {number} repeats a name that was there before.")
        seen.add(cells[0])
        letters.add(cells[2])
        rank = by_letter(cells[2], 0)
        if rank is None:
            raise DamagedFile(f"Line {number} has a rank that is none of Bracken's: {cells[2][:10]!r}.")
        if not is_blank(cells[0]):
            tree.add(_parts(rank, cells[0]), reads, taxid)
    clades = tree.clades(in_reads=True)
    if not clades:
        raise NothingClassified
    return Profile(
        format="bracken",
        why=recognise(lines) or "",
        samples=(),
        sample=None,
        pipeline="Kraken and Bracken",
        database=None,
        region=None,
        in_reads=True,
        clades=clades,
        total_reads=None,
        unclassified=None,
        genera_from_names="species" in {clade.rank for clade in clades},
    )


def _parts(rank: Rank, name: str) -> list[Part]:
    genus = genus_of(name) if rank == "species" else None
    return [*([Part("genus", genus, genus)] if genus else []), Part(rank, name, name)]
