"""Tables of laboratories that no format knows, made here: the same invented stool in the ways that labs write."""

from __future__ import annotations

from telegut.reports.formats.mapping import ColumnMapping

GERMAN_TEXT = (
    "Labor Beispiel;;\nAuftrag;4711;\n\nBakterium;Rang;Anteil (%)\n"
    "Bacteroidota;Phylum;60\nBacillota;Phylum;40\nBacteroides;Gattung;45,5\nBacteroides uniformis;Art;40,25\n"
    "Roseburia;Gattung;30\nAkkermansia;Gattung;<0,01\n"
)
GERMAN = GERMAN_TEXT.encode("utf-16")
"""Semicolons, decimal commas, UTF-16 with its mark, lines about the laboratory above the headings."""

ASKED = (GERMAN_TEXT + "Nowhereia;Gattung;8\nZonulin;Gattung;2\nNowhereia prima;Art;3\nKeimzahl;Gattung;1\n").encode()
"""The same with names that are not known, one of them of a genus."""

GERMAN_MAPPING = ColumnMapping(
    layout="one_column",
    taxon="Bakterium",
    rank_from="column",
    rank="Rang",
    value="Anteil (%)",
    unit="percent",
    decimal=",",
    nested=True,
)

WIDE = (
    b"\xef\xbb\xbftax_name\ttaxid\trank\tremark\tP-1\tP-2\n"
    b"Bacteroides\t816\tgenus\tok\t0.5\t0.1\nRoseburia\t841\tgenus\tok\t0.4\t0.2\n"
    b"unclassified\t0\tno rank\t-\t.1\t0.7\n"
)
"""Tabs, a mark of UTF-8, a column for each sample, fractions, what was not recognised."""

WIDE_MAPPING = ColumnMapping(
    layout="samples_as_columns", taxon="tax_name", rank_from="column", rank="rank", taxid="taxid", unit="fraction"
)

ACROSS = b"Sample,Bacteroides,Roseburia,Blautia,Age\nP1,5000,3000,2000,40\nP2,10,20,30,50\nP3,1,5,6,7\n"
"""A row for each sample, a column for each group, and one about people."""

ACROSS_MAPPING = ColumnMapping(layout="taxa_as_columns", sample="Sample", unit="counts", left_out=("Age",))

LONG = b"probe,lineage,reads\n" + b"".join(
    b'%s,"k__Bacteria;p__%s",%d\n' % (sample, taxon, reads)
    for sample in (b"A", b"B")
    for taxon, reads in ((b"Bacteroidota", 9000), (b"Bacteroidota;g__Bacteroides", 6000), (b"Bacillota;g__Dorea", 500))
)
"""A column that names the sample of each row; lineages, wider groups holding the narrower ones."""

LONG_MAPPING = ColumnMapping(
    layout="one_column",
    taxon="lineage",
    taxon_is="lineage",
    rank_from="name",
    value="reads",
    sample="probe",
    unit="counts",
    nested=True,
)
