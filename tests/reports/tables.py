"""
Tables of features for tests, made here: one invented sample (and a mouth) in the layout of every family.

Of 10,000 reads of ``stool``: 6,000 Bacteroides uniformis, 3,000 Roseburia, 800 known only to Lachnospiraceae, 200
nobody's.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import h5py

BACTEROIDES = "k__Bacteria; p__Bacteroidetes; c__Bacteroidia; o__Bacteroidales; f__Bacteroidaceae; g__Bacteroides; "
LACHNO = "k__Bacteria; p__Firmicutes; c__Clostridia; o__Clostridiales; f__Lachnospiraceae; "
STREPTO = "k__Bacteria; p__Firmicutes; c__Bacilli; o__Lactobacillales; f__Streptococcaceae; g__Streptococcus; "
FEATURES: tuple[tuple[str, str, int, int], ...] = (
    ("f1", f"{BACTEROIDES}s__uniformis", 4_000, 0),
    ("f2", f"{BACTEROIDES}s__uniformis", 2_000, 0),
    ("f3", f"{LACHNO}g__Roseburia; s__", 3_000, 0),
    ("f4", f"{LACHNO}g__; s__", 800, 0),
    ("f5", "Unassigned", 200, 0),
    ("f6", f"{STREPTO}s__", 0, 5_000),
)  # fmt: skip
SAMPLES = ("stool", "mouth")
MOTHUR = {
    "f1": "Bacteria(100);Bacteroidetes(100);Bacteroidia(100);Bacteroidales(100);Bacteroidaceae(99);Bacteroides(98);",
    "f3": "Bacteria(100);Firmicutes(100);Clostridia(100);Clostridiales(100);Lachnospiraceae(99);Roseburia(90);",
    "f4": "Bacteria(100);Firmicutes(100);Clostridia(100);Clostridiales(100);Lachnospiraceae(99);"
    "Lachnospiraceae_unclassified(99);",
    "f5": "unknown(100);unknown_unclassified(100);",
    "f6": "Bacteria(100);Firmicutes(100);Bacilli(100);Lactobacillales(100);Streptococcaceae(99);Streptococcus(98);",
}
MOTHUR["f2"] = MOTHUR["f1"]


def feature_table(*, taxonomy: bool = True, floor: int = 0) -> bytes:
    """As biom's converter writes; *floor*: a pseudocount in every cell."""
    heads = ["#OTU ID", *SAMPLES, *(["taxonomy"] if taxonomy else [])]
    rows = [[one, str(a + floor), f"{b + floor}.0", *([names] if taxonomy else [])] for one, names, a, b in FEATURES]
    return ("# Constructed from biom file\n" + "\n".join("\t".join(row) for row in [heads, *rows]) + "\n").encode()


def taxonomy() -> bytes:
    """As QIIME 2 exports."""
    rows = [f"{one}\t{names}\t0.99" for one, names, _, _ in FEATURES]
    return ("Feature ID\tTaxon\tConfidence\n" + "\n".join(rows) + "\n").encode()


def taxonomy_by_rank() -> bytes:
    """As DADA2's tables are written from R: a column a rank, quotes, NA."""
    heads = ",".join(f'"{rank}"' for rank in ("", "Kingdom", "Phylum", "Class", "Order", "Family", "Genus", "Species"))
    rows = []
    for one, names, _, _ in FEATURES:
        cells = [part.strip()[3:] for part in names.split(";")] if ";" in names else []
        cells = [*cells, *[""] * (7 - len(cells))]
        rows.append(",".join(f'"{cell}"' if cell else "NA" for cell in (one, *cells)))
    return (heads + "\n" + "\n".join(rows) + "\n").encode()


def shared(labels: Sequence[str] = ("0.03",)) -> bytes:
    """As mothur writes, with the tab at the end of each line."""
    lines = ["\t".join(["label", "Group", "numOtus", *(one for one, *_ in FEATURES), ""])]
    for label in labels:
        for at, sample in enumerate(SAMPLES):
            lines.append("\t".join([label, sample, "6", *(str(row[2 + at]) for row in FEATURES), ""]))
    return ("\n".join(lines) + "\n").encode()


def cons_taxonomy() -> bytes:
    """As mothur writes, quoted as some labs do."""
    rows = [f'{one}\t{a + b}\t"{MOTHUR[one]}"' for one, _, a, b in FEATURES]
    return ("OTU\tSize\tTaxonomy\n" + "\n".join(rows) + "\n").encode()


