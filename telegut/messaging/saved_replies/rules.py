"""What a saved reply may say, and how its gaps are filled. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from telegut.errors import FieldError, Invalid
from telegut.messaging.rules import check_subject, shows_nothing

PLACEHOLDERS = ("first_name", "visit_time")
"""Gaps that are filled: the patient's first name, and when their next visit is, in their zone."""
TITLE_MAX_CHARACTERS = 80
_GAP = re.compile(r"\{([a-z_]+)\}")


class UnknownPlaceholder(Invalid):
    """A saved reply can have the gaps {first_name} and {visit_time}, no others."""


def check(title: str, body: str, *, max_characters: int) -> tuple[str, str]:
    """
    Return *title* without white space around it, and *body*.

    Raises:
        Invalid: one shows nothing or is too long, or *title* turns around what stands beside it.
        UnknownPlaceholder: a gap that nobody can fill.
    """
    title = title.strip()
    if shows_nothing(title) or len(title) > TITLE_MAX_CHARACTERS:
        raise _about("title", f"Give it a title of at most {TITLE_MAX_CHARACTERS} characters.")
    check_subject(title, field="title")
    if shows_nothing(body) or len(body) > max_characters:
        raise _about("body", f"Write at most {max_characters} characters.")
    if not set(gaps(body)) <= set(PLACEHOLDERS):
        raise UnknownPlaceholder(errors=[FieldError("body", str(UnknownPlaceholder.__doc__))])
    return title, body


def fill(body: str, facts: Mapping[str, str]) -> str:
    """*body* with its gaps filled; a gap without a fact stays, so that its writer sees it before sending."""
    return _GAP.sub(lambda gap: facts.get(gap.group(1)) or gap.group(0), body)


def gaps(body: str) -> list[str]:
    """The gaps in *body*, in their order."""
    return list(dict.fromkeys(_GAP.findall(body)))


def first_name(name: str) -> str:
    """What somebody is called: the first word of their name."""
    return name.split()[0] if name.split() else name


def _about(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, message)])
