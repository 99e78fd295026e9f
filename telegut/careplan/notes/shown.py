"""
What the patient's side reads of a shared note while some sentence of it is tied to a finding of a stool sample.

A note is typed by several people at once, so nothing of it can be refused without losing words. Instead it is held::

    somebody of the team writes ──▶ the whole note ──no sentence is tied──▶ what the patient's side reads
                                          │
                                          └──one is──▶ held, and the team is told which words, until they are others

What the patient and their family write themselves is read at once, whatever it says: it is theirs. A CRDT takes late
changes as well as early ones, so what was held comes whole as soon as it passes.
"""

from __future__ import annotations

import asyncio
from typing import Final

from telegut.careplan.document import NoteDocument
from telegut.careplan.frames import NOTHING, Malformed
from telegut.evidence.findings_in_words import tied_sentences

WORDS_TOLD: Final = 5
"""Places that the team is told of at once: who has put five otherwise is told of the next."""


class Shown:
    """What others than the care team read of the note *whole*."""

    def __init__(self, whole: NoteDocument) -> None:
        self.document = NoteDocument()
        self.held: tuple[str, ...] = ()
        self._whole = whole
        self._judged: dict[str, dict[str, str]] = {}

    def take(self, update: bytes) -> bytes:
        """*update* may be read as it is; return what it changed for the readers."""
        return self.document.apply(update)

    async def judge(self) -> bytes:
        """
        Let the whole note through, or hold it; return what it changed for the readers.

        ``held`` says afterwards by which words: those of sentences that its readers do not have already.
        """
        late = self._whole.missing(self.document.vector)
        # A long note takes some milliseconds, in which others may type: what is let through is what was looked at.
        self.held = await asyncio.to_thread(self._tied, self._whole.text, self.document.text)
        return NOTHING if self.held else self._let_through(late)

    def rest(self) -> bytes:
        """What the readers do not have yet, as one update."""
        return self._whole.missing(self.document.vector)

    def _let_through(self, late: bytes) -> bytes:
        try:
            return self.document.apply(late)
        except Malformed:
            # What readers have cannot take it: they begin anew from the whole, and no note stays shut because of it.
            self.document = NoteDocument()
            return self.document.apply(self._whole.state)

    def _tied(self, whole: str, read: str) -> tuple[str, ...]:
        known, self._judged = self._judged, {}
        already = self._sentences(read, known)
        late = {sentence: words for sentence, words in self._sentences(whole, known).items() if sentence not in already}
        return tuple(dict.fromkeys(late.values()))[:WORDS_TOLD]

    def _sentences(self, text: str, known: dict[str, dict[str, str]]) -> dict[str, str]:
        """Line by line, because between two looks only one or two lines are others."""
        found: dict[str, str] = {}
        for line in text.split("\n"):
            if line not in self._judged:
                self._judged[line] = known[line] if line in known else tied_sentences(line)
            found |= self._judged[line]
        return found
