"""
Pieces of pages that depend on a few values alone: made once for each, and used again by everybody's page.

A piece is a template of its own that is given its values by name, and has nothing else of the page: no caller, no
token, no nonce. What is about one person has no place in one: pieces are kept as long as they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from jinja2 import Environment
from markupsafe import Markup

from telegut.web import words
from telegut.web.assets import Assets

KEPT = 256
"""Pieces; one has about ten kilobytes."""

Value = str | int | bool | None


def pieces(environment: Environment, assets: Assets) -> Callable[..., Markup]:
    """
    ``piece("domain/name.html", name=value, …)`` for the templates of *environment*.

    A piece is made anew for another language, and when the front end was built anew.
    """

    @lru_cache(maxsize=KEPT)
    def made(template: str, language: str, build: int, values: tuple[tuple[str, Value], ...]) -> Markup:
        # The piece was escaped as it was made.
        return Markup(environment.get_template(template).render(dict(values)))  # noqa: S704

    def piece(template: str, **values: Value) -> Markup:
        return made(template, words.language(), assets.build, tuple(sorted(values.items())))

    return piece
