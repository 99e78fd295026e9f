"""A note's document takes changes in any order and survives bad ones."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pycrdt import Doc, Text

from telegut.careplan.document import ROOT, NoteDocument
from telegut.careplan.frames import NOTHING, Malformed


def typed(*words: str) -> list[bytes]:
    """The updates of somebody who types *words*, one after the other."""
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    text = doc.get(ROOT, type=Text)
    watching = doc.observe(lambda event: updates.append(event.update))
    for word in words:
        text += word
    doc.unobserve(watching)
    return updates


def test_changes_are_handed_on_and_repetition_is_nothing() -> None:
    note = NoteDocument()
    first, second = typed("Oats, ", "then yoghurt 🥣")

    assert NOTHING == note.apply(second)
    assert NOTHING != note.apply(first)
    assert NOTHING == note.apply(second)
    assert "Oats, then yoghurt 🥣" == note.text


def test_a_copy_from_its_state_is_the_same() -> None:
    note, copy = NoteDocument(), NoteDocument()
    for update in typed("a", "b", "c"):
        note.apply(update)
    copy.apply(note.missing(copy.vector))

    assert ("abc", note.state) == (copy.text, copy.state)


def test_asking_whether_something_is_new_changes_nothing() -> None:
    note = NoteDocument()
    (update,) = typed("secret")

    assert note.would_change(update)
    assert note.would_change(update)
    assert not note.would_change(NOTHING)
    assert "" == note.text


def test_no_vector_is_refused() -> None:
    with pytest.raises(Malformed):
        NoteDocument().missing(b"\xff\xff\xff")


def test_broken_updates_harm_nothing() -> None:
    chance = random.Random(2)
    updates = typed(*(chance.choice(["x", "é", "😀", "word "]) for _ in range(60)))
    note = NoteDocument()
    for update in updates:
        note.apply(update)
    refused = 0
    for _ in range(4_000):
        broken = bytearray(chance.choice(updates))
        for _ in range(chance.randint(1, 3)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            note.apply(bytes(broken))
        except Malformed:
            refused += 1
    note.apply(typed("still writing")[0])
    copy = NoteDocument()
    copy.apply(note.state)

    assert refused > 1_000
    # What parses is taken, however odd: its author may write what they like. Nobody else's words are harmed by it.
    assert "still writing" in note.text
    assert "still writing" in copy.text
