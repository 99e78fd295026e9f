"""
Words that no row may use towards a patient. Pure.

Source: the project's domain guide, section 1.3: never treats, cures, balances, restores or boosts (an unauthorised
claim in the EU, Regulation (EC) No 1924/2006; more than the evidence says anywhere), and section 1.1: no score, no
ratio of groups, no good or bad totals.
"""

from __future__ import annotations

import re
from typing import Final

_ILLNESS: Final = r"(?:depressi\w+|anxiety|stress|insomnia|panic|burn-?out|autism|adhd|ibs|mood|illness\w*|disease\w*)"
_MEDICINE: Final = r"(?:medic\w+|antidepress\w+|tablets|drugs?|pills|therapy|psychotherapy|ssris?|treatment)"
_GUT: Final = r"(?:gut|microbiome|microbiota|(?:gut |intestinal )?flora|bowel|microbes|bacteria)"
_CLAIMED: Final = (
    r"treats?|cur(?:e|es|ed|ing)|heal(?:s|ed|ing)?|(?:re)?balanc(?:e|es|ing)|restor(?:e|es|ing)|boost(?:s|ing)?",
    r"detox\w*|guarante\w+|(?:proven|proved|sure|certain) to|clinically proven|miracle",
    r"prevent(?:s|ed)|(?:to|help|helps|can|may|will) prevent|protects? (?:you )?(?:from|against)",
    rf"(?:get|gets|getting) rid of (?:your )?{_ILLNESS}|(?:ends?|stops?|beats?|fights?|defeats?) (?:your )?{_ILLNESS}",
    rf"(?:work(?:s|ed)?|effective) (?:for|against|on|in) (?:\w+ )?{_ILLNESS}",
    rf"(?:beats?|replaces?|outperforms?|instead of|(?:better|stronger|more) than) (?:\w+ )?{_MEDICINE}",
    rf"(?:as good as|as well as|alternatives? to|no need for) (?:\w+ )?{_MEDICINE}",
    r"dysbiosis|(?:good|bad|friendly|harmful|beneficial|healthy) (?:gut )?(?:bacteria|microbes)",
    rf"{_GUT} (?:health )?(?:scores?|index|age)",
    rf"(?:improv|strengthen|normali[sz]|repair|optimi[sz]|support|clean|reset)\w* (?:your |the )?{_GUT}",
    rf"(?:healthy|healthier|good|better|balanced|diverse|strong) {_GUT}",
    rf"{_GUT} (?:\w+ )?(?:improv|caus|lift|reliev|reduc|lower|driv|control|prevent|help)\w*",
)
_PROMISES: Final = re.compile(rf"\b(?:{'|'.join(_CLAIMED)})\b", re.IGNORECASE)

GENERA: Final = re.compile(
    r"\b(Akkermansia|Alistipes|Bacteroides|Bifidobacterium|Blautia|Coprococcus|Dialister|Eggerthella|Eubacterium"
    r"|Faecalibacterium|Hungatella|Lachnoclostridium|Lactobacillus|Oscillibacter|Parabacteroides|Phocaeicola"
    r"|Prevotella|Roseburia|Ruminococcus|Segatella|Sellimonas|Subdoligranulum|Firmicutes|Bacillota|Bacteroidetes"
    r"|Bacteroidota|Actinobacteria|Proteobacteria)\b"
)
"""Taxa that people are sold advice about: none belongs in a sentence about care."""


def promises(text: str) -> str | None:
    """The first word of *text* that promises something; None when there is none."""
    found = _PROMISES.search(" ".join(text.split()))
    return found[0] if found else None
