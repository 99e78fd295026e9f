"""
Language tags as people and programs write them. Pure.

The shape is RFC 5646 (BCP 47), 2.1: language, script, region, variants. Extensions and private use say nothing about
which language somebody speaks and are refused.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES_AT_MOST: Final = 20

_SHAPE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})(?P<script>-[a-z]{4})?(?P<region>-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE | re.ASCII,
)


def canonical(tag: str) -> str:
    """
    A tag in its usual letters (RFC 5646, 2.1.1), such as ``de``, ``en-GB`` or ``zh-Hant-TW``.

    Raises:
        ValueError: this is not such a tag.
    """
    found = _SHAPE.fullmatch(tag.strip())
    if found is None:
        raise ValueError("is a language tag such as de or en-GB")
    script, region = found["script"] or "", found["region"] or ""
    return found["language"].lower() + script.title() + region.upper() + found["variants"].lower()
