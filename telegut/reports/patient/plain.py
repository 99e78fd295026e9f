"""
Words as plain text: the same sentences go into a page, which escapes them, and into a PDF, which must not.

`telegut.web.words.gettext` answers with safe HTML where values were filled in; here it is taken back to text.
"""

from __future__ import annotations

from markupsafe import Markup

from telegut.web import words


def plain(text: str) -> str:
    """*text* without HTML's escapes, where it came as safe HTML."""
    return text.unescape() if isinstance(text, Markup) else text


def gettext(text: str, **values: object) -> str:
    """As `telegut.web.words.gettext`, as plain text."""
    return plain(words.gettext(text, **values))


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """As `telegut.web.words.ngettext`, as plain text."""
    return plain(words.ngettext(singular, plural, n, **values))
