"""
What a calendar program finds at which address, and the properties of each. Pure.

``/caldav/`` is where it begins, ``people/{id}/`` is the person (RFC 3744's principal), ``calendars/`` the home with one
collection, ``visits/`` the collection, and each visit one file in it. Everything may be read and nothing written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Final
from urllib.parse import unquote
from uuid import UUID
from xml.etree.ElementTree import Element

from telegut.scheduling import calendar
from telegut.scheduling.appointments import Appointment
from telegut.scheduling.calendar import Sender
from telegut.scheduling.feeds.dav.xml import CALDAV, DAV, SERVER, element, href
from telegut.scheduling.feeds.reading import Seen
from telegut.scheduling.feeds.rules import etag, sync_token, whole_etag

ROOT: Final = "/caldav/"
EVENT_TYPE: Final = "text/calendar; charset=utf-8; component=VEVENT"
_PERSON = r"people/(?P<person>[0-9a-fA-F-]{36})"
_SHAPES: Final = re.compile(
    rf"(?:{_PERSON}(?:/(?P<home>calendars)(?:/(?P<visits>visits)(?:/(?P<event>[0-9a-fA-F-]{{36}})\.ics)?)?)?)?/?"
)

Properties = Mapping[str, Callable[[], Element]]


class Kind(Enum):
    """What stands at an address."""

    ROOT = auto()
    PERSON = auto()
    HOME = auto()
    VISITS = auto()
    EVENT = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """An address of ours: whose, and which visit."""

    kind: Kind
    person: UUID | None = None
    event: UUID | None = None


def place(path: str) -> Place | None:
    """What *path* (percent-encoded or not) names; None: nothing of ours."""
    plain = unquote(path)
    if not plain.startswith(ROOT) and plain != ROOT.rstrip("/"):
        return None
    found = _SHAPES.fullmatch(plain[len(ROOT) :])
    if found is None:
        return None
    try:
        person = UUID(found["person"]) if found["person"] else None
        event = UUID(found["event"]) if found["event"] else None
    except ValueError:
        return None
    kinds = ((event, Kind.EVENT), (found["visits"], Kind.VISITS), (found["home"], Kind.HOME), (person, Kind.PERSON))
    return Place(next((kind for here, kind in kinds if here), Kind.ROOT), person, event)


@dataclass(frozen=True)
class Tree:
    """One person's calendar as of one moment. *common*: see `Feeds.etag`."""

    person: UUID
    name: str
    sender: Sender
    seen: Seen
    common: str

    @cached_property
    def events(self) -> dict[UUID, Appointment]:
        """The visits by their id."""
        return {one.id: one for one in self.seen.visits}

    @property
    def principal(self) -> str:
        """The address of the person."""
        return f"{ROOT}people/{self.person}/"

    @property
    def home(self) -> str:
        """The address of their calendars."""
        return f"{self.principal}calendars/"

    @property
    def collection(self) -> str:
        """The address of the calendar with their visits."""
        return f"{self.home}visits/"

    def event(self, visit: UUID) -> str:
        """The address of one visit's file."""
        return f"{self.collection}{visit}.ics"

    def etag(self, one: Appointment) -> str:
        """The entity tag of one visit's file."""
        return etag(one, self.common)

    def body(self, one: Appointment) -> bytes:
        """One visit's file."""
        return calendar.single(one, self.sender, initials=self.seen.initials.get(one.id, ""))

    def path(self, there: Place) -> str:
        """The address of *there* as we write it."""
        match there.kind:
            case Kind.ROOT:
                return ROOT
            case Kind.PERSON:
                return self.principal
            case Kind.HOME:
                return self.home
            case Kind.EVENT if there.event is not None:
                return self.event(there.event)
            case _:
                return self.collection

    def below(self, there: Place) -> Iterator[Place]:
        """What *there* holds: one level."""
        match there.kind:
            case Kind.ROOT:
                yield Place(Kind.PERSON, self.person)
            case Kind.PERSON:
                yield Place(Kind.HOME, self.person)
            case Kind.HOME:
                yield Place(Kind.VISITS, self.person)
            case Kind.VISITS:
                for visit in self.events:
                    yield Place(Kind.EVENT, self.person, visit)

    def properties(self, there: Place) -> Properties:
        """Every property of *there*, each made when it is asked for."""
        if there.kind is Kind.EVENT and there.event is not None:
            return {**self._common(), **self._event(self.events[there.event])}
        own = {Kind.ROOT: self._root, Kind.PERSON: self._person, Kind.HOME: self._home, Kind.VISITS: self._visits}
        return {**self._common(), **own[there.kind]()}

    def _common(self) -> Properties:
        principal = f"{DAV}current-user-principal"
        return {
            principal: lambda: element(principal, href(self.principal)),
            f"{DAV}owner": lambda: element(f"{DAV}owner", href(self.principal)),
            f"{DAV}current-user-privilege-set": _privileges,
        }

    def _root(self) -> Properties:
        return {
            f"{DAV}resourcetype": lambda: _type(f"{DAV}collection"),
            f"{DAV}displayname": lambda: element(f"{DAV}displayname", self.sender.clinic),
            f"{CALDAV}calendar-home-set": lambda: element(f"{CALDAV}calendar-home-set", href(self.home)),
        }

    def _person(self) -> Properties:
        return {
            f"{DAV}resourcetype": lambda: _type(f"{DAV}collection", f"{DAV}principal"),
            f"{DAV}displayname": lambda: element(f"{DAV}displayname", self.name),
            f"{DAV}principal-URL": lambda: element(f"{DAV}principal-URL", href(self.principal)),
            f"{CALDAV}calendar-home-set": lambda: element(f"{CALDAV}calendar-home-set", href(self.home)),
        }

    def _home(self) -> Properties:
        return {
            f"{DAV}resourcetype": lambda: _type(f"{DAV}collection"),
            f"{DAV}displayname": lambda: element(f"{DAV}displayname", self.sender.clinic),
        }

    def _visits(self) -> Properties:
        ctag = whole_etag(self.seen.visits, self.common)
        texts = {
            f"{DAV}displayname": f"Appointments ({self.sender.clinic})",
            f"{DAV}getcontenttype": EVENT_TYPE,
            f"{DAV}getetag": ctag,
            f"{DAV}sync-token": sync_token(self.seen.now),
            f"{SERVER}getctag": ctag,
        }
        return {
            **{tag: _says(tag, words) for tag, words in texts.items()},
            f"{DAV}resourcetype": lambda: _type(f"{DAV}collection", f"{CALDAV}calendar"),
            f"{DAV}supported-report-set": _reports,
            f"{CALDAV}supported-calendar-component-set": _components,
            f"{CALDAV}supported-calendar-data": _data,
        }

    def _event(self, one: Appointment) -> Properties:
        tags = {f"{DAV}getetag": self.etag(one), f"{DAV}getcontenttype": EVENT_TYPE}
        return {
            **{tag: _says(tag, words) for tag, words in tags.items()},
            f"{DAV}resourcetype": lambda: _type(),
            f"{DAV}getcontentlength": lambda: element(f"{DAV}getcontentlength", str(len(self.body(one)))),
            f"{CALDAV}calendar-data": lambda: element(f"{CALDAV}calendar-data", self.body(one).decode()),
        }


