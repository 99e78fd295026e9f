"""
XML of WebDAV: read with bounds, written with our prefixes. Pure.

What comes in is never trusted: no document type, no entities (defusedxml), bounded depth and number of elements; the
size is bounded before it comes here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from telegut.errors import Unparsable

DAV: Final = "{DAV:}"
CALDAV: Final = "{urn:ietf:params:xml:ns:caldav}"
SERVER: Final = "{http://calendarserver.org/ns/}"
"""The namespace of ``getctag``, which is older than RFC 6578 and still asked for."""

for _prefix, _name in (("D", DAV), ("C", CALDAV), ("CS", SERVER)):
    register_namespace(_prefix, _name.strip("{}"))

DEEPEST: Final = 20
MOST_ELEMENTS: Final = 12_000


class _Bounded(TreeBuilder):
    """Builds a tree, and stops where no calendar's request goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        """An element begins; refuses the one too many."""
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST or self._count > MOST_ELEMENTS:
            raise Unparsable("This XML is larger than any calendar's request.")
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        """An element ends."""
        self._depth -= 1
        return super().end(tag)


def parse(raw: bytes) -> Element | None:
    """
    The document in *raw*; None when there is none.

    Raises:
        Unparsable: it is not XML, or XML that can do harm.
    """
    if not raw.strip():
        return None
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        parser.feed(raw)
        root = parser.close()
    except (ParseError, DefusedXmlException, LookupError, ValueError) as exc:
        raise Unparsable("This is not XML that we read.") from exc
    if not isinstance(root, Element):
        raise Unparsable("This is not XML that we read.")
    return root


def element(tag: str, *children: Element | str) -> Element:
    """A new element with *children*; text is its content."""
    made = Element(tag)
    for child in children:
        if isinstance(child, str):
            made.text = child
        else:
            made.append(child)
    return made


def href(path: str) -> Element:
    """``DAV:href``."""
    return element(f"{DAV}href", path)


def multistatus(responses: Iterable[Element], token: str = "") -> bytes:
    """The body of a 207 (RFC 4918, 13), with the sync token of RFC 6578 when there is one."""
    root = Element(f"{DAV}multistatus")
    root.extend(list(responses))  # a refusal on the way would come out of `extend` as a TypeError
    if token:
        SubElement(root, f"{DAV}sync-token").text = token
    return document(root)


def error(condition: Element) -> bytes:
    """The body that names a precondition (RFC 4918, 16)."""
    return document(element(f"{DAV}error", condition))


def document(root: Element) -> bytes:
    """*root* as bytes."""
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
