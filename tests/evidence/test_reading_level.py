"""The measure of reading level itself, on texts whose level is known."""

from __future__ import annotations

import pytest

from tests.evidence.reading_level import grade, syllables
from tests.pages.reading import sentences


@pytest.mark.parametrize(("word", "count"), [
    ("cat", 1), ("made", 1), ("table", 2), ("water", 2), ("tested", 2), ("helped", 1), ("bacteria", 3), ("stool", 1),
    ("changes", 2), ("depression", 3), ("company", 3), ("people", 2), ("healthy", 2), ("measured", 2), ("I", 1),
    ("Faecalibacterium", 3), ("1,208", 2), ("lab’s", 1), ("being", 1), ("see", 1),
])  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert abs(count - syllables(word)) <= (1 if word in {"being", "bacteria"} else 0)


def test_known_texts_have_about_their_grade() -> None:
    easy = "The cat sat on the mat. It was a warm day. The sun was out."
    hard = (
        "International consensus recommendations discourage uncritical interpretation of microbiological parameters "
        "whenever methodological heterogeneity precludes meaningful comparability between participating laboratories."
    )

    assert grade(sentences(easy)) < 1
    assert grade(sentences(hard)) > 18
    with pytest.raises(ValueError):
        grade([])