def level_csv() -> bytes:
    """As QIIME 2's bar plots export, with what is known of the samples behind the counts."""
    heads = ["index", *(f"{names.replace('; ', ';')}" for _, names, _, _ in FEATURES[1:]), "age", "sex"]
    stool = ["stool", "6000", *(str(row[2]) for row in FEATURES[2:]), "41", "f"]
    mouth = ["mouth", "0", *(f"{row[3]}.0" for row in FEATURES[2:]), "41", "f"]
    return ("\n".join(",".join(row) for row in (heads, stool, mouth)) + "\n").encode()


def biom_1(*, dense: bool = False, **changed: Any) -> bytes:
    """Version 1, lineages as lists."""
    cells = [[a, b] for _, _, a, b in FEATURES]
    sparse = [[row, at, value] for row, values in enumerate(cells) for at, value in enumerate(values) if value]
    document = {
        "id": None,
        "format": "Biological Observation Matrix 1.0.0",
        "type": "OTU table",
        "generated_by": "a test",
        "matrix_type": "dense" if dense else "sparse",
        "matrix_element_type": "int",
        "shape": [len(cells), 2],
        "data": cells if dense else sparse,
        "rows": [{"id": one, "metadata": {"taxonomy": names.split("; ")}} for one, names, _, _ in FEATURES],
        "columns": [{"id": one, "metadata": None} for one in SAMPLES],
    }
    return json.dumps(document | changed).encode()


def biom_of_lineages() -> bytes:
    """Version 1 as MetaPhlAn's converter wrote it: a row for every rank, lineages as ids, shares."""
    lineages = {
        "k__Bacteria": 100.0,
        "k__Bacteria|p__Firmicutes": 40.0,
        "k__Bacteria|p__Firmicutes|g__Roseburia": 30.5,
        "k__Bacteria|p__Bacteroidetes": 60.0,
        "k__Bacteria|p__Bacteroidetes|g__Bacteroides": 60.0,
    }
    data = [[at, 0, value] for at, value in enumerate(lineages.values())]
    rows = [{"id": one, "metadata": None} for one in lineages]
    return biom_1(rows=rows, data=data, columns=[{"id": "stool"}], shape=[5, 1], matrix_element_type="float", type="")


def biom_of_species() -> bytes:
    """The same without the rows above species, as MetaPhlAn 2's tables of one rank were converted."""
    species = {
        "s__Akkermansia_muciniphila": 50.5,
        "s__Alistipes_putredinis": 19.5,
        "s__Alistipes_unclassified": 10.0,
        "s__Lachnospiraceae_bacterium_1_1_57FAA": 15.0,
        "s__Bacteria_unclassified": 3.0,
        "s__Dysbiosis_score": 2.0,
    }
    data = [[at, 0, value] for at, value in enumerate(species.values())]
    rows = [{"id": one, "metadata": None} for one in species]
    return biom_1(rows=rows, data=data, columns=[{"id": "stool"}], shape=[6, 1], matrix_element_type="float", type="")


def biom_2(*, lineages: bool = True, sample_metadata: bool = False, type: str = "", floor: float = 0) -> bytes:
    """Version 2.1; old writers leave out the group for the samples' metadata."""
    packed = io.BytesIO()
    with h5py.File(packed, "w") as file:
        file.attrs["type"] = type
        file.attrs["generated-by"] = "a test"
        file["observation/ids"] = [one.encode() for one, *_ in FEATURES]
        file["sample/ids"] = [one.encode() for one in SAMPLES]
        if lineages:
            file["observation/metadata/taxonomy"] = [
                [part.encode() for part in [*names.split("; "), *[""] * 7][:7]] for _, names, _, _ in FEATURES
            ]
        if sample_metadata:
            file.create_group("sample/metadata")
        columns = [[a + floor for _, _, a, _ in FEATURES], [b + floor for _, _, _, b in FEATURES]]
        kept = [[(place, value) for place, value in enumerate(column) if value] for column in columns]
        file["sample/matrix/indptr"] = [0, len(kept[0]), len(kept[0]) + len(kept[1])]
        file["sample/matrix/indices"] = [place for column in kept for place, _ in column]
        file["sample/matrix/data"] = [float(value) for column in kept for _, value in column]
    return packed.getvalue()


