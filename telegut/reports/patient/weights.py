"""
Which words speak of weight or calories, so that a page can fold them away for whom they may harm. Pure.

Source: domain research 2.2 and 8.2 (eating-disorder gate: no weights and no calories by default). Amounts of a food
(``40 g``) are no weights of a person and stay.
"""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = re.compile(
    r"\b(?:k?cals?|calorie\w*|kj|kilojoules?|bmi|body mass|weigh\w*|overweight|underweight|obes\w+|slim\w*|waist\w*"
    r"|kilos?|kg|pounds?|lbs?)\b|\d(?:kg|kcal|kj|lbs?)\b",
    re.IGNORECASE,
)


def speaks_of_weight(*texts: str) -> bool:
    """Whether one of *texts* names a weight, a body mass or calories."""
    return any(_WORDS.search(text) for text in texts)
