"""What making a file anew gives, within which bounds, and why it is refused."""

from __future__ import annotations

from dataclasses import dataclass


class Unusable(Exception):
    """A file that is refused; *code* is a stable word, see `PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


PROBLEMS = {
    "unreadable": "This file is damaged, or is not what it says it is.",
    "too_large": "This file has more pixels, pages or minutes than we can take.",
    "too_complex": "Looking into this file takes longer or needs more memory than any ordinary one.",
    "active_content": "This PDF holds a program, a form that sends itself, or other files. Please print it anew.",
    "encrypted": "This PDF is locked. Please send it without its password.",
    "not_a_voice_note": "This recording is not one of a voice alone (Opus or AAC).",
    "discarded": "This file was removed before it was sent.",
    "infected": "The virus scanner found something in this file.",
}
"""Why a file is refused, for a person, by the word that is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """
    The most that a file may have, and how large its pictures become.

    pixels: width times height. objects: of a PDF. image_side, thumbnail_side: longest side in pixels. seconds: of a
    recording.
    """

    pixels: int
    image_side: int
    thumbnail_side: int
    pages: int
    objects: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A file as it is kept: nothing of the bytes that came, only what they show or say."""

    type: str
    content: bytes
    thumbnail: bytes | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    duration_s: float | None = None
