"""A twin of every family of lab file, made here: what must be read, and what must be refused by name."""

from __future__ import annotations

from tests.reports import lab, own_tables, tables

HUMANN = (
    b"# Pathway\tS1_Abundance\nUNMAPPED\t35.0\nUNINTEGRATED\t700.0\nUNINTEGRATED|g__X.s__Y\t500.0\n"
    b"PWY-1042: glycolysis\t200.0\nPWY-1042: glycolysis|g__X.s__Y\t150.0\nPWY-7208: salvage\t65.0\n"
)
HUMANN_4 = (
    b"# Pathway HUMAnN v4.0.0.alpha.1\tS1_Abundance-CPM\tS2_Abundance-CPM\n"
    b"UNMAPPED\t250000\t0\nPWY-1042: glycolysis\t750000\t1000000\nPWY-9: nothing here\t0\t0\n"
)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"

READ: dict[str, list[bytes]] = {
    "metaphlan-2": [lab.metaphlan_2()],
    "metaphlan-3": [lab.metaphlan_3(unknown=12.5)],
    "metaphlan-4": [lab.metaphlan_4()],
    "metaphlan-4 with reads": [lab.metaphlan_with_reads()],
    "metaphlan merged, of one": [lab.merged(("stool",))],
    "kraken 6": [lab.kraken(lab.gut())],
    "kraken 8": [lab.kraken(lab.gut(domain="R2"), columns=8)],
    "kraken without ranks": [lab.kraken(lab.gut(letters=False), unclassified=None)],
    "bracken": [tables.bracken()],
    "cami": [tables.cami()],
    "biom of lineages": [tables.biom_of_lineages()],
    "ubiome json": [tables.ubiome_json()],
    "ubiome of 2014": [tables.ubiome_json(as_text=True)],
    "ubiome csv": [tables.ubiome_csv()],
}
"""One sample, read without a question."""

ASKED: dict[str, list[bytes]] = {
    "metaphlan merged": [lab.merged()],
    "classic": [tables.feature_table()],
    "classic and taxonomy": [tables.feature_table(taxonomy=False), tables.taxonomy()],
    "classic and ranks": [tables.feature_table(taxonomy=False), tables.taxonomy_by_rank()],
    "mothur": [tables.shared(), tables.cons_taxonomy()],
    "mothur of two labels": [tables.shared(("0.03", "0.05")), tables.cons_taxonomy()],
    "level-7": [tables.level_csv()],
    "biom 1": [tables.biom_1()],
    "biom 1 dense": [tables.biom_1(dense=True)],
    "biom 2": [tables.biom_2()],
    "qiime 2": [tables.q2_table(), tables.q2_taxonomy()],
    "cami of two": [tables.cami(("a", "b"))],
}
"""Several samples: a person chooses."""

REFUSED: dict[str, tuple[list[bytes], str]] = {
    "empty": ([b""], "empty_file"),
    "pathways": ([HUMANN], "pathways_not_taxa"),
    "pathways of version 4": ([HUMANN_4], "pathways_not_taxa"),
    "gene families": ([b"# Gene Family\tS1\nUniRef90_A\t5\n"], "gene_families_not_taxa"),
    "a document": ([PDF], "picture_not_read"),
    "a table of nobody's": ([own_tables.GERMAN], "unknown_table"),
    "a table without names": ([tables.q2_table()], "names_missing"),
    "names without a table": ([tables.q2_taxonomy()], "table_missing"),
    "a composition": ([tables.q2_table("FeatureTable[Composition]")], "pseudocounts_not_counts"),
    "two reports": ([lab.metaphlan_4(), lab.kraken(lab.gut())], "files_do_not_belong"),
}

EVERY: dict[str, list[bytes]] = {**READ, **ASKED, **{name: files for name, (files, _) in REFUSED.items()}}
EVERY |= {"wide table": [own_tables.WIDE], "table across": [own_tables.ACROSS], "long table": [own_tables.LONG]}
