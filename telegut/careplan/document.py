"""
One note in memory: a CRDT document that bad input cannot harm.

pycrdt refuses most malformed updates, but a few crafted ones make its Rust core panic in the middle of a change, and
what is left of the document then cannot be trusted. So every update from outside is tried on a twin first; the twin
alone is thrown away when it breaks.
"""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, Subscription, Text, TransactionEvent

from telegut.careplan.frames import NOTHING, Malformed

ROOT = "note"
"""The name of the text in every document; pages use the same."""


class NoteDocument:
    """The text of a note with its history of changes."""

    def __init__(self) -> None:
        self._changes: list[bytes] = []
        self._main, self._watching = self._watched()
        self._twin, self._twin_watching = self._watched()

    @property
    def text(self) -> str:
        """What people read."""
        return str(self._main.get(ROOT, type=Text))

    @property
    def state(self) -> bytes:
        """Everything, as one update."""
        return self._main.get_update()

    @property
    def vector(self) -> bytes:
        """What this document has seen, for asking others what is missing here."""
        return self._main.get_state()

    def missing(self, vector: bytes) -> bytes:
        """
        What a document at *vector* lacks.

        Raises:
            Malformed: *vector* is not a state vector.
        """
        try:
            return self._main.get_update(vector)
        except BaseException as exc:
            raise _broken(exc) from exc

    def apply(self, update: bytes) -> bytes:
        """
        Take *update* in; return what it changed, which is `NOTHING` when it was known already or waits for others.

        Raises:
            Malformed: *update* is none, or would break the document. The document is as before.
        """
        self._try(update)
        return self._change(self._main, update)

    def would_change(self, update: bytes) -> bool:
        """
        Whether *update* holds anything new; the document stays as it is.

        Raises:
            Malformed: see `apply`.
        """
        changed = self._try(update) != NOTHING
        if changed:
            self._renew_twin()
        return changed

    def _try(self, update: bytes) -> bytes:
        try:
            return self._change(self._twin, update)
        except BaseException as exc:
            self._renew_twin()
            raise _broken(exc) from exc

    def _change(self, document: Doc[Any], update: bytes) -> bytes:
        self._changes.clear()
        document.apply_update(update)
        return self._changes[-1] if self._changes else NOTHING

    def _renew_twin(self) -> None:
        self._twin, self._twin_watching = self._watched()
        self._twin.apply_update(self.state)

    def _watched(self) -> tuple[Doc[Any], Subscription]:
        document: Doc[Any] = Doc()
        document.get(ROOT, type=Text)
        return document, document.observe(self._changed)

    def _changed(self, event: TransactionEvent) -> None:
        if event.update != NOTHING:
            self._changes.append(event.update)


def _broken(exc: BaseException) -> Malformed:
    """What pycrdt raised as our refusal; a panic of its Rust core is no `Exception`. Others are passed on."""
    if isinstance(exc, Exception) or type(exc).__name__ == "PanicException":
        return Malformed()
    raise exc
