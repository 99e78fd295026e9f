"""
How many years of school a text asks for: the Flesch-Kincaid grade.

0.39 * words / sentences + 11.8 * syllables / words - 15.59 (Kincaid, Fishburne, Rogers and Chissom, "Derivation of new
readability formulas for Navy enlisted personnel", Research Branch Report 8-75, 1975).

Syllables are counted by vowel groups, with a silent *e* at the end left out: within a tenth of a dictionary's count for
English prose. A number counts as one word of two syllables, a Latin name of a genus as one of three, however long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from telegut.evidence.wording import GENERA

WORD = re.compile(r"[A-Za-z]+(?:[’'][a-z]+)?|\d[\d,.]*")
SILENT_END = re.compile(r"[^aeiouylr]e$|[aeiouy]le$|[^aeiouy]re$|[aeiouy]re$|[^aeiouysxzcgh]es$|[^aeiouytd]ed$")
"""An *e* at the end that is not spoken: made, whole, more; names, helped."""
NUMBER_SYLLABLES = 2
NAME_SYLLABLES = 3


def syllables(word: str) -> int:
    """About how many syllables *word* has; at least one."""
    if word[0].isdigit():
        return NUMBER_SYLLABLES
    if GENERA.fullmatch(word):
        return NAME_SYLLABLES
    small = re.sub(r"[’'].*", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", small))
    return max(1, groups - 1 if SILENT_END.search(small) else groups)


def grade(sentences: Iterable[str]) -> float:
    """
    The grade of a text that is given by its sentences.

    Raises:
        ValueError: there is not a word in it.
    """
    said = [words for one in sentences if (words := WORD.findall(one))]
    words = [word for one in said for word in one]
    if not words:
        raise ValueError("no words")
    return 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
