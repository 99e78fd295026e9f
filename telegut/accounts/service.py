"""What people do with their own account: their sign-ins, signing out, their password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import select, update

from telegut.accounts import attempts, people, sessions
from telegut.accounts.attempts import Tries
from telegut.accounts.entrance import SIGN_IN, Entrance, EntranceNumbers
from telegut.accounts.passwords import Passwords
from telegut.accounts.resolving import Resolver
from telegut.accounts.sessions import Found, Session
from telegut.accounts.strength import Policy, check_password
from telegut.accounts.tables import guardian, patient, person
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import RootKey
from telegut.errors import NotFound, Refused, Unauthenticated
from telegut.realtime.bus import BUS_TOPIC_SESSION_ENDED, Bus
from telegut.settings import Settings

Ended = Callable[[UUID, UUID], None]


class WrongPassword(Refused):
    """This is not your present password."""


@dataclass(frozen=True, slots=True)
class Description:
    """What an account says about itself, beside what the caller already holds."""

    email: str
    second_factor: bool
    minor: bool
    acts_for: tuple[UUID, ...]


class Accounts:
    """
    One's own account.

    ended: told after the commit which sign-in of which account ended, so that its sockets and rooms close. *clinic*
    is a word that no password may lean on.
    """

    def __init__(
        self, db: Database, now: Clock, entrance: Entrance, policy: Policy, *, clinic: str, ended: Ended
    ) -> None:
        self.db = db
        self.now = now
        self.resolver = Resolver(db, now)
        self.entrance = entrance
        self.policy = policy
        self.clinic = clinic
        self.ended = ended

    async def describe(self, caller: Caller) -> Description:
        """The caller's own account."""
        account = _account(caller)
        async with self.db.begin(caller) as tx:
            row = (
                await tx.execute(
                    select(person.c.email, person.c.otp_secret, patient.c.minor)
                    .outerjoin(patient, patient.c.person == person.c.id)
                    .where(person.c.id == account)
                )
            ).one()
            acting = await tx.execute(
                select(guardian.c.patient).where(guardian.c.guardian == account, guardian.c.until.is_(None))
            )
            return Description(row.email, row.otp_secret is not None, bool(row.minor), tuple(acting.scalars()))

    async def move(self, caller: Caller, zone: str) -> None:
        """
        Let the caller's times be shown in another zone.

        Raises:
            Invalid: there is no such zone.
        """
        people.check_zone(zone)
        async with self.db.begin(caller) as tx:
            await tx.execute(update(person).where(person.c.id == _account(caller)).values(zone=zone))
            await audit.record(tx, "write", "account", _account(caller), patient=None)

    # --- sign-ins

    async def resolve(self, token: str) -> Found | None:
        """Whom a token belongs to, if it is in force."""
        return await self.resolver.resolve(token)

    async def still_open(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those of the sign-ins *ids* that open sockets may go on with."""
        async with self.db.begin(SIGN_IN) as tx:
            return await sessions.still_open(tx, ids, now=self.now())

    async def list_sessions(self, caller: Caller) -> list[Session]:
        """The caller's sign-ins in force."""
        async with self.db.begin(caller) as tx:
            return await sessions.of_person(tx, _account(caller), now=self.now())

    async def sign_out(self, caller: Caller) -> None:
        """End the sign-in that the caller came with, and every socket and room it opened. Twice is once."""
        if caller.session is not None:
            await self._end(caller, caller.session)

    async def end_session(self, caller: Caller, session: UUID) -> None:
        """
        End one of the caller's own sign-ins.

        Raises:
            NotFound: there is no such sign-in of theirs in force.
        """
        if not await self._end(caller, session):
            raise NotFound

    async def sign_out_everywhere(self, caller: Caller) -> None:
        """End every sign-in of the caller, this one included."""
        await self._end(caller, None)

    async def _end(self, caller: Caller, only: UUID | None) -> list[UUID]:
        async with self.db.begin(caller) as tx:
            over = await sessions.end(tx, _account(caller), now=self.now(), only=only)
            await self._tell(tx, _account(caller), over)
        return over

    async def _tell(self, tx: Transaction, account: UUID, over: Sequence[UUID]) -> None:
        for session in over:
            await audit.record(tx, "sign_out", "session", session, patient=None)
            tx.after_commit(partial(self.ended, account, session))

    # --- the password

    async def change_password(self, caller: Caller, present: str, wanted: str, *, address: str) -> None:
        """
        Give the caller a new password, and end their other sign-ins.

        Raises:
            WrongPassword: *present* is not their password.
            WeakPassword: *wanted* would be guessed.
            TooManyAttempts, Unavailable: not now.
        """
        known = await self.entrance.find(person.c.id == _account(caller))
        if known is None:
            raise Unauthenticated
        tries = await self.entrance.take(known.email, address)
        if not await self.entrance.passwords.matches(known.password, present):
            raise WrongPassword
        words = [known.email, known.name, self.clinic]
        check_password(wanted, policy=self.policy, second_factor=known.otp_secret is not None, context=words)
        await self._store_password(caller, await self.entrance.passwords.hash(wanted), tries)

    async def _store_password(self, caller: Caller, hashed: str, tries: Tries | None) -> None:
        account = _account(caller)
        async with self.db.begin(caller) as tx:
            if tries is not None:
                await attempts.succeeded(tx, tries)
            await tx.execute(update(person).where(person.c.id == account).values(password=hashed))
            await audit.record(tx, "write", "password", account, patient=None)
            over = await sessions.end(tx, account, now=self.now(), spare=caller.session)
            await self._tell(tx, account, over)


def build_entrance(db: Database, now: Clock, root: RootKey, settings: Settings) -> Entrance:
    """The door, with the numbers of *settings*."""
    return Entrance(db, now, root, Passwords.of(settings), EntranceNumbers.of(settings))


def build_accounts(db: Database, now: Clock, entrance: Entrance, settings: Settings, bus: Bus) -> Accounts:
    """Own accounts, whose endings are told over *bus*."""
    policy = Policy(settings.password_min_alone, settings.password_min_with_second_factor, settings.password_max)

    def ended(account: UUID, session: UUID) -> None:
        bus.publish(BUS_TOPIC_SESSION_ENDED, {"account": str(account), "session": str(session)})

    return Accounts(db, now, entrance, policy, clinic=settings.clinic_name, ended=ended)


def _account(caller: Caller) -> UUID:
    if caller.account is None or caller.scope is not None:
        raise Unauthenticated
    return caller.account
