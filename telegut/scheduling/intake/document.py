"""A form's content as JSON, as it lies in the database, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from telegut.scheduling.intake.rules import Content, Kind, Question


def to_document(content: Content) -> dict[str, Any]:
    """As JSON values; what a question does not have is left out."""
    questions = [
        {name: value for name, value in asdict(one).items() if value not in ("", None, ()) and value is not False}
        for one in content.questions
    ]
    return {"title": content.title, "intro": content.intro, "minutes": content.minutes, "questions": questions}


def from_document(document: dict[str, Any]) -> Content:
    """The content again; it was checked when it was published."""
    questions = tuple(
        Question(**{**one, "kind": Kind(one["kind"]), "options": tuple(one.get("options", ()))})
        for one in document["questions"]
    )
    return Content(document["title"], document["intro"], document["minutes"], questions)
