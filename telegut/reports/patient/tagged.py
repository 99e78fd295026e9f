"""
A PDF whose text is tagged (headings, paragraphs; drawings are artifacts), so that screen readers follow it.

fpdf2 lays out and embeds; the tags are ours: ISO 32000-1, 14.7 and 14.8. Its private names (`_out`,
`_add_marked_content`) are used here and nowhere else, and a test reads the tags back.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from font_source_sans_pro import font_files_ttf
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import XPos, YPos

FONT: Final = "Source Sans Pro"
MARGIN: Final = 20.0
LINE: Final = 1.35
"""Height of a line, in sizes of its letters."""
POINT_MM: Final = 25.4 / 72
INK: Final = 25
QUIET: Final = 85
"""Greys on white: 16 to 1 and 7.5 to 1."""
FILLED: Final = (40, 110, 90)
TRACK: Final = 225
UNKNOWN_LETTER: Final = "?"
"""Instead of a letter that the font does not have (it has Latin, Greek and Cyrillic)."""
LONGEST: Final = 2_000
"""Characters of one tagged paragraph; a longer text becomes several, so that each fits on a page."""


class Tagged(FPDF):
    """Pages of A4, written from top to bottom."""

    def __init__(self, *, title: str, language: str, foot: str, page: str, made: datetime) -> None:
        super().__init__(format="A4")
        self._foot, self._page_words = foot, page
        self.add_font(FONT, "", font_files_ttf["SourceSansPro"])
        self.add_font(FONT, "B", font_files_ttf["SourceSansProSemibold"])
        self.set_font(FONT)
        self._letters = set(self.current_font.cmap)  # type: ignore[union-attr]
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(False)
        self.set_lang(language)
        self.set_title(title)
        self.set_creator("telegut")
        self.set_creation_date(made)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def footer(self) -> None:
        """The foot of a page is no part of its text."""
        with self._artifact():
            self.set_y(-14)
            self._face(8.5, quiet=True)
            self.cell(self.epw - 30, 5, self._known(self._foot))
            self.cell(30, 5, self._known(f"{self._page_words} {self.page_no()}"), align="R")

    def bytes(self) -> bytes:
        """The finished file."""
        return bytes(self.output())

    def space(self, millimetres: float) -> None:
        """Leave room."""
        self.set_y(self.get_y() + millimetres)

    def keep(self, millimetres: float) -> None:
        """A new page unless this much is left on this one."""
        if self.get_y() + millimetres > self.h - MARGIN:
            self.add_page()

    def block(
        self,
        kind: str,
        text: str,
        *,
        lead: str = "",
        size: float,
        bold: bool = False,
        quiet: bool = False,
        indent: float = 0,
    ) -> None:
        """One tagged heading or paragraph; *lead* is its beginning, on a line of its own and stronger."""
        parts = textwrap.wrap(text, LONGEST, replace_whitespace=False) or [""]
        for number, part in enumerate(parts):
            said = [(one, strong) for one, strong in ((lead if number == 0 else "", True), (part, bold)) if one]
            self.keep(sum(self._height(one, size, strong, self.epw - indent) for one, strong in said))
            with self._tag(kind):
                for one, strong in said:
                    self._face(size, bold=strong, quiet=quiet and not strong)
                    self.set_x(MARGIN + indent)
                    self._text(one, size, self.epw - indent)
        self.space(1.2)

    def pair(self, label: str, value: str, width: float) -> None:
        """A label and what it says, beside each other, as one paragraph."""
        size = 10.0
        high = max(self._height(f"{label}:", size, True, width - 3), self._height(value, size, False, self.epw - width))
        self.keep(high)
        top = self.get_y()
        with self._tag("P"):
            self._face(size, bold=True)
            self._text(f"{label}:", size, width - 3)
            self._face(size)
            self.set_xy(MARGIN + width, top)
            self._text(value, size, self.epw - width)
        self.set_y(top + high + 0.8)

    def row(self, name: str, value: str, sentence: str, *, name_width: float, value_width: float) -> None:
        """A line of a chart: its name, room for its bar, its value, and a sentence below; one paragraph."""
        size, small = 11.0, 9.5
        high = self._height(name, size, False, name_width - 3)
        self.keep(high + self._height(sentence, small, False, self.epw) + 2)
        self._row_top = self.get_y()
        with self._tag("P"):
            self._face(size)
            self._text(name, size, name_width - 3)
            self.set_xy(self.w - MARGIN - value_width, self._row_top)
            self.cell(value_width, size * POINT_MM * LINE, self._known(value), align="R")
            self.set_y(self._row_top + high)
            if sentence:
                self._face(small, quiet=True)
                self._text(sentence, small, self.epw)
        self.space(1.6)

    def drawn_bar(self, length: float, *, left: float, width: float, height: float) -> None:
        """The bar of the row that was written last; *length* from 0 to 100."""
        with self._artifact(), self.local_context():
            top = self._row_top + 1.2
            self.set_fill_color(TRACK)
            self.rect(MARGIN + left, top, width, height, style="F")
            if length > 0:  # readers of PDF draw a line even where nothing is wide
                self.set_fill_color(*FILLED)
                self.rect(MARGIN + left, top, width * length / 100, height, style="F")

    def marks(self, depth: int, indent: float) -> None:
        """Four marks at the beginning of the next line, *depth* of them filled; the words say the same."""
        self.keep(2 * 11 * POINT_MM * LINE)
        with self._artifact(), self.local_context():
            self.set_draw_color(QUIET)
            self.set_fill_color(QUIET)
            for at in range(4):
                style = "DF" if at < depth else "D"
                self.circle(MARGIN + indent - 6 + 3.2 * at, self.get_y() + 2.7, 1, style=style)

    def _text(self, text: str, size: float, width: float) -> None:
        self.multi_cell(
            width, size * POINT_MM * LINE, self._known(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def _height(self, text: str, size: float, bold: bool, width: float) -> float:
        if not text:
            return 0.0
        self._face(size, bold=bold)
        high = self.multi_cell(
            width, size * POINT_MM * LINE, self._known(text), align="L", dry_run=True, output="HEIGHT"
        )
        return float(high)  # type: ignore[arg-type]

    def _face(self, size: float, *, bold: bool = False, quiet: bool = False) -> None:
        self.set_font(FONT, "B" if bold else "", size)
        self.set_text_color(QUIET if quiet else INK)

    def _known(self, text: str) -> str:
        return "".join(one if ord(one) in self._letters or one == "\n" else UNKNOWN_LETTER for one in text)

    @contextmanager
    def _tag(self, kind: str) -> Iterator[None]:
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{kind}", mcid=number)
        self._out(f"/{kind} <</MCID {number}>> BDC")
        yield
        self._out("EMC")

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        self._out("/Artifact BMC")
        yield
        self._out("EMC")