def artifact(kind: str, members: Mapping[str, bytes], *, archive: int = 6) -> bytes:
    """A QIIME 2 artifact of *kind* with *members* under ``data/``."""
    folder = "0f5c3ab1-1f0e-4d7c-9d43-0a7b6a1f5e21"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{folder}/VERSION", f"QIIME 2\narchive: {archive}\nframework: 2025.7.0\n")
        file.writestr(f"{folder}/metadata.yaml", f"uuid: {folder}\ntype: {kind}\nformat: SomeDirectoryFormat\n")
        for name, data in members.items():
            file.writestr(f"{folder}/data/{name}", data)
    return packed.getvalue()


def q2_table(kind: str = "FeatureTable[Frequency]", **said: Any) -> bytes:
    """The table as an artifact; its features have no names, as usual."""
    return artifact(kind, {"feature-table.biom": biom_2(lineages=False, **said)})


def q2_taxonomy() -> bytes:
    """The taxonomy as an artifact."""
    return artifact("FeatureData[Taxonomy]", {"taxonomy.tsv": taxonomy()})


def bracken(letter: str = "G") -> bytes:
    """Bracken's table of genera (or, by *letter*, another rank)."""
    return (
        "name\ttaxonomy_id\ttaxonomy_lvl\tkraken_assigned_reads\tadded_reads\tnew_est_reads\tfraction_total_reads\n"
        f"Bacteroides\t816\t{letter}\t580000\t20000\t600000\t0.66667\n"
        f"Roseburia\t841\t{letter}\t280000\t20000\t300000\t0.33333\n"
    ).encode()


def cami(samples: Sequence[str] = ("stool",)) -> bytes:
    """A CAMI profile; 4 % could not be placed."""
    block = (
        "@SampleID:{name}\n@Version:0.9.1\n@Ranks:superkingdom|phylum|class|order|family|genus|species|strain\n"
        "@TaxonomyID:ncbi-taxonomy_2025\n@@TAXID\tRANK\tTAXPATH\tTAXPATHSN\tPERCENTAGE\n"
        "2\tsuperkingdom\t2\tBacteria\t96.0\n"
        "976\tphylum\t2|976\tBacteria|Bacteroidota\t60.0\n"
        "816\tgenus\t2|976||||816\tBacteria|Bacteroidota||||Bacteroides\t60.0\n"
        "1239\tphylum\t2|1239\tBacteria|Bacillota\t36.0\n"
        "841\tgenus\t2|1239||||841\tBacteria|Bacillota||||Roseburia\t30.0\n"
    )
    return "".join(block.format(name=name) for name in samples).encode()


UBIOME: tuple[tuple[int, int, int, str, str], ...] = (
    (1, 0, 10_100, "root", "root"),
    (131567, 1, 10_100, "cellular organisms", "no_rank"),
    (2, 131567, 10_000, "Bacteria", "superkingdom"),
    (976, 2, 6_000, "Bacteroidetes", "phylum"),
    (816, 976, 6_000, "Bacteroides", "genus"),
    (1239, 2, 4_000, "Firmicutes", "phylum"),
    (186803, 1239, 3_800, "Lachnospiraceae", "family"),
    (841, 186803, 3_000, "Roseburia", "genus"),
    (2157, 131567, 100, "Archaea", "superkingdom"),
)


def ubiome_json(rows: Sequence[tuple[int, int, int, str, str]] = UBIOME, *, as_text: bool = False) -> bytes:
    """uBiome's download; *as_text*: numbers as in 2014."""
    entries = [
        {
            "taxon": taxon,
            "parent": parent,
            "count": count,
            "count_norm": count * 100,
            "tax_name": name,
            "tax_rank": rank,
        }
        for taxon, parent, count, name, rank in rows
    ]
    told = [{name: str(value) for name, value in one.items()} for one in entries] if as_text else entries
    return json.dumps({"ubiome_bacteriacounts": told, "notes": "private"}).encode()


def ubiome_csv() -> bytes:
    """uBiome's table."""
    rows = [f"{name},{rank},{count},{count * 100},{taxon},{parent}" for taxon, parent, count, name, rank in UBIOME]
    return ("tax_name,tax_rank,count,count_norm,taxon,parent\n" + "\n".join(rows) + "\n").encode()
