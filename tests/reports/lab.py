"""Lab files for tests, made here: every family in its own layout, from the same few invented samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADER_3 = (
    "#mpa_v30_CHOCOPhlAn_201901\n"
    "#/opt/bin/metaphlan reads.fastq.gz --input_type fastq\n"
    "#SampleID\tMetaphlan_Analysis\n"
    "#clade_name\tNCBI_tax_id\trelative_abundance\tadditional_species\n"
)
HEADER_4 = (
    "#mpa_vJun23_CHOCOPhlAnSGB_202403\n"
    "#/opt/bin/metaphlan reads.fastq.gz --input_type fastq\n"
    "#12000000 reads processed\n"
    "#SampleID\tMetaphlan_Analysis\n"
    "#clade_name\tNCBI_tax_id\trelative_abundance\tadditional_species\n"
)
BACTEROIDES = "k__Bacteria|p__Bacteroidota|c__Bacteroidia|o__Bacteroidales|f__Bacteroidaceae|g__Bacteroides"
LACHNO = "k__Bacteria|p__Bacillota|c__Clostridia|o__Eubacteriales|f__Lachnospiraceae"

STOOL: tuple[tuple[str, str, float], ...] = (
    ("k__Bacteria", "2", 100.0),
    ("k__Bacteria|p__Bacteroidota", "2|976", 60.0),
    ("k__Bacteria|p__Bacteroidota|c__Bacteroidia", "2|976|200643", 60.0),
    ("k__Bacteria|p__Bacteroidota|c__Bacteroidia|o__Bacteroidales", "2|976|200643|171549", 60.0),
    (BACTEROIDES.rsplit("|", 1)[0], "2|976|200643|171549|815", 60.0),
    (BACTEROIDES, "2|976|200643|171549|815|816", 60.0),
    (f"{BACTEROIDES}|s__Bacteroides_uniformis", "2|976|200643|171549|815|816|820", 45.5),
    (f"{BACTEROIDES}|s__Bacteroides_ovatus", "2|976|200643|171549|815|816|28116", 14.5),
    ("k__Bacteria|p__Bacillota", "2|1239", 40.0),
    ("k__Bacteria|p__Bacillota|c__Clostridia", "2|1239|186801", 40.0),
    ("k__Bacteria|p__Bacillota|c__Clostridia|o__Eubacteriales", "2|1239|186801|186802", 40.0),
    (LACHNO, "2|1239|186801|186802|186803", 40.0),
    (f"{LACHNO}|g__Roseburia", "2|1239|186801|186802|186803|841", 30.0),
    (f"{LACHNO}|g__Roseburia|s__Roseburia_hominis", "2|1239|186801|186802|186803|841|301301", 30.0),
    (f"{LACHNO}|g__Lachnospiraceae_unclassified", "2|1239|186801|186802|186803|", 10.0),
    (f"{LACHNO}|g__Lachnospiraceae_unclassified|s__Eubacterium_rectale", "2|1239|186801|186802|186803||39491", 10.0),
)
"""One sample: 2 named genera (60 and 30 %), 10 % known only to family, 4 species."""


def metaphlan_3(rows: Sequence[tuple[str, str, float]] = STOOL, *, unknown: float | None = None) -> bytes:
    """As MetaPhlAn 3 writes: four columns, the last mostly empty; with an ``UNKNOWN`` row when asked for."""
    known = 1 if unknown is None else (100 - unknown) / 100
    lines = [f"{lineage}\t{taxids}\t{percent * known:.5f}\t" for lineage, taxids, percent in rows]
    first = [] if unknown is None else [f"UNKNOWN\t-1\t{unknown:.5f}\t"]
    return (HEADER_3 + "\n".join([*first, *lines]) + "\n").encode()


def metaphlan_4(rows: Sequence[tuple[str, str, float]] = STOOL, *, header: str = HEADER_4) -> bytes:
    """As MetaPhlAn 4 writes, with the number of reads in the header."""
    lines = [f"{lineage}\t{taxids}\t{percent}\t" for lineage, taxids, percent in rows]
    return (header + "\n".join(lines) + "\n").encode()


def metaphlan_with_reads(rows: Sequence[tuple[str, str, float]] = STOOL) -> bytes:
    """``-t rel_ab_w_read_stats``: the value is the third of five columns."""
    head = HEADER_4.rsplit("\n", 2)[0]
    columns = "#clade_name\tclade_taxid\trelative_abundance\tcoverage\testimated_number_of_reads_from_the_clade"
    lines = [f"{lineage}\t{taxids}\t{percent}\t0.5\t{int(percent * 1000)}" for lineage, taxids, percent in rows]
    return "\n".join([head, columns, *lines, ""]).encode()


def metaphlan_2(rows: Sequence[tuple[str, str, float]] = STOOL) -> bytes:
    """Two columns under ``#SampleID Metaphlan2_Analysis``."""
    lines = [f"{lineage}\t{percent}" for lineage, _, percent in rows]
    return ("#SampleID\tMetaphlan2_Analysis\n" + "\n".join(lines) + "\n").encode()


