"""
Lab files for the demonstration clinic: synthetic MetaPhlAn 4 profiles of a stool sample that nobody gave.

The shares are invented within the ranges that healthy adults' shotgun samples span (Lloyd-Price et al., Nature 2017);
the lineages and NCBI ids are real names, so that the importer reads what it would read from a lab.
"""

from __future__ import annotations

from dataclasses import dataclass

_BACTEROIDIA = ("Bacteria|Bacteroidota|Bacteroidia|Bacteroidales", "2|976|200643|171549")
_CLOSTRIDIA = ("Bacteria|Firmicutes|Clostridia|Eubacteriales", "2|1239|186801|186802")
_RANKS = "kpcofgs"


@dataclass(frozen=True, slots=True)
class Species:
    """A species: lineage and NCBI taxonomy ids with ``|`` between ranks, and its share of each sample in percent."""

    lineage: str
    taxids: str
    shares: tuple[float, float]


def _of(order: tuple[str, str], family: str, ids: str, shares: tuple[float, float]) -> Species:
    return Species(f"{order[0]}|{family}", f"{order[1]}|{ids}", shares)


SPECIES: tuple[Species, ...] = (
    _of(_BACTEROIDIA, "Bacteroidaceae|Bacteroides|Bacteroides_uniformis", "815|816|820", (11.4, 9.1)),
    _of(_BACTEROIDIA, "Bacteroidaceae|Bacteroides|Bacteroides_ovatus", "815|816|28116", (3.2, 2.4)),
    _of(_BACTEROIDIA, "Bacteroidaceae|Phocaeicola|Phocaeicola_vulgatus", "815|909656|821", (9.6, 8.2)),
    _of(_BACTEROIDIA, "Prevotellaceae|Segatella|Segatella_copri", "171552|2974251|165179", (0.0, 1.1)),
    _of(_BACTEROIDIA, "Rikenellaceae|Alistipes|Alistipes_putredinis", "171550|239759|28117", (7.1, 6.3)),
    _of(_BACTEROIDIA, "Tannerellaceae|Parabacteroides|Parabacteroides_distasonis", "2005525|375288|823", (3.8, 3.1)),
    _of(_CLOSTRIDIA, "Oscillospiraceae|Faecalibacterium|Faecalibacterium_prausnitzii", "216572|216851|853", (6.4, 9.7)),
    _of(_CLOSTRIDIA, "Oscillospiraceae|Ruminococcus|Ruminococcus_bromii", "216572|1263|40518", (2.9, 4.4)),
    _of(_CLOSTRIDIA, "Lachnospiraceae|Blautia|Blautia_wexlerae", "186803|572511|418240", (3.7, 3.9)),
    _of(_CLOSTRIDIA, "Lachnospiraceae|Roseburia|Roseburia_intestinalis", "186803|841|166486", (1.4, 2.2)),
    _of(_CLOSTRIDIA, "Lachnospiraceae|Agathobacter|Agathobacter_rectalis", "186803|1766253|39491", (4.8, 5.6)),
    _of(_CLOSTRIDIA, "Lachnospiraceae|Anaerostipes|Anaerostipes_hadrus", "186803|207244|649756", (1.1, 1.6)),
    _of(_CLOSTRIDIA, "Lachnospiraceae|Coprococcus|Coprococcus_comes", "186803|33042|410072", (0.7, 0.9)),
    _of(_CLOSTRIDIA, "Lachnospiraceae|Dorea|Dorea_longicatena", "186803|189330|88431", (1.2, 1.0)),
    _of(_CLOSTRIDIA, "Eubacteriaceae|Eubacterium|Eubacterium_ramulus", "186806|1730|39490", (0.6, 0.5)),
    Species(
        "Bacteria|Actinobacteria|Actinomycetia|Bifidobacteriales|Bifidobacteriaceae|Bifidobacterium|"
        "Bifidobacterium_adolescentis",
        "2|201174|1760|85004|31953|1678|1680",
        (1.9, 2.7),
    ),
    Species(
        "Bacteria|Actinobacteria|Coriobacteriia|Coriobacteriales|Coriobacteriaceae|Collinsella|Collinsella_aerofaciens",
        "2|201174|84998|84999|84107|102106|74426",
        (1.3, 1.2),
    ),
    Species(
        "Bacteria|Verrucomicrobia|Verrucomicrobiae|Verrucomicrobiales|Akkermansiaceae|Akkermansia|Akkermansia_muciniphila",
        "2|74201|203494|48461|1647988|239934|239935",
        (0.4, 1.0),
    ),
    Species(
        "Bacteria|Firmicutes|Negativicutes|Veillonellales|Veillonellaceae|Dialister|Dialister_invisus",
        "2|1239|909932|1843489|31977|39948|218538",
        (0.9, 0.7),
    ),
    Species(
        "Bacteria|Proteobacteria|Gammaproteobacteria|Enterobacterales|Enterobacteriaceae|Escherichia|Escherichia_coli",
        "2|1224|1236|91347|543|561|562",
        (0.8, 0.3),
    ),
    Species(
        "Bacteria|Proteobacteria|Betaproteobacteria|Burkholderiales|Sutterellaceae|Parasutterella|"
        "Parasutterella_excrementihominis",
        "2|1224|28216|80840|995019|577310|487175",
        (1.0, 0.9),
    ),
    Species(
        "Archaea|Euryarchaeota|Methanobacteria|Methanobacteriales|Methanobacteriaceae|Methanobrevibacter|"
        "Methanobrevibacter_smithii",
        "2157|28890|183925|2158|2159|2172|2173",
        (0.3, 0.3),
    ),
)


def metaphlan_profile(which: int, sample: str, reads: int) -> bytes:
    """
    Sample *which* (0 or 1) as MetaPhlAn 4 writes it.

    sample: the lab's name for it. reads: how many were processed. What the species leave over is UNCLASSIFIED.
    """
    shares: dict[tuple[str, str], float] = {}
    for one in SPECIES:
        _add(shares, one, one.shares[which])
    known = sum(one.shares[which] for one in SPECIES)
    lines = [
        "#mpa_vJun23_CHOCOPhlAnSGB_202403",
        "#metaphlan sample.fastq.gz --input_type fastq -t rel_ab",
        f"#{reads} reads processed",
        f"#{sample}\tMetaphlan_Analysis",
        "#clade_name\tNCBI_tax_id\trelative_abundance\tadditional_species",
        f"UNCLASSIFIED\t-1\t{100 - known:.5f}\t",
    ]
    ordered = sorted(shares.items(), key=lambda one: (one[0][0].count("|"), -one[1], one[0][0]))
    lines += [f"{name}\t{taxids}\t{share:.5f}\t" for (name, taxids), share in ordered if share > 0]
    return ("\n".join(lines) + "\n").encode()


def _add(shares: dict[tuple[str, str], float], one: Species, share: float) -> None:
    names, ids = one.lineage.split("|"), one.taxids.split("|")
    for depth in range(1, len(names) + 1):
        name = "|".join(f"{rank}__{part}" for rank, part in zip(_RANKS, names[:depth], strict=False))
        clade = (name, "|".join(ids[:depth]))
        shares[clade] = round(shares.get(clade, 0.0) + share, 6)
