"""Pieces of pages: made once for their values, anew for others, another language and another build."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from jinja2.exceptions import UndefinedError

from telegut.web import words
from telegut.web.assets import Assets
from telegut.web.pieces import pieces

MADE: list[str] = []


def noted(name: str) -> str:
    """*name*, and that a piece was made with it."""
    MADE.append(name)
    return name


@pytest.fixture
def build() -> SimpleNamespace:
    """A build of the front end that can become another one."""
    MADE.clear()
    return SimpleNamespace(build=1)


@pytest.fixture
def piece(build: SimpleNamespace) -> Any:
    """``piece`` with one template."""
    loader = DictLoader({"greeting.html": "<p>{{ noted(name) }}</p>", "more.html": "{{ caller }}"})
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.globals["noted"] = noted
    return pieces(environment, cast(Assets, build))


def test_a_piece_is_made_once_for_its_values(piece: Any) -> None:
    assert ["<p>Lena</p>", "<p>Lena</p>", "<p>Mei</p>"] == [
        piece("greeting.html", name=one) for one in ["Lena", "Lena", "Mei"]
    ]
    assert ["Lena", "Mei"] == MADE


def test_what_is_put_in_is_escaped_and_the_piece_is_not_escaped_again(piece: Any) -> None:
    again = Environment(autoescape=True).from_string("{{ it }}").render(it=piece("greeting.html", name="<b>"))

    assert "<p>&lt;b&gt;</p>" == again


def test_another_language_or_build_is_another_piece(piece: Any, build: SimpleNamespace, monkeypatch: Any) -> None:
    piece("greeting.html", name="Lena")
    monkeypatch.setattr(words, "language", lambda: "de")
    piece("greeting.html", name="Lena")
    build.build = 2
    piece("greeting.html", name="Lena")
    piece("greeting.html", name="Lena")

    assert ["Lena"] * 3 == MADE


def test_a_piece_has_nothing_of_the_page_but_what_it_is_given(piece: Any) -> None:
    with pytest.raises(UndefinedError):
        piece("more.html", name="Lena")
