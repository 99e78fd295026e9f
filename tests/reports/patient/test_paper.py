"""The PDF of a patient's report: the words of the page, tagged, with its font inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from telegut.reports.patient.levels import Level
from telegut.reports.patient.press import Press, PressBroke, order
from telegut.reports.patient.printer import printed
from telegut.reports.patient.sheet import Line, Section, Sheet
from tests.pages.test_nothing_scores import faults
from tests.reports.patient.made import PAPER, sheet
from tests.reports.patient.paper import fonts_of, paragraphs_of, tags_of, words_of


@pytest.mark.parametrize("level", [Level.SHORT, Level.FULL])
def test_it_says_the_words_of_the_page(level: Level) -> None:
    made = sheet(level)
    pdf = printed(order(made, PAPER))
    words = words_of(pdf).replace(" ", "")

    wanted = [text for one in made.sections for line in one.lines for text in (line.title, line.text, line.value)]
    for text in (*wanted, *(one.title for one in made.sections), *(one.intro for one in made.sections)):
        assert "".join(text.split()) in words
    assert [] == [fault for line in paragraphs_of(pdf) for fault in faults(line)]


def test_its_text_is_tagged_and_its_font_is_inside() -> None:
    made = sheet(Level.STANDARD)
    pdf = printed(order(made, PAPER))
    tags = tags_of(pdf)

    assert "H1" == tags[0]
    assert len(made.sections) == tags.count("H2")
    assert {"H1", "H2", "P"} == set(tags)
    assert all(fonts_of(pdf).values()), fonts_of(pdf)
    assert b"/MarkInfo" in pdf
    assert b"/DisplayDocTitle true" in pdf


NAMES = {
    "Łukasz Žižek": "Łukasz Žižek",
    "Nguyễn Thị Ánh": "Nguyễn Thị Ánh",
    "Þóra Ġorġ İğŞ": "Þóra Ġorġ İğŞ",
    "Ελένη": "Ελένη",
    "Лена": "Лена",
    "李 Lena": "? Lena",
}


def test_names_are_written_as_they_are() -> None:
    goals = Section(id="goals", title="Goals", lines=tuple(Line(text=one) for one in NAMES))

    assert list(NAMES.values()) == paragraphs_of(printed(order(replace(empty(), first=(goals,)), PAPER)))[3:9]


def test_long_words_and_long_texts_stay_on_the_page() -> None:
    long = Section(id="goals", title="Goals", lines=(Line(title="W" * 400, text="so it is " * 1_500),))
    pdf = printed(order(replace(empty(), first=(long,)), PAPER))

    assert 1_500 == words_of(pdf).split().count("so")
    assert len(paragraphs_of(pdf)) > 2


async def test_a_printing_that_breaks_is_told_kindly() -> None:
    with pytest.raises(PressBroke):
        await Press().pdf(empty(), replace(PAPER, made="no day at all"))


def empty() -> Sheet:
    """Nothing but a heading."""
    return Sheet(level=Level.SHORT, first=(), microbes=(), origin=Section(id="origin", title="From", lines=()))
