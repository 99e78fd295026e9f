"""What people do with calendars of their visits: make one, fetch it, end it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from telegut.accounts import people
from telegut.accounts.people import Person
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.errors import Invalid, NotFound, Refused, Unauthenticated
from telegut.scheduling import calendar, zones
from telegut.scheduling.bookers import BOOKERS
from telegut.scheduling.calendar import Sender
from telegut.scheduling.feeds import keys, reading
from telegut.scheduling.feeds.keys import Key
from telegut.scheduling.feeds.pace import Pace
from telegut.scheduling.feeds.reading import Seen
from telegut.scheduling.feeds.rules import Opens, Shows, Window, checked_name, etag, fingerprint, whole_etag
from telegut.settings import Settings

SUBSCRIBERS = (BOOKERS | {"interpreter"}) - {"coordinator"}
"""Roles that have visits of their own."""
CONSULTANTS = frozenset({"consultant", "nutritionist"})
"""Roles whose calendar program may also come by CalDAV, and who may have initials in titles."""
BOOKED = CONSULTANTS | {"interpreter"}
"""Roles whose time is booked, and whose other calendars we may read to keep it free."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much of one's visits a calendar holds, and how many calendars somebody may have of each kind."""

    window: Window
    visits: int
    keys: int
    refresh_minutes: int
    tokens_last: timedelta = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Feed:
    """One answer to a calendar program. *body* is made only when it is asked for: most fetches find nothing new."""

    seen: Seen
    etag: str
    changed_at: datetime
    sender: Sender
    refresh_minutes: int

    def body(self) -> bytes:
        """The file."""
        return calendar.feed(
            self.seen.visits,
            self.sender,
            name=f"Appointments ({self.sender.clinic})",
            refresh_minutes=self.refresh_minutes,
            initials=self.seen.initials,
        )


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who came to CalDAV with an app password of theirs."""

    key: Key
    person: Person


@dataclass(slots=True)
class Feeds:
    """Calendars of people's visits. *sender*: the clinic. *pace*: fetches of one key, and of one address in vain."""

    db: Database
    sender: Sender
    numbers: Numbers
    pace: Pace
    common: str = field(init=False)

    def __post_init__(self) -> None:
        self.common = fingerprint(self.sender.clinic, self.sender.origin, zones.data_version())

    # --- one's own keys

    async def mine(self, caller: Caller) -> list[Key]:
        """Every feed and app password of the caller."""
        async with self.db.begin(caller) as tx:
            return await keys.mine(tx, _account(caller))

    async def make(self, caller: Caller, opens: Opens, name: str, shows: Shows) -> tuple[Key, str]:
        """
        A new feed or app password of the caller, with its secret, which nobody can show again.

        Raises:
            Refused: the caller has no visits, or is no practitioner (CalDAV, initials). Invalid: the name.
            TooManyKeys: they have as many as they can have.
        """
        if not caller.roles & SUBSCRIBERS:
            raise Refused("There are no visits of your own to subscribe to.")
        if opens is Opens.CALDAV and not caller.roles & CONSULTANTS:
            raise Refused("CalDAV is for consultants and nutritionists. A feed works in every calendar.")
        if shows is Shows.INITIALS and not caller.roles & CONSULTANTS:
            raise Invalid("Initials of patients are for consultants and nutritionists.")
        secret = keys.new_secret()
        async with self.db.begin(caller) as tx:
            person = _account(caller)
            made = await keys.make(tx, person, opens, checked_name(name), shows, secret, at_most=self.numbers.keys)
            await audit.record(tx, "make", f"calendar_{opens.value}", made.id, patient=_patient(caller))
        return made, secret

    async def revoke(self, caller: Caller, key: UUID) -> None:
        """
        End one of the caller's keys, at once.

        Raises:
            NotFound: they have none of this id.
        """
        async with self.db.begin(caller) as tx:
            await keys.revoke(tx, _account(caller), key)
            await audit.record(tx, "revoke", "calendar_key", key, patient=_patient(caller))

    # --- what calendar programs fetch

    async def feed(self, secret: str, address: str) -> Feed:
        """
        The feed that *secret* opens. *address* of the network: who tries secrets in vain is slowed down.

        Raises:
            NotFound: it opens nothing (any more). TooOften: it is fetched too often.
        """
        key, person = await self._owner(secret, Opens.FEED, address) or (None, None)
        if key is None or person is None:
            raise NotFound
        seen = await self._seen(person, key.shows)
        changed = max((one.changed_at for one in seen.visits), default=key.made_at)
        whole = whole_etag(seen.visits, f"{self.common} {key.shows}")
        return Feed(seen, whole, changed, self.sender, self.numbers.refresh_minutes)

    async def admit(self, user: str, password: str, address: str) -> Admitted:
        """
        Whoever signs in to CalDAV.

        user: their e-mail address.

        Raises:
            Unauthenticated: the app password is not theirs, or ended. TooOften: see `feed`.
        """
        found = await self._owner(password, Opens.CALDAV, address)
        if found is None:
            raise Unauthenticated
        key, person = found
        async with self.db.begin(Caller.system("calendar")) as tx:
            mail = await people.mail_address(tx, person.id)
        if mail is None or mail.casefold() != user.strip().casefold() or not person.roles & CONSULTANTS:
            raise Unauthenticated
        return Admitted(key, person)

    async def seen(self, who: Admitted, since: datetime | None = None) -> Seen:
        """The visits in somebody's CalDAV calendar; with *since* also those that have left it."""
        return await self._seen(who.person, who.key.shows, since)

    def etag(self, who: Admitted) -> str:
        """What the entity tags of all events in somebody's calendar have in common."""
        return f"{self.common}{'i' if who.key.shows is Shows.INITIALS else ''}"

    async def _owner(self, secret: str, opens: Opens, address: str) -> tuple[Key, Person] | None:
        async with self.db.begin(Caller.system("calendar")) as tx:
            key = await keys.find(tx, secret, opens)
            person = await _active(tx, key.person) if key is not None else None
            self.pace.take(key.id if key is not None else address)
            if key is None or person is None:
                return None
            await keys.note_use(tx, key)
            return key, person

    async def _seen(self, person: Person, shows: Shows, since: datetime | None = None) -> Seen:
        async with self.db.begin(reading.reader(person)) as tx:
            return await reading.seen(tx, self.numbers.window, shows, at_most=self.numbers.visits, since=since)


async def _active(tx: Transaction, account: UUID) -> Person | None:
    if await people.mail_address(tx, account) is None:
        return None
    return (await people.named(tx, [account])).get(account)


def _account(caller: Caller) -> UUID:
    if caller.account is None:
        raise Unauthenticated
    return caller.account


def _patient(caller: Caller) -> UUID | None:
    """Whose record the audit entry stands in: a patient's own feed belongs to what happened with their record."""
    return caller.account if "patient" in caller.roles else None


def build_feeds(db: Database, settings: Settings) -> Feeds:
    """Calendars with the numbers of *settings*."""
    counted = settings.feed_reads_per_hour
    if counted is None and settings.mode == "production":
        counted = 120
    numbers = Numbers(
        window=Window(timedelta(days=settings.feed_back_days), timedelta(days=settings.feed_cancelled_days)),
        visits=settings.feed_visits,
        keys=settings.feeds_per_person,
        refresh_minutes=settings.feed_refresh_minutes,
    )
    return Feeds(db, Sender(settings.clinic_name, settings.origin), numbers, Pace(counted))


__all__ = ["Admitted", "Feed", "Feeds", "build_feeds", "etag"]
