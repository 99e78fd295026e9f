"""
The language of a page: catalogues made with Babel, the one in use, and English when there is none.

Messages are plain text, never HTML: a template escapes them like everything else. ``babel.cfg`` beside the catalogues
says where messages are found; ``pybabel extract -F telegut/web/translations/babel.cfg -k _ -o FILE telegut static/src``
collects them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

CATALOGUES = Path(__file__).parent / "translations"
ENGLISH = "en"

_language: ContextVar[str] = ContextVar("telegut_language", default=ENGLISH)


@cache
def languages() -> frozenset[str]:
    """The languages telegut speaks."""
    return frozenset({ENGLISH, *(path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/telegut.mo"))})


@cache
def _translations(language: str) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    return Translations.load(str(CATALOGUES), [language], domain="telegut")


def spoken(wanted: str) -> str:
    """The language nearest to *wanted* (``de-AT`` → ``de``) that there is a catalogue for, else English."""
    for candidate in (wanted.replace("-", "_"), wanted.replace("_", "-").split("-")[0]):
        if candidate in languages():
            return candidate
    return ENGLISH


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Texts made inside the block are in *language*."""
    token = _language.set(spoken(language))
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """The language being spoken."""
    return _language.get()


def language_name(tag: str) -> str:
    """A language by its name in the one being spoken, such as "German" for ``de``; *tag* itself when it has none."""
    try:
        return Locale.parse(tag, sep="-").get_language_name(language()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def gettext(message: str, **values: object) -> str:
    """*message* in the language being spoken; ``%(name)s`` takes the value of that name."""
    return _filled(_translations(language()).ugettext(message), values)


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """One or many: the form that *n* takes in this language; ``%(n)s`` is *n* itself."""
    return _filled(_translations(language()).ungettext(singular, plural, n), {"n": n, **values})


def catalogue() -> dict[str, str]:
    """Every message with its translation in the language being spoken, for scripts; empty in English."""
    known = getattr(_translations(language()), "_catalog", {})
    return {message: text for message, text in known.items() if isinstance(message, str) and message and text}


def _filled(text: str, values: dict[str, object]) -> str:
    # Values may be safe HTML that a macro made (a <time>), so the message around them is escaped first.
    return Markup(escape(text)) % values if values else text  # noqa: S704 - the text was escaped on this line


_ = gettext
