"""
Letting people in. Passwords are hashed outside any transaction; what a try costs is counted before it is looked at.

An unknown address, a wrong password and a disabled account take the same steps and get the same answer.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, select, update

from telegut.accounts import attempts, people, sessions
from telegut.accounts.attempts import Limits, Tries
from telegut.accounts.passwords import Passwords
from telegut.accounts.people import Person
from telegut.accounts.rules import Lifetime, lifetime
from telegut.accounts.second_factor import SecondFactor
from telegut.accounts.sessions import Kind, Session
from telegut.accounts.tables import person
from telegut.clock import Clock
from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import RootKey
from telegut.errors import Unauthenticated
from telegut.settings import Settings

SIGN_IN = Caller.system("sign-in")

NONCE_BYTES = 12


class BadCredentials(Unauthenticated):
    """This e-mail address and password do not belong together."""


class OtpRequired(Unauthenticated):
    """Please also give the six digits from your authenticator app."""

    def __init__(self, step: str = "") -> None:
        super().__init__()
        self.step = step
        """Proves for a few minutes that the password was right, so that it need not be typed twice."""


class StepOver(Unauthenticated):
    """That took a little long. Please begin again with your e-mail address and password."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody signs in from: network address and a short name of the device."""

    address: str
    device: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who is in now. *token* is the only copy."""

    session: Session
    token: str
    person: Person


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of somebody that signing in needs. *password* is None when nobody can come in with one."""

    id: UUID
    email: str
    name: str
    password: str | None
    otp_secret: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceNumbers:
    """The numbers of signing in; see `Settings`. No *limits*: tries cost nothing."""

    staff: Lifetime
    others: Lifetime
    step: timedelta
    limits: Limits | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say; whether tries cost something, when that is not set, is decided by the mode."""
        limited = settings.mode == "production" if settings.sign_in_limits is None else settings.sign_in_limits
        limits = Limits(
            settings.sign_in_free_failures,
            settings.sign_in_free_failures_per_account,
            settings.sign_in_free_failures_per_address,
            timedelta(seconds=settings.sign_in_wait_max_s),
            timedelta(seconds=settings.sign_in_remembered_s),
        )
        return cls(
            staff=_lifetime(settings.session_staff_s, settings.session_staff_idle_s),
            others=_lifetime(settings.session_patient_s, settings.session_patient_idle_s),
            step=timedelta(seconds=settings.sign_in_step_s),
            limits=limits if limited else None,
        )


def _lifetime(whole_s: int, idle_s: int) -> Lifetime:
    return Lifetime(timedelta(seconds=whole_s), timedelta(seconds=idle_s))


class Entrance:
    """The door: e-mail address and password, then a code where there is a second factor."""

    def __init__(self, db: Database, now: Clock, root: RootKey, passwords: Passwords, numbers: EntranceNumbers) -> None:
        self.db = db
        self.now = now
        self.passwords = passwords
        self.numbers = numbers
        self.second_factor = SecondFactor(root)
        self._steps = AESGCM(root.derive("telegut sign-in step v1"))

    async def enter(self, email: str, password: str, otp: str | None, kind: Kind, origin: Origin) -> Entered:
        """
        Let somebody in.

        Raises:
            BadCredentials: something of it is wrong; it is not said what.
            OtpRequired: address and password are right, and a code is still needed.
            TooManyAttempts, Unavailable: not now.
        """
        tries = await self.take(email, origin.address)
        known = await self.find(person.c.email == email.strip())
        right = await self.passwords.matches(known.password if known else None, password)
        if known is None or not right:
            await self._note_refusal(known)
            raise BadCredentials
        if known.otp_secret is not None and not otp:
            await self._no_guess(tries)
            raise OtpRequired(self._seal_step(known))
        fresh = await self._rehashed(known.password, password)
        return await self._check_code(known, otp, kind, origin, tries, fresh)

    async def finish(self, step: str, otp: str, kind: Kind, origin: Origin) -> Entered:
        """
        Let somebody in whose password was right a moment ago, by the code that was still needed.

        Raises:
            StepOver: *step* is none of ours, or too old.
            BadCredentials: the code is wrong or was used. TooManyAttempts: not now.
        """
        account, email = self._open_step(step)
        tries = await self.take(email, origin.address)
        known = await self.find(person.c.id == account)
        if known is None:
            raise StepOver
        return await self._check_code(known, otp, kind, origin, tries, None)

    async def admit(self, account: UUID, kind: Kind, origin: Origin) -> Entered:
        """Let *account* in without asking: for the demonstration's start page, whose visitors choose who to be."""
        async with self.db.begin(SIGN_IN) as tx:
            return await self._let_in(tx, account, kind, origin)

    async def _check_code(
        self, known: Known, otp: str | None, kind: Kind, origin: Origin, tries: Tries | None, fresh: str | None
    ) -> Entered:
        async with self.db.begin(SIGN_IN) as tx:
            if await self._code_fits(tx, known, otp or ""):
                if tries is not None:
                    await attempts.succeeded(tx, tries)
                if fresh is not None:
                    await tx.execute(update(person).where(person.c.id == known.id).values(password=fresh))
                return await self._let_in(tx, known.id, kind, origin)
        await self._note_refusal(known)
        raise BadCredentials("This code is not right, or it was used already. Please take the next one.")

    async def _code_fits(self, tx: Transaction, known: Known, otp: str) -> bool:
        if known.otp_secret is None:
            return True
        return await self.second_factor.use(tx, known.id, known.otp_secret, otp, now=self.now())

    async def _let_in(self, tx: Transaction, account: UUID, kind: Kind, origin: Origin) -> Entered:
        who = (await people.named(tx, [account]))[account]
        length = lifetime(who.roles, staff=self.numbers.staff, others=self.numbers.others)
        session, token = await sessions.issue(tx, account, kind, length, device=origin.device, now=self.now())
        await audit.record(tx, "sign_in", "session", session.id, patient=None)
        return Entered(session, token, who)

    async def find(self, condition: ColumnElement[bool]) -> Known | None:
        """Somebody who is not disabled."""
        columns = (person.c.id, person.c.email, person.c.name, person.c.password, person.c.otp_secret)
        async with self.db.begin(SIGN_IN) as tx:
            found = await tx.execute(select(*columns).where(condition, person.c.disabled_at.is_(None)))
            row = found.one_or_none()
        return None if row is None else Known(row.id, row.email, row.name, row.password, row.otp_secret)

    async def _rehashed(self, stored: str | None, password: str) -> str | None:
        """A new hash where the stored one was made with other parameters than today's."""
        if stored is None or not self.passwords.is_outdated(stored):
            return None
        return await self.passwords.hash(password)

    # --- what tries cost

    async def take(self, email: str, address: str) -> Tries | None:
        """
        Count one more try.

        Raises:
            TooManyAttempts: not yet.
        """
        if self.numbers.limits is None:
            return None
        tries = self.numbers.limits.of(email, address)
        async with self.db.begin(SIGN_IN) as tx:
            await attempts.take(tx, tries, self.numbers.limits, now=self.now())
        return tries

    async def _no_guess(self, tries: Tries | None) -> None:
        if tries is not None:
            async with self.db.begin(SIGN_IN) as tx:
                await attempts.was_no_guess(tx, tries)

    async def _note_refusal(self, known: Known | None) -> None:
        """Written for unknown addresses too: the same work for both."""
        async with self.db.begin(SIGN_IN) as tx:
            await audit.record(tx, "sign_in_refused", "account", known.id if known else None, patient=None)

    async def forget_old_tries(self) -> None:
        """Remove counts that nothing was added to for long; from time to time."""
        if self.numbers.limits is not None:
            async with self.db.begin(SIGN_IN) as tx:
                await attempts.forget_old(tx, before=self.now() - self.numbers.limits.remembered)

    # --- between password and code

    def _seal_step(self, known: Known) -> str:
        until = int((self.now() + self.numbers.step).timestamp())
        nonce = secrets.token_bytes(NONCE_BYTES)
        return (nonce + self._steps.encrypt(nonce, f"{until} {known.id} {known.email}".encode(), None)).hex()

    def _open_step(self, step: str) -> tuple[UUID, str]:
        try:
            raw = bytes.fromhex(step)
            clear = self._steps.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)
        except (ValueError, InvalidTag) as exc:
            raise StepOver from exc
        until, account, email = clear.decode().split(" ", 2)
        if self.now() >= datetime.fromtimestamp(int(until), tz=self.now().tzinfo):
            raise StepOver
        return UUID(account), email
