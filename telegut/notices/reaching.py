"""How somebody wants to be reached: what they choose about themselves, and showing that a number is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database, Transaction
from telegut.db.sealed import RootKey
from telegut.errors import FieldError, Invalid, NotFound
from telegut.jobs import queue
from telegut.notices import contacts
from telegut.notices.contacts import KEY_PURPOSE, Choice, Contact, WrongCode
from telegut.notices.sms import Gateway

CODE_JOB = "notice.mobile_code"
_SENDER = Caller.system("mobile number codes")


class NoTextMessages(Invalid):
    """This clinic sends no text messages. Choose mail."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How the caller is reached, and whether this clinic sends text messages at all."""

    contact: Contact
    texts: bool


@dataclass(frozen=True, slots=True)
class Reaching:
    """One's own choice of channels. *gateway*: None when this clinic sends no text messages; *clinic*: its name."""

    db: Database
    root: RootKey
    gateway: Gateway | None
    clinic: str

    async def mine(self, caller: Caller) -> Reached:
        """How the caller is reached."""
        async with self.db.begin(caller) as tx:
            return Reached(await contacts.of(tx, _account(caller)), self.gateway is not None)

    async def choose(self, caller: Caller, wanted: Choice, *, changes_by_mail: bool, mobile: str | None) -> Reached:
        """
        Keep a choice. A new number gets a code by text message, and nothing else until it was shown to be theirs.

        Raises:
            Invalid: not a number, or text messages without one. NoTextMessages: there are none here. TooMany: enough
            codes were sent within the hour.
        """
        number = contacts.parse_mobile(mobile) if mobile and mobile.strip() else None
        self._check(wanted, number)
        account = _account(caller)
        async with self.db.begin(caller) as tx:
            before = await contacts.of(tx, account)
            await contacts.choose(tx, account, wanted, changes_by_mail=changes_by_mail, mobile=number)
            await audit.record(tx, "write", "contact", account, patient=None)
            if number and self.gateway is not None and (number != before.mobile or not before.verified):
                await self._send_code(tx, account, number)
            return Reached(await contacts.of(tx, account), self.gateway is not None)

    def _check(self, wanted: Choice, number: str | None) -> None:
        if wanted not in (Choice.SMS, Choice.BOTH):
            return
        if self.gateway is None:
            raise NoTextMessages(errors=[FieldError("reminders", "This clinic sends no text messages.")])
        if number is None:
            raise Invalid(errors=[FieldError("mobile", "Say which number text messages go to.")])

    async def _send_code(self, tx: Transaction, account: UUID, number: str) -> None:
        challenge = await contacts.challenge(tx, account, number)
        await queue.enqueue(tx, CODE_JOB, {"challenge": str(challenge)}, unique=str(challenge))

    async def verify(self, caller: Caller, code: str) -> Reached:
        """
        Show that the number is the caller's, by the code that was sent to it.

        The try is kept in a transaction of its own: a wrong code counts, whatever becomes of the request.

        Raises:
            WrongCode: it is another, too old, or was tried too often.
        """
        account = _account(caller)
        async with self.db.begin(_SENDER) as tx:
            right = await contacts.try_code(tx, self.root.derive(KEY_PURPOSE), account, code)
        if not right:
            raise WrongCode(errors=[FieldError("code", "This is not the code that we sent last, or it is too old.")])
        return await self.mine(caller)

    async def send_code(self, challenge: UUID) -> None:
        """
        Have the code of a challenge sent; nothing once it was used or is too old.

        Raises:
            Away: the gateway takes nothing at this moment. Refused: it never will.
        """
        async with self.db.begin(_SENDER) as tx:
            number = await contacts.number_to_check(tx, challenge)
        if number is None or self.gateway is None:
            return
        code = contacts.code_of(self.root.derive(KEY_PURPOSE), challenge)
        text = f"{code} is your code for {self.clinic}. It is good for ten minutes. Never pass it on."
        await self.gateway.deliver(str(challenge), number, text)


def _account(caller: Caller) -> UUID:
    if caller.account is None:
        raise NotFound
    return caller.account


__all__ = ["CODE_JOB", "NoTextMessages", "Reached", "Reaching"]
