"""What a PDF says and how it is tagged, read back by another library than the one that wrote it."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader


def words_of(pdf: bytes) -> str:
    """All its words, in the order of its pages, with single blanks."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def paragraphs_of(pdf: bytes) -> list[str]:
    """Its words tag by tag, in reading order, as a screen reader gets them."""
    found: list[str] = []

    def begins(operator: bytes, *_: Any) -> None:
        if operator in (b"BDC", b"BMC"):
            found.append("")

    def adds(text: str, *_: Any) -> None:
        if not found and text.strip():
            found.append("")  # words outside of every tag
        if found:
            found[-1] += text

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_operand_before=begins, visitor_text=adds)
    return [" ".join(one.split()) for one in found if one.strip()]


def tags_of(pdf: bytes) -> list[str]:
    """The kinds of its elements, in reading order: ``H1``, ``P`` …"""
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    document = root["/StructTreeRoot"]["/K"][0].get_object()
    return [str(one.get_object()["/S"]).lstrip("/") for one in document["/K"]]


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Its fonts, and whether each is inside the file."""
    found: dict[str, bool] = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        fonts: Any = page["/Resources"]["/Font"]  # type: ignore[index]
        for font in fonts.values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            found[str(inner["/BaseFont"])] = "/FontFile2" in inner["/FontDescriptor"].get_object()
    return found
