"""
PDF: refused when it could do anything but be read, else written anew without what is known about its author.

Looked at is every object, whether a page uses it or not. Source of the names: ISO 32000-2, 12.6.4 (actions),
12.5.6 (annotations), 7.11.4 (embedded files), 12.7.8 (XFA).
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pikepdf

from telegut.messaging.uploads.remaking import Bounds, Remade, Unusable
from telegut.messaging.uploads.rules import Kind

_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/Rendition",
        "/GoToE",
        "/GoToR",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
        "/GoTo3DView",
    }
)
_ANNOTATIONS = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"})
_KEYS = frozenset({"/JS", "/EF", "/EmbeddedFiles", "/XFA"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
"""Where a link that somebody clicks may lead; one without a scheme leads to the web as well."""
_UNSEEN = re.compile(r"[\x00-\x20\ufeff]")
"""What readers forgive in an address: the WHATWG's URL standard takes blanks and controls out."""
_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):", re.IGNORECASE)
"""RFC 3986, section 3.1, without the dot: ``www.example.org:8080`` is a place."""
_BY_ITSELF = ("/OpenAction", "/AA")
"""Where a document says what happens without anybody's click: when it is opened, and at other moments (12.6.3)."""
_HARMLESS = frozenset({"/GoTo", "/Named"})
"""What may happen so: turning to a page of its own. A link that somebody clicks may lead out; this may not."""
_CHAIN = 16
"""Actions behind each other; ordinary files have one."""
_DEPTH = 64
"""Arrays and dictionaries inside each other; ordinary files have fewer than ten."""


def remade(data: bytes, bounds: Bounds) -> Remade:
    """
    The document, with the same pages.

    Raises:
        Unusable: it is locked, broken, too large, or could act by itself.
    """
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as document:
            return _remade(document, bounds)
    except pikepdf.PasswordError as exc:
        raise Unusable("encrypted") from exc
    except (pikepdf.PdfError, pikepdf.DataDecodingError) as exc:
        raise Unusable("unreadable") from exc


def _remade(document: pikepdf.Pdf, bounds: Bounds) -> Remade:
    if document.is_encrypted:
        raise Unusable("encrypted")
    if len(document.objects) > bounds.objects or len(document.pages) > bounds.pages:
        raise Unusable("too_large")
    if len(document.pages) == 0:
        raise Unusable("unreadable")
    for one in document.objects:
        _look(one)
    pages = len(document.pages)
    del document.docinfo
    if "/Metadata" in document.Root:
        del document.Root.Metadata
    out = BytesIO()
    document.save(out, fix_metadata_version=False, force_version="1.7")
    return Remade(type=Kind.PDF.value, content=out.getvalue(), pages=pages)


def _look(whole: Any) -> None:
    """Go through one object with everything written inside it; what it refers to has its own turn."""
    waiting = [(whole, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > _DEPTH:
            raise Unusable("too_complex")
        if isinstance(one, pikepdf.Array):
            inside = list(one)
        elif isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            _check(one)
            inside = [value for _, value in one.items()]
        else:
            continue
        waiting += [
            (value, depth + 1) for value in inside if isinstance(value, pikepdf.Object) and not value.is_indirect
        ]


def _check(one: Any) -> None:
    names = set(one.keys())
    acts = _name(one, "/S", names) in _ACTIONS
    shows = _name(one, "/Subtype", names) in _ANNOTATIONS
    holds = _name(one, "/Type", names) == "/EmbeddedFile"
    begins = any(not _is_harmless(one[key]) for key in _BY_ITSELF if key in names)
    leads = any(not _leads_to_the_web(one[key]) for key in ("/URI", "/Base") if key in names)
    elsewhere = isinstance(one, pikepdf.Stream) and "/F" in names  # its content is in another file: 7.3.8.2
    if names & _KEYS or acts or shows or holds or begins or leads or elsewhere:
        raise Unusable("active_content")


def _leads_to_the_web(said: Any) -> bool:
    """Whether the target of a link is a page, an address or a number to call; a dictionary is looked at by itself."""
    if isinstance(said, pikepdf.Dictionary):
        return True
    if not isinstance(said, pikepdf.String):
        return False
    target = _UNSEEN.sub("", str(said))
    scheme = _SCHEME.match(target)
    return not target.startswith("\\") and (scheme is None or scheme.group(1).lower() in _SCHEMES)


def _is_harmless(said: Any) -> bool:
    """Whether every action in *said* (one, or one for each moment) and behind it stays in the document."""
    if not isinstance(said, pikepdf.Dictionary):
        return True  # a page to begin with
    waiting = [said] if "/S" in said else [value for _, value in said.items()]
    for _ in range(_CHAIN):
        if not waiting:
            return True
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += list(action)
        elif isinstance(action, pikepdf.Dictionary):
            if _name(action, "/S", set(action.keys())) not in _HARMLESS:
                return False
            waiting += [action.Next] if "/Next" in action else []
    return False


def _name(one: Any, key: str, names: set[str]) -> str:
    """The name under *key*, wherever it is written."""
    value = one[key] if key in names else None
    return str(value) if isinstance(value, pikepdf.Name) else ""
