"""
Names in a profile that a clinical test would have to confirm before they mean anything.

Bacteria and parasites that the guideline on infectious diarrhoea lists (Shane et al., Clin Infect Dis 2017;65:e45,
table 1), by species, or by genus where every species of it is listed. Some people carry them and are well; fragments of
DNA tell neither who is ill nor which strain it is, and *Escherichia coli* cannot be told apart at all. So a name is
never a finding here (Porcari et al. 2025): it only earns the sentence that a clinical test is needed. The list is not
complete, and that nothing of it was found says nothing either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

GENERA = frozenset({"Salmonella", "Shigella"})
SPECIES = frozenset(
    {"Campylobacter coli", "Campylobacter jejuni", "Clostridioides difficile", "Clostridium difficile"}
    | {"Cryptosporidium hominis", "Cryptosporidium parvum", "Cyclospora cayetanensis", "Entamoeba histolytica"}
    | {"Giardia duodenalis", "Giardia intestinalis", "Giardia lamblia", "Peptoclostridium difficile"}
    | {"Vibrio cholerae", "Vibrio parahaemolyticus", "Yersinia enterocolitica", "Yersinia pseudotuberculosis"}
)


CONFIRM: Final = "confirm_clinically"
FOR_THE_FAMILY: Final = (
    "Some names in a list like this are also those of germs that a clinic can test for. Many people carry them and are "
    "well. The list finds bits of DNA, no illness. If you have complaints, ask your care team: a test of its own tells."
)
"""What the patient's side reads in place of the names."""


def for_the_family(warning: dict[str, str]) -> dict[str, str]:
    """*warning* (code and text) as the patient's side reads it."""
    return {**warning, "text": FOR_THE_FAMILY} if warning["code"] == CONFIRM else warning


def carried(names: Iterable[tuple[str, str]]) -> list[str]:
    """Those of *names* (rank, name) that are on the list, in their order; brackets around a genus do not count."""
    listed = {"genus": GENERA, "species": SPECIES}
    asked = ((listed[rank], name.replace("[", "").replace("]", "")) for rank, name in names if rank in listed)
    return list(dict.fromkeys(name for names_of_rank, name in asked if name in names_of_rank))
