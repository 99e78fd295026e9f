"""What each person chooses about notices: one form, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from telegut.db import audit
from telegut.db.caller import Caller
from telegut.db.engine import Database
from telegut.db.standing_in import standing_in
from telegut.errors import FieldError, Invalid, NotFound
from telegut.notices.choices import kept
from telegut.notices.contacts import Choice
from telegut.notices.deciding import Matter, QuietKind, Wishes
from telegut.notices.push.devices import Device
from telegut.notices.push.service import Push
from telegut.notices.reaching import NoTextMessages, Reached, Reaching
from telegut.notices.rules import Channel
from telegut.notices.service import Notices

_SYSTEM = Caller.system("choices about notices")
REMINDERS: Mapping[frozenset[Channel], Choice] = {
    frozenset(): Choice.NONE,
    frozenset({Channel.MAIL}): Choice.MAIL,
    frozenset({Channel.SMS}): Choice.SMS,
    frozenset({Channel.MAIL, Channel.SMS}): Choice.BOTH,
}
"""Channels of reminders of visits, as `telegut.notices.contacts` keeps them."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Everything one person chose, with what there is to choose from. visit: by which channels visits are told."""

    wishes: Wishes
    reached: Reached
    visit: frozenset[Channel]
    devices: list[Device]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants from now on. mobile: as they wrote it."""

    wishes: Wishes
    visit: frozenset[Channel]
    changes_by_mail: bool
    mobile: str | None


@dataclass(frozen=True, slots=True)
class Choices:
    """One's own choices about notices."""

    db: Database
    notices: Notices
    reaching: Reaching
    push: Push

    async def mine(self, caller: Caller) -> Chosen:
        """What the caller chose, or has by default."""
        account = _account(caller)
        async with self.db.begin(caller) as tx:
            wishes = await kept.of(tx, account)
            reached = await self.reaching.mine(caller.within(tx))
            return Chosen(wishes, reached, _visit(caller, wishes, reached), await self.push.mine(caller.within(tx)))

    async def choose(self, caller: Caller, wanted: Wanted) -> Chosen:
        """
        Keep what the caller wants; what waits for them already follows it.

        Raises:
            Invalid: not a number, text messages without one, or quiet hours that are no hours. NoTextMessages: there
            are none here. TooMany: enough codes were sent within the hour.
        """
        account = _account(caller)
        self._check(wanted)
        reminders = REMINDERS[wanted.visit - {Channel.PUSH}]
        async with self.db.begin(caller) as tx:
            await kept.keep(tx, account, wanted.wishes)
            await self.reaching.choose(
                caller.within(tx), reminders, changes_by_mail=wanted.changes_by_mail, mobile=wanted.mobile
            )
            await audit.record(tx, "write", "choices about notices", account, patient=None)
            async with standing_in(tx, _SYSTEM) as ours:
                await self.notices.replan(ours, account)
            return await self.mine(caller.within(tx))

    def _check(self, wanted: Wanted) -> None:
        wishes = wanted.wishes
        if wishes.quiet is QuietKind.HOURS and wishes.quiet_from == wishes.quiet_until:
            raise Invalid(errors=[FieldError("quiet_until", "Quiet hours end at another time than they begin.")])
        texts = [matter for matter in Matter if Channel.SMS in wishes.channels[matter] and matter is not Matter.URGENT]
        if not texts:
            return
        if self.reaching.gateway is None:
            raise NoTextMessages(errors=[FieldError(texts[0].value, "This clinic sends no text messages.")])
        if not (wanted.mobile or "").strip():
            raise Invalid(errors=[FieldError("mobile", "Say which number text messages go to.")])


def _visit(caller: Caller, wishes: Wishes, reached: Reached) -> frozenset[Channel]:
    chosen = reached.contact.reminders or (Choice.NONE if caller.is_clinician else Choice.MAIL)
    told = next(channels for channels, choice in REMINDERS.items() if choice is chosen)
    if reached.contact.reminders is None and caller.is_clinician:
        return told  # nobody reminds practitioners who have not asked for it
    return told | {Channel.PUSH} if wishes.visit_push else told


def _account(caller: Caller) -> UUID:
    if caller.account is None:
        raise NotFound
    return caller.account
