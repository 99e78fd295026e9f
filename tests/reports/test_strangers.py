"""What is not read, and by which name it is refused."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telegut.reports.formats.limits import Limits
from telegut.reports.formats.reading import read
from telegut.reports.formats.refusals import UnreadableReport
from telegut.reports.reader import outcome
from tests.reports import lab


def a_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data/feature-table.biom", "x")
    return packed.getvalue()


BIOM_1 = (
    '{"id": "x", "format": "Biological Observation Matrix 1.0.0", "type": "%s table", "matrix_type": "sparse", '
    '"shape": [1, 1], "data": [[0, 0, 5]], "rows": [{"id": "a"}], "columns": [{"id": "b"}]}'
)
FLOOR = [(f"{lab.LACHNO}|g__Genus{number}", "", 0.0001 if number else 99.9) for number in range(40)]

CASES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty_file"),
    "blank lines": (b"\n \n\t\n", "empty_file"),
    "packed nothing": (gzip.compress(b""), "empty_file"),
    "half a gzip file": (gzip.compress(lab.metaphlan_4())[:-20], "damaged_file"),
    "gzip by its first bytes alone": (b"\x1f\x8bnothing of the kind", "damaged_file"),
    "HUMAnN pathways": (b"# Pathway\tS1_Abundance\nUNMAPPED\t34.9\nPWY-7208: salvage\t3.1\n", "pathways_not_taxa"),
    "HUMAnN 4 pathways": (b"# Pathway HUMAnN v4.0.0\tS1_Abundance-RPKs\nUNMAPPED\t1\n", "pathways_not_taxa"),
    "pathways without a header": (b"PWY-7208: x\t3.1\nPWY-3841: y\t2.9\nDTDPRHAMSYN-PWY: z\t1\n", "pathways_not_taxa"),
    "HUMAnN coverage": (b"# Pathway\tS1_Coverage\nUNMAPPED\t1\nPWY-7208: x\t0.4\n", "coverage_not_abundance"),
    "samtools coverage": (
        b"#rname\tstartpos\tendpos\tnumreads\tcovbases\tcoverage\tmeandepth\nNC_1\t1\t99\t5\t9\t9\t0.1\n",
        "coverage_not_abundance",
    ),
    "HUMAnN gene families": (b"# Gene Family\tS1\nUNMAPPED\t5\nUniRef90_A0A1\t3.0\n", "gene_families_not_taxa"),
    "gene families without a header": (
        b"UniRef90_A0A1\t3.0\nUniRef90_B2\t2\nUniRef90_C3\t1\n",
        "gene_families_not_taxa",
    ),
    "KEGG orthologs": (b"K00001\t3\nK00002\t5\nK00003\t1\n", "gene_families_not_taxa"),
    "KEGG orthologs as QIIME writes them": (b"#OTU ID\tS1\nK00001\t3\nK00002\t5\n", "gene_families_not_taxa"),
    "PICRUSt orthologs": (b"function\tS1\nko:K00001\t3\nko:K00002\t5\n", "gene_families_not_taxa"),
    "enzymes": (b"EC:1.1.1.1\t500\nEC:1.1.1.-\t7\nEC:3.1.-.-\t1\n", "gene_families_not_taxa"),
    "PICRUSt enzymes": (b"#OTU ID\tS1\nEC:1.1.1.1\t500\nEC:1.1.1.n2\t7\n", "gene_families_not_taxa"),
    "PICRUSt pathways": (b"#OTU ID\tS1\nPWY-7208\t500\nPWY-3841\t7\n", "pathways_not_taxa"),
    "BIOM 1 of enzymes": ((BIOM_1 % "OTU").replace('"a"', '"EC:1.1.1.1"').encode(), "gene_families_not_taxa"),
    "metabolites": (b"metabolite\tS1\nbutyrate\t5.1\nacetate\t3.0\n", "metabolites_not_taxa"),
    "metabolites by their ids": (b"HMDB0000042\t5.1\nHMDB0000039\t3\nHMDB0000237\t1\n", "metabolites_not_taxa"),
    "a floor in every cell": (lab.metaphlan_4(FLOOR), "pseudocounts_not_counts"),
    "a picture of a table": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "picture_not_read"),
    "a photo": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "picture_not_read"),
    "a zip archive": (a_zip(), "format_not_read"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(64), "damaged_file"),
    "BIOM 1": ((BIOM_1 % "OTU").encode(), "names_missing"),
    "BIOM 1 of pathways": ((BIOM_1 % "Pathway").encode(), "pathways_not_taxa"),
    "BIOM 1 of metabolites": ((BIOM_1 % "Metabolite").encode(), "metabolites_not_taxa"),
    "BIOM 1 of genes": ((BIOM_1 % "Gene").encode(), "gene_families_not_taxa"),
    "uBiome": (b'{"ubiome_bacteriacounts": [{"taxon": "1"}]}', "damaged_file"),
    "other JSON": (b'{"hello": "world"}', "not_a_profile"),
    "deep JSON": (b"[" * 100_000, "report_too_large"),
    "a feature table": (b"# Constructed from biom file\n#OTU ID\tS1\nabc\t5\n", "names_missing"),
    "mothur": (b"label\tGroup\tnumOtus\tOtu1\n0.03\tS1\t1\t5\n", "names_missing"),
    "Kraken's list of reads": (b"C\tread1\t816\t150\t816:116\n", "format_not_read"),
    "sequences": (b"@read1\nACGT\n+\nIIII\n", "format_not_read"),
    "MetaPhlAn markers": (b"#mpa_v30_CHOCOPhlAn_201901\n820__A0A1__M1\t5.1\n", "not_a_profile"),
    "a letter": ("Liebe Frau Hartmann,\nIhr Befund liegt vor.\n".encode("latin-1"), "not_a_profile"),
    "a web page": (b"<!doctype html><title>Sign in</title>", "not_a_profile"),
    "bytes": (bytes(range(256)) * 20, "not_a_profile"),
}


@pytest.mark.parametrize(("data", "code"), CASES.values(), ids=CASES.keys())
def test_each_is_refused_by_its_own_name(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableReport) as refused:
        read([data])

    assert code == refused.value.code
    assert len(refused.value.message) > 20


def test_what_a_lab_writes_with_few_reads_is_no_pseudocount() -> None:
    rare = tuple(lab.Node("S", 900_000 + number, f"Roseburia sp. {number}", 1) for number in range(100))
    tree = lab.Node("R", 1, "root", 0, (lab.Node("G", 841, "Roseburia", 500_000, rare),))

    assert "kraken2-report" == read([lab.kraken(tree)]).format


SMALL = Limits(file_bytes=60_000, unpacked_bytes=60_000, rows=300, line_characters=4_000, depth=20)

TOO_MUCH: dict[str, bytes] = {
    "bytes": b"k__Bacteria\t100\n" * 4_000,
    "bytes after unpacking": gzip.compress(b"k__Bacteria\t100\n" * 40_000),
    "rows": lab.kraken(lab.Node("R", 1, "root", 0, tuple(lab.Node("S", 5, f"A b{n}", 9) for n in range(400)))),
    "a line": lab.metaphlan_2([(f"k__{'x' * 5_000}", "", 100.0)]),
    "a lineage": lab.metaphlan_2([("|".join(["k__a"] * 30), "", 100.0)]),
}


@pytest.mark.parametrize("data", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_beyond_the_limits_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableReport) as refused:
        read([data], limits=SMALL)

    assert "report_too_large" == refused.value.code


def test_a_deep_tree_is_refused() -> None:
    node = lab.Node("S", 5, "deepest", 5_000)
    for number in range(30):
        node = lab.Node("-", 10 + number, f"step {number}", 0, (node,))

    with pytest.raises(UnreadableReport) as refused:
        read([lab.kraken(node)], limits=SMALL)

    assert "report_too_large" == refused.value.code


def test_files_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(UnreadableReport) as refused:
        read([lab.metaphlan_4(), lab.kraken(lab.gut())])

    assert "files_do_not_belong" == refused.value.code


def ends_well(data: bytes) -> None:
    """A value or a named refusal, nothing else; both in words that JSON can carry."""
    said = outcome([data], None, SMALL)
    if said["state"] == "ready":
        assert said["answer"]["taxa"]
        assert all(0 <= row["percent"] <= 101 for row in said["answer"]["taxa"])
    else:
        assert said["problem"]["code"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_end_well(data: bytes) -> None:
    ends_well(data)


CELL = st.one_of(
    st.sampled_from(
        ["k__Bacteria", "g__", "k__Bacteria|p__X", "UNKNOWN", "100.0", "0", "1", "2", "", "D", "R1", "9606"]
    ),
    st.sampled_from(
        ["#SampleID", "#mpa_v30_X", "clade_name", "relative_abundance", "  Bacteria", "nan", "1e400", "-1"]
    ),
    st.text(max_size=8),
)
LINES = st.lists(st.lists(CELL, min_size=1, max_size=9).map("\t".join), max_size=20)


@settings(max_examples=200, deadline=None)
@given(LINES.map("\n".join))
def test_any_table_ends_well(text: str) -> None:
    ends_well(text.encode("utf-8", "replace"))


PROFILES = [lab.metaphlan_4(), lab.metaphlan_3(unknown=10), lab.merged(), lab.kraken(lab.gut()), lab.metaphlan_2()]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PROFILES), st.integers(0, 4_000), st.integers(0, 60), st.binary(max_size=20))
def test_any_edit_of_a_profile_ends_well(data: bytes, at: int, cut: int, put: bytes) -> None:
    at %= len(data)
    ends_well(data[:at] + put + data[at + cut :])
