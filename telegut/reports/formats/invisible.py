"""
Characters that nobody sees, and those that turn the text around them: they belong into no name of a group.

Control characters (Unicode category Cc) and all of category Cf: soft hyphens, spaces without width, tags, and what sets
the direction of writing (Unicode Standard Annex 9, section 2). With them "Bacteroides 5 %" can be made to look like
another number on a page, in a table or in FHIR, and "Score" to be no word that anybody looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
"""Tabs and ends of lines stay: laboratories write several lines about themselves."""


def plain(value: Any) -> Any:
    r"""
    *value* (JSON) with every text and every name without them.

    >>> plain({"a\u202e": ["Bac\u2066teroides", 5]})
    {'a': ['Bacteroides', 5]}
    """
    if isinstance(value, str):
        return _INVISIBLE.sub("", value) if not (value.isascii() and value.isprintable()) else value
    if isinstance(value, dict):
        return {plain(name): plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def all_plain(texts: Iterable[str]) -> bool:
    """Whether `plain` would leave all of *texts* as they are: asked of thousands of rows at once."""
    together = " ".join(texts)
    return (together.isascii() and together.isprintable()) or _INVISIBLE.search(together) is None
