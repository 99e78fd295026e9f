"""
What is asked of a tree, and the answer: PROPFIND (RFC 4918), and the reports of RFC 4791 and RFC 6578. Pure.

An answer is a list of ``DAV:response`` elements; a `Precondition` is a refusal that names what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from telegut.errors import Refused, Unparsable
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.feeds.dav.tree import Kind, Place, Tree, place
from telegut.scheduling.feeds.dav.xml import CALDAV, DAV, element, href

_OK = "HTTP/1.1 200 OK"
_MISSING = "HTTP/1.1 404 Not Found"
_HEAVY = frozenset({f"{CALDAV}calendar-data"})
"""What ``allprop`` does not mean (RFC 4791, 9.6)."""


class Precondition(Refused):
    """This cannot be answered here. *condition* says why, as WebDAV names it."""

    def __init__(self, condition: str) -> None:
        super().__init__()
        self.condition = condition


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which properties: these *tags*; none: all. *names_only*: without their values."""

    tags: tuple[str, ...] = ()
    names_only: bool = False


def wanted_of(body: Element | None) -> Wanted:
    """The properties that a PROPFIND or a report asks for."""
    if body is None:
        return Wanted()
    named = body.find(f"{DAV}prop")
    if named is not None:
        return Wanted(tuple(dict.fromkeys(child.tag for child in named)))
    return Wanted(names_only=body.find(f"{DAV}propname") is not None)


def found(tree: Tree, there: Place, wanted: Wanted) -> Element:
    """One resource with the properties asked for, and which of them it does not have."""
    here = tree.properties(there)
    tags = wanted.tags or tuple(tag for tag in here if tag not in _HEAVY)
    present = [element(tag) if wanted.names_only else here[tag]() for tag in tags if tag in here]
    missing = [element(tag) for tag in tags if tag not in here]
    parts = [_propstat(present, _OK)] if present or not missing else []
    parts += [_propstat(missing, _MISSING)] if missing else []
    return element(f"{DAV}response", href(tree.path(there)), *parts)


def _propstat(properties: Iterable[Element], status: str) -> Element:
    held = element(f"{DAV}prop")
    held.extend(properties)
    return element(f"{DAV}propstat", held, element(f"{DAV}status", status))


def missing(path: str) -> Element:
    """There is nothing at *path* (any more)."""
    return element(f"{DAV}response", href(path), element(f"{DAV}status", _MISSING))


def listed(tree: Tree, there: Place, wanted: Wanted, depth: str) -> Iterator[Element]:
    """
    PROPFIND: a resource and, with *depth* 1, what it holds.

    Raises:
        Precondition: everything at once is not for us to say (RFC 4918, 9.1).
    """
    if depth not in ("0", "1"):
        raise Precondition(f"{DAV}propfind-finite-depth")
    yield found(tree, there, wanted)
    if depth == "1":
        for one in tree.below(there):
            yield found(tree, one, wanted)


def multiget(tree: Tree, body: Element, wanted: Wanted) -> Iterator[Element]:
    """``calendar-multiget``: the visits named (RFC 4791, 7.9)."""
    for each in body.findall(f"{DAV}href"):
        path = (each.text or "").strip()
        there = place(path)
        if there is None or there.kind is not Kind.EVENT or there.event not in tree.events:
            yield missing(path)
        else:
            yield found(tree, there, wanted)


def query(tree: Tree, body: Element, wanted: Wanted) -> Iterator[Element]:
    """
    ``calendar-query``: visits within a time (RFC 4791, 7.8).

    Raises:
        Precondition: a filter that we do not have. Unparsable: a time that is none.
    """
    span = _span(body.find(f"{CALDAV}filter"))
    if span is None:
        return
    for one in tree.events.values():
        if _touches(one, span):
            yield found(tree, Place(Kind.EVENT, tree.person, one.id), wanted)


Span = tuple[datetime | None, datetime | None]


def _span(asked: Element | None) -> Span | None:
    """The time asked for; None when only what we do not keep (to-dos, journals) is asked for."""
    if asked is None:
        return None, None
    outer = asked.find(f"{CALDAV}comp-filter")
    if outer is None:
        return None, None
    _only_known(outer)
    inner = outer.findall(f"{CALDAV}comp-filter")
    if not inner:
        return _range(outer)
    if len(inner) > 1 or inner[0].find(f"{CALDAV}is-not-defined") is not None:
        raise Precondition(f"{CALDAV}supported-filter")
    _only_known(inner[0])
    return _range(inner[0]) if inner[0].get("name", "").upper() == "VEVENT" else None


def _only_known(part: Element) -> None:
    known = {f"{CALDAV}comp-filter", f"{CALDAV}time-range", f"{CALDAV}is-not-defined"}
    if any(child.tag not in known for child in part):
        raise Precondition(f"{CALDAV}supported-filter")


def _range(part: Element) -> Span:
    asked = part.find(f"{CALDAV}time-range")
    if asked is None:
        return None, None
    return _instant(asked.get("start")), _instant(asked.get("end"))


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as exc:
        raise Unparsable("A time here is in UTC, such as 20261124T090000Z.") from exc


def _touches(one: Appointment, span: Span) -> bool:
    start, end = span
    return (end is None or one.start < end) and (start is None or one.end > start)


def changes(tree: Tree, wanted: Wanted, since: datetime | None) -> Iterator[Element]:
    """``sync-collection``: what is new or different since a time, and what is gone; without a time everything."""
    for one in tree.events.values():
        if since is None or one.changed_at > since:
            yield found(tree, Place(Kind.EVENT, tree.person, one.id), wanted)
    for one in tree.seen.gone:
        yield missing(tree.event(one.id))
