"""
Files that are not profiles we read: named, so that a person knows what to ask the lab for.

Order matters: the most specific signs come first. Nothing here reads numbers out of a file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegut.reports.formats.refusals import (
    CoverageNotAbundance,
    FormatNotRead,
    GeneFamiliesNotTaxa,
    MetabolitesNotTaxa,
    NotAProfile,
    PathwaysNotTaxa,
    UnreadableReport,
)

HDF5 = b"\x89HDF"
ZIP = b"PK\x03\x04"
_READABLE = (
    "Please ask the lab for its table: a MetaPhlAn profile, a Kraken or Bracken report, a QIIME 2 or mothur table with "
    "its taxonomy, or a BIOM file."
)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (ZIP, f"This is a zip archive (spreadsheets are such too), and not a QIIME 2 artifact. {_READABLE}"),
    (b"BZh", f"This is packed with bzip2. Please unpack it first, or pack it with gzip. {_READABLE}"),
    (b"\xfd7zXZ", f"This is packed with xz. Please unpack it first, or pack it with gzip. {_READABLE}"),
    (b"(\xb5/\xfd", f"This is packed with zstd. Please unpack it first, or pack it with gzip. {_READABLE}"),
)

_HEADINGS: tuple[tuple[re.Pattern[str], type[UnreadableReport]], ...] = (
    # HUMAnN: "# Pathway<TAB>S1_Abundance", "# Pathway<TAB>S1_Coverage", "# Gene Family<TAB>…", "# Reaction …"
    (re.compile(r"#?\s*pathway[^\t]*\t.*coverage", re.I), CoverageNotAbundance),
    (
        re.compile(r"(#rname|#?contig|#?genome|#?gene|chrom\w*)\t.*(coverage|covbases|covered|mean|depth)", re.I),
        CoverageNotAbundance,
    ),
    (re.compile(r"#?\s*(pathway|module|metacyc)", re.I), PathwaysNotTaxa),
    (
        re.compile(
            r"#?\s*(gene[ _]?famil|uniref|ec[ _]number|enzyme|ko\b|reaction|cog\b|pfam|gene(_?id|_?name)?\t)", re.I
        ),
        GeneFamiliesNotTaxa,
    ),
    (re.compile(r"#?\s*(metabolite|compound|hmdb|m/?z\b|kegg[ _]compound|biochemical)", re.I), MetabolitesNotTaxa),
)

_FIRST_CELLS: tuple[tuple[re.Pattern[str], type[UnreadableReport]], ...] = (
    (re.compile(r"(UniRef(50|90|100)_\w+|(ko:)?K[0-9]{5}|PF[0-9]{5}|COG[0-9]{4}"
                r"|(EC[: ])?[0-9]+\.([0-9]+|-)\.([0-9]+|-)\.(n?[0-9]+|-))(:.*)?"), GeneFamiliesNotTaxa),
    (re.compile(r"UNINTEGRATED|[A-Z0-9+-]*PWY[A-Z0-9-]*(:.*)?|map[0-9]{5}|ko[0-9]{5}|M[0-9]{5}"), PathwaysNotTaxa),
    (re.compile(r"HMDB[0-9]{5,7}|C[0-9]{5}|CHEBI:[0-9]+"), MetabolitesNotTaxa),
)  # fmt: skip

_TABLES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"%\treads\ttaxReads", re.I), "This is a KrakenUniq report."),
    (re.compile(r"#Number of Samples:|#perc\ttot_all", re.I), "This is a table of several Kraken reports merged."),
    (re.compile(r"[CU]\t\S+\t[0-9]+\t[0-9|]+\t"), "This is Kraken's list of reads, not its report."),
    (re.compile(r"@\S+.*|>\S+.*"), "This looks like a file of sequences, not of results."),
)

_PROBE = 50


_PICTURES = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\0", b"MM\0*")


def is_picture(data: bytes) -> bool:
    """Whether *data* are a PDF or a photo, by their first bytes. None is ever opened here."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return True
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"avif"}:
        return True
    return data.startswith(_PICTURES) or (data.startswith(b"BM") and data[6:10] == b"\0\0\0\0")


def check_packed(data: bytes) -> None:
    """
    Refuse binary files whose first bytes say what they are.

    Raises:
        FormatNotRead: with the kind of file in the message.
    """
    for magic, message in _MAGIC:
        if data.startswith(magic):
            raise FormatNotRead(message)


def document_refusal(document: object) -> UnreadableReport:
    """Why a JSON *document*, which no parser recognised, is not read."""
    names = set(document) if isinstance(document, dict) else set()
    if names & {"resourceType"}:
        return NotAProfile("This is a FHIR document, and not a microbiome profile.")
    return NotAProfile("This is JSON, and not a microbiome profile that we know.")


def is_of_something_else(lines: Sequence[str]) -> bool:
    """Whether *lines* look like a table of features and are one of pathways, genes, metabolites or coverage."""
    return isinstance(refusal(lines), PathwaysNotTaxa | GeneFamiliesNotTaxa | MetabolitesNotTaxa | CoverageNotAbundance)


def kind_of_ids(cells: Sequence[str]) -> type[UnreadableReport] | None:
    """What most of *cells* (the first of each row, perhaps a heading among them) name, where that is no organism."""
    for pattern, kind in _FIRST_CELLS:
        found = sum(1 for cell in cells if pattern.fullmatch(cell))
        if found and found * 2 >= len(cells) - 1:  # most rows, a header left aside
            return kind
    return None


def refusal(lines: Sequence[str]) -> UnreadableReport:
    """Why *lines*, which no parser recognised, are not read."""
    probed = [line for line in lines if line.strip()][:_PROBE]
    for line in probed[:3]:
        for pattern, kind in _HEADINGS:
            if pattern.match(line):
                return kind()
        for pattern, sentence in _TABLES:
            if pattern.match(line):
                return FormatNotRead(f"{sentence} {_READABLE}")
    named = kind_of_ids([re.split(r"[\t,|]", line)[0].strip('" ') for line in probed])
    if named is not None:
        return named()
    if any("mpa_v" in line for line in probed[:3]):
        return NotAProfile("This comes from MetaPhlAn, and is not its profile: there are no lineages with percentages.")
    return NotAProfile(may_be_a_table=True)
