"""
Words, and the tokens by which they are found without being stored. Pure.

A token is an HMAC (RFC 2104) of the beginning of a word under a key that ends with the patient's, salted with the
conversation: equal words of two patients, or of two conversations, have nothing in common in the database. Within one
conversation it still shows which messages share a word; docs/messaging.md says how much that tells.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from telegut.errors import FieldError, Invalid

SHORTEST_PREFIX, LONGEST_PREFIX = 3, 8
"""Characters of a word's beginning that are looked up; what a longer word goes on with is compared after opening."""
TERMS_MAX = 8
QUERY_MAX_CHARACTERS = 200
SNIPPET_CHARACTERS = 160
_TOKEN_BYTES = 12
_WORD = re.compile(r"[^\W_]+")

PURPOSE = "telegut message search v1"
"""What the index's key is derived for."""


def normalised(text: str) -> str:
    """*text* as words are compared: compatibility forms and case folded, accents gone (Unicode UAX #15, NFKC)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    apart = unicodedata.normalize("NFKD", folded)
    return "".join(character for character in apart if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """The words of *text*, normalised, in their order."""
    return _WORD.findall(normalised(text))


def beginnings(word: str) -> set[str]:
    """What of *word* is looked up: its beginnings; of a shorter word itself."""
    if len(word) < SHORTEST_PREFIX:
        return {word}
    return {word[:n] for n in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1)}


def tokens(key: bytes, conversation: UUID, text: str) -> set[bytes]:
    """Every token of a message with these words."""
    return {token(key, conversation, one) for word in set(words(text)) for one in beginnings(word)}


def token(key: bytes, conversation: UUID, beginning: str) -> bytes:
    """The token of one beginning of a word."""
    return hmac.digest(key, conversation.bytes + beginning.encode(), "sha256")[:_TOKEN_BYTES]


def terms(query: str) -> list[str]:
    """
    What *query* asks for: every one of these words, or a word that begins so.

    Raises:
        Invalid: there is no word in it, or too many.
    """
    found = list(dict.fromkeys(words(query)))
    if not found:
        raise _about("Type a word to look for.")
    if len(found) > TERMS_MAX or len(query) > QUERY_MAX_CHARACTERS:
        raise _about(f"Look for at most {TERMS_MAX} words at once.")
    return found


def asked(key: bytes, conversation: UUID, wanted: Sequence[str]) -> list[bytes]:
    """The tokens that a message with every one of *wanted* has."""
    return sorted({token(key, conversation, term[:LONGEST_PREFIX]) for term in wanted})


def matches(text: str, wanted: Sequence[str]) -> bool:
    """Whether *text* has every one of *wanted*: words of three letters and more by their beginning."""
    there = words(text)
    return all(any(_answers(word, term) for word in there) for term in wanted)


def _answers(word: str, term: str) -> bool:
    return word == term if len(term) < SHORTEST_PREFIX else word.startswith(term)


def snippet(text: str, wanted: Sequence[str]) -> str:
    """A piece of *text* around the first word that was asked for."""
    at = next((m.start() for m in _WORD.finditer(text) if any(matches(m.group(), [term]) for term in wanted)), 0)
    begin = max(0, at - SNIPPET_CHARACTERS // 3)
    piece = text[begin : begin + SNIPPET_CHARACTERS]
    return ("…" if begin else "") + piece + ("…" if begin + SNIPPET_CHARACTERS < len(text) else "")


def _about(message: str) -> Invalid:
    return Invalid(message, errors=[FieldError("q", message)])
