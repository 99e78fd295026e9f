"""What a form may ask and what answers it, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from telegut.errors import Invalid
from telegut.scheduling.intake import document, rules
from telegut.scheduling.intake.rules import Content, Kind, NotComplete, Question


def asked(kind: Kind = Kind.TEXT, **more: Any) -> Question:
    """A question of a kind."""
    return Question(**{"id": "one", "group": "First", "kind": kind, "text": "What is it?", **more})


COLOURS = ("green", "blue", "grey")
KEPT = [
    (asked(), " Oats ", "Oats"),
    (asked(), "   ", None),
    (asked(), "", None),
    (asked(), None, None),
    (asked(Kind.LONG_TEXT), "Line\nby line", "Line\nby line"),
    (asked(Kind.YES_NO), False, False),
    (asked(Kind.CONSENT), True, True),
    (asked(Kind.CONSENT), False, None),
    (asked(Kind.CHOICE, options=COLOURS), "blue", "blue"),
    (asked(Kind.CHOICES, options=COLOURS), ["grey", "green"], ["green", "grey"]),
    (asked(Kind.CHOICES, options=COLOURS), [], None),
    (asked(Kind.NUMBER, low=0, high=24), 7, 7.0),
    (asked(Kind.NUMBER, low=0, high=24), 24, 24.0),
    (asked(Kind.DATE), "2026-11-24", "2026-11-24"),
]


@pytest.mark.parametrize(("question", "value", "kept"), KEPT)
def test_an_answer_is_kept_as_it_is_meant(question: Question, value: object, kept: object) -> None:
    assert kept == rules.check_value(question, value)


REFUSED = [
    (asked(), 7),
    (asked(), "x" * (rules.TEXT_LENGTH + 1)),
    (asked(Kind.LONG_TEXT), "x" * (rules.LONG_TEXT_LENGTH + 1)),
    (asked(Kind.YES_NO), "yes"),
    (asked(Kind.CONSENT), "on"),
    (asked(Kind.CHOICE, options=COLOURS), "red"),
    (asked(Kind.CHOICE, options=COLOURS), ["blue"]),
    (asked(Kind.CHOICES, options=COLOURS), "blue"),
    (asked(Kind.CHOICES, options=COLOURS), ["blue", "red"]),
    (asked(Kind.NUMBER, low=0, high=24), 24.5),
    (asked(Kind.NUMBER, low=0, high=24), -1),
    (asked(Kind.NUMBER), True),
    (asked(Kind.NUMBER), "seven"),
    (asked(Kind.NUMBER), float("nan")),
    (asked(Kind.NUMBER), float("inf")),
    (asked(Kind.DATE), "24.11.2026"),
    (asked(Kind.DATE), "2026-02-30"),
    (asked(Kind.DATE), "0004-01-01"),
    (asked(Kind.DATE), 20261124),
]


@pytest.mark.parametrize(("question", "value"), REFUSED)
def test_what_is_no_answer_is_told_in_words(question: Question, value: object) -> None:
    with pytest.raises(ValueError, match=r"^(Please|This) .+\.$"):
        rules.check_value(question, value)


SENSELESS = [
    (asked(id="Two words"), "id"),
    (asked(fact="Allergies!"), "fact"),
    (asked(text=" "), "text"),
    (asked(group=" "), "group"),
    (asked(options=COLOURS), "options"),
    (asked(Kind.CHOICE), "options"),
    (asked(Kind.CHOICE, options=("one", "one")), "options"),
    (asked(unit="kg"), "unit"),
    (asked(Kind.NUMBER, low=3, high=2), "high"),
]


@pytest.mark.parametrize(("question", "field"), SENSELESS)
def test_a_form_that_nobody_could_fill_in_is_refused(question: Question, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_content(Content("A form", questions=(question,)))

    assert [f"questions.0.{field}"] == [error.field for error in refused.value.errors]


def test_two_questions_have_two_ids() -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_content(Content("A form", questions=(asked(), asked())))

    assert ["questions.1.id"] == [error.field for error in refused.value.errors]


def test_answers_are_checked_together() -> None:
    content = Content("A form", questions=(asked(id="a"), asked(Kind.NUMBER, id="b")))
    with pytest.raises(Invalid) as refused:
        rules.check_answers(content, {"a": 1, "b": "x", "c": "?"})

    assert ["answers.a", "answers.b", "answers"] == [error.field for error in refused.value.errors]


def test_a_form_is_complete_once_every_required_question_has_an_answer() -> None:
    content = Content("A form", questions=(asked(id="a", required=True), asked(Kind.YES_NO, id="b", required=True)))
    with pytest.raises(NotComplete) as waits:
        rules.check_complete(content, {"a": None})
    rules.check_complete(content, {"a": "Sleep", "b": False})

    assert ["answers.a", "answers.b"] == [error.field for error in waits.value.errors]


def test_questions_stand_on_screens_in_their_order() -> None:
    a, b, c = asked(id="a"), asked(id="b"), asked(id="c", group="Second")

    assert [("First", [a, b]), ("Second", [c])] == rules.groups([a, b, c])


def test_a_form_reads_back_as_it_was_written() -> None:
    content = Content(
        "Before we talk",
        "Take your time.",
        4,
        (
            asked(Kind.CHOICE, id="a", options=COLOURS, fact="colour", required=True, help="Any."),
            asked(Kind.NUMBER, id="b", low=0, high=24, unit="hours"),
        ),
    )

    assert content == document.from_document(document.to_document(content))
