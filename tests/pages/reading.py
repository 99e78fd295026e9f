"""A page as somebody reads it: its blocks of words, each with what it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

INLINE = frozenset({"span", "strong", "i", "em", "b", "br", "time", "code", "del", "ins", "input", "small", "sup"})
"""What stands inside a sentence; every other element begins words of its own."""
SILENT = frozenset({"script", "style", "svg", "template", "head"})
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr", "rect", "line", "circle", "path", "use"})


@dataclass(frozen=True, slots=True)
class Block:
    """
    The words of one block.

    evidence: the row that it carries, such as ``DIET-SMILES 1``; empty: none. within: tags and classes around it, such
    as ``details`` and ``.plan-words``; ``[must-not-say]`` for words that are shown as forbidden.
    """

    words: str
    evidence: str
    within: frozenset[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open: list[tuple[str, str, frozenset[str]]] = [("", "", frozenset())]
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE or any(name == "data-evidence" for name, _ in attrs):
            self._end()
        if tag in VOID:
            return
        said = dict(attrs)
        _, evidence, within = self._open[-1]
        marks = {tag, *(f".{one}" for one in (said.get("class") or "").split())}
        if "data-must-not-say" in said:
            marks.add("[must-not-say]")
        if "data-lesson" in said:
            marks.add("[lesson]")
        self._open.append((tag, said.get("data-evidence") or evidence, within | marks))

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self._end()
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if not self._open[-1][2] & SILENT:
            self._words.append(data)

    def _end(self) -> None:
        words = " ".join("".join(self._words).split())
        self._words.clear()
        if words:
            _, evidence, within = self._open[-1]
            self.blocks.append(Block(words, evidence, within))


def blocks(html: str) -> list[Block]:
    """Every block of words on the page, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader._end()
    return reader.blocks


def sentences(text: str) -> list[str]:
    """*text* by sentences: a full stop, question or exclamation mark before a blank ends one."""
    return [one for one in re.split(r"(?<=[.!?:])[”\"’)]*\s+", text) if one.strip()]
