"""Texts for people: values, plurals, and that nothing from outside becomes markup."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from telegut.web import words


def test_a_message_without_values_may_hold_a_per_cent_sign() -> None:
    assert words.gettext("21 % of all reads") == "21 % of all reads"


def test_values_take_their_places() -> None:
    assert words.gettext("Visit with %(name)s", name="Amara") == "Visit with Amara"


def test_a_value_from_outside_is_escaped() -> None:
    assert words.gettext("Visit with %(name)s", name="<b>") == "Visit with &lt;b&gt;"


def test_a_value_that_is_markup_stays_markup() -> None:
    assert words.gettext("At %(when)s", when=Markup("<time>9</time>")) == "At <time>9</time>"


@pytest.mark.parametrize(("n", "expected"), [(1, "1 visit"), (2, "2 visits"), (0, "0 visits")])
def test_one_and_many(n: int, expected: str) -> None:
    assert words.ngettext("%(n)s visit", "%(n)s visits", n) == expected


def test_english_scripts_need_no_catalogue() -> None:
    assert words.catalogue() == {}


@pytest.mark.parametrize("wanted", ["en", "en-GB", "xx", "", "de_AT"])
def test_without_a_catalogue_the_language_is_english(wanted: str) -> None:
    assert words.spoken(wanted) == "en"
