"""
Characters that nobody sees and that turn the text around them: they belong into no name of a group.

Control characters (Unicode category Cc) and those that set the direction of writing (Unicode Standard Annex 9, section
2: U+202A to U+202E, U+2066 to U+2069, and the marks U+200E, U+200F and U+061C). With them "Bacteroides 5 %" can be made
to look like another number on a page, in a table or in FHIR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
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
