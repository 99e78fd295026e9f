"""
Words that no row may use towards a patient. Pure.

Source: the project's domain guide, section 1.3: never treats, cures, balances, restores or boosts (an unauthorised
claim in the EU, Regulation (EC) No 1924/2006; more than the evidence says anywhere), and section 1.1: no score, no
ratio of groups, no good or bad totals.
"""

from __future__ import annotations

import re
from typing import Final

_PROMISES: Final = re.compile(
    r"\b(treats?|cures?|heals?|balanc(?:e|es|ing)|restor(?:e|es|ing)|boosts?|detox\w*|guarante\w+|proven to"
    r"|dysbiosis|(?:good|bad|friendly|harmful|beneficial) (?:bacteria|microbes))\b",
    re.IGNORECASE,
)

GENERA: Final = re.compile(
    r"\b(Akkermansia|Alistipes|Bacteroides|Bifidobacterium|Blautia|Coprococcus|Dialister|Eggerthella|Eubacterium"
    r"|Faecalibacterium|Hungatella|Lachnoclostridium|Lactobacillus|Oscillibacter|Parabacteroides|Phocaeicola"
    r"|Prevotella|Roseburia|Ruminococcus|Segatella|Sellimonas|Subdoligranulum|Firmicutes|Bacillota|Bacteroidetes"
    r"|Bacteroidota|Actinobacteria|Proteobacteria)\b"
)
"""Taxa that people are sold advice about: none belongs in a sentence about care."""


def promises(text: str) -> str | None:
    """The first word of *text* that promises something; None when there is none."""
    found = _PROMISES.search(text)
    return found[0] if found else None