def _says(tag: str, words: str) -> Callable[[], Element]:
    return lambda: element(tag, words)


def _type(*kinds: str) -> Element:
    return element(f"{DAV}resourcetype", *(element(kind) for kind in kinds))


def _privileges() -> Element:
    """Reading, and knowing that it is only reading (RFC 3744, 5.4)."""
    kinds = (f"{DAV}read", f"{DAV}read-current-user-privilege-set")
    held = (element(f"{DAV}privilege", element(kind)) for kind in kinds)
    return element(f"{DAV}current-user-privilege-set", *held)


def _reports() -> Element:
    kinds = (f"{CALDAV}calendar-query", f"{CALDAV}calendar-multiget", f"{DAV}sync-collection")
    each = (element(f"{DAV}supported-report", element(f"{DAV}report", element(kind))) for kind in kinds)
    return element(f"{DAV}supported-report-set", *each)


def _components() -> Element:
    event = element(f"{CALDAV}comp")
    event.set("name", "VEVENT")
    return element(f"{CALDAV}supported-calendar-component-set", event)


def _data() -> Element:
    kind = element(f"{CALDAV}calendar-data")
    kind.set("content-type", "text/calendar")
    kind.set("version", "2.0")
    return element(f"{CALDAV}supported-calendar-data", kind)