def merged(samples: Sequence[str] = ("stool_1", "mouth_1"), rows: Sequence[tuple[str, str, float]] = STOOL) -> bytes:
    """Several samples side by side: the first has *rows*, every other only the first domain and a mouth's genus."""
    mouth = "k__Bacteria|p__Bacillota|c__Bacilli|o__Lactobacillales|f__Streptococcaceae|g__Streptococcus"
    lines = ["#mpa_v30_CHOCOPhlAn_201901", "\t".join(["clade_name", "NCBI_tax_id", *samples])]
    for lineage, taxids, percent in rows:
        others = 100.0 if "|" not in lineage else 0
        lines.append("\t".join([lineage, taxids, str(percent), *(str(others) for _ in samples[1:])]))
    parts = mouth.split("|")
    for end in range(2, len(parts) + 1):
        lines.append("\t".join(["|".join(parts[:end]), "", "0", *("100.0" for _ in samples[1:])]))
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Node:
    """One line of a Kraken report: *own* reads go no deeper."""

    letter: str
    taxid: int
    name: str
    own: int = 0
    below: tuple[Node, ...] = ()

    @property
    def reads(self) -> int:
        """Reads here and below."""
        return self.own + sum(node.reads for node in self.below)


def gut(scale: int = 1000, *, letters: bool = True, domain: str = "D", human: int = 0) -> Node:
    """A gut sample's tree: per 1000, 600 Bacteroides, 250 Roseburia, 100 only known to Lachnospiraceae, 50 to order."""

    def letter(given: str) -> str:
        return given if letters else ""

    bacteria = Node(
        letter(domain),
        2,
        "Bacteria",
        0,
        (
            Node(letter("P"), 976, "Bacteroidota", 0, (
                Node(letter("C"), 200643, "Bacteroidia", 0, (
                    Node(letter("O"), 171549, "Bacteroidales", 0, (
                        Node(letter("F"), 815, "Bacteroidaceae", 0, (
                            Node(letter("G"), 816, "Bacteroides", 100 * scale, (
                                Node(letter("S"), 820, "Bacteroides uniformis", 500 * scale),
                            )),
                        )),
                    )),
                )),
            )),
            Node(letter("P"), 1239, "Bacillota", 0, (
                Node(letter("C"), 186801, "Clostridia", 0, (
                    Node(letter("O"), 186802, "Eubacteriales", 50 * scale, (
                        Node(letter("F"), 186803, "Lachnospiraceae", 40 * scale, (
                            Node(letter("G"), 841, "Roseburia", 0, (
                                Node(letter("S"), 301301, "Roseburia hominis", 200 * scale, (
                                    Node(letter("S1"), 585394, "Roseburia hominis A2-183", 50 * scale),
                                )),
                            )),
                            Node("F1" if letters else "1", 186928, "unclassified Lachnospiraceae", 0, (
                                Node(letter("S"), 658089, "Lachnospiraceae bacterium 5_1_63FAA", 60 * scale),
                            )),
                        )),
                    )),
                )),
            )),
        ),
    )  # fmt: skip
    below: tuple[Node, ...] = (bacteria,)
    if human:
        eukaryota = Node(letter(domain), 2759, "Eukaryota", 0, (
            Node(letter("P"), 7711, "Chordata", 0, (
                Node(letter("F"), 9604, "Hominidae", 0, (
                    Node(letter("G"), 9605, "Homo", 0, (Node(letter("S"), 9606, "Homo sapiens", human),)),
                )),
            )),
        ))  # fmt: skip
        below = (bacteria, eukaryota)
    return Node(letter("R"), 1, "root", 0, (Node("R1" if letters else "1", 131567, "cellular organisms", 0, below),))


def kraken(root: Node, *, unclassified: int | None = 200_000, columns: int = 6) -> bytes:
    """The report of *root*, indented two spaces a step; without its ``unclassified`` line when that is ``None``."""
    total = root.reads + (unclassified or 0)
    lines: list[str] = []

    def line(reads: int, own: int, letter: str, taxid: int, name: str) -> None:
        minimizers = ["0", "0"] if columns == 8 else []
        percent = f"{reads * 100 / max(total, 1):6.2f}"
        lines.append("\t".join([percent, str(reads), str(own), *minimizers, letter, str(taxid), name]))

    def walk(node: Node, depth: int) -> None:
        line(node.reads, node.own, node.letter, node.taxid, "  " * depth + node.name)
        for child in node.below:
            walk(child, depth + 1)

    if unclassified is not None:
        line(unclassified, unclassified, "U", 0, "unclassified")
    if root.reads:
        walk(root, 0)
    return ("\n".join(lines) + "\n").encode()
