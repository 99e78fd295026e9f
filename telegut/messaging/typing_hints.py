"""Somebody is writing: passed on at once between processes, and kept by nobody."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any
from uuid import UUID

from telegut.clock import Clock
from telegut.db.caller import Caller
from telegut.messaging.events import TYPING
from telegut.messaging.service import Messaging
from telegut.realtime.bus import Bus
from telegut.realtime.hub import Hub

QUIET_S = 2.0
"""After one hint of somebody in a conversation, further ones are dropped for this long."""
REMEMBERED = 4096


class Typing:
    """Takes hints from this process's sockets and gives hints to them."""

    def __init__(self, messaging: Messaging, bus: Bus, hub: Hub, *, now: Clock) -> None:
        self._messaging = messaging
        self._bus = bus
        self._hub = hub
        self._now = now
        self._last: OrderedDict[tuple[UUID | None, UUID], float] = OrderedDict()
        bus.subscribe(TYPING, self._heard)

    async def say(self, caller: Caller, conversation: UUID) -> None:
        """
        Tell the others in *conversation* that *caller* is writing.

        Raises:
            NotFound: the caller does not take part.
        """
        if self._is_repeated((caller.account, conversation)):
            return
        others = await self._messaging.others(caller, conversation)
        fact = {
            "conversation": str(conversation),
            "account": str(caller.account),
            "to": [str(one) for one in others],
        }
        self._bus.publish(TYPING, fact)

    def _is_repeated(self, who: tuple[UUID | None, UUID]) -> bool:
        moment = self._now().timestamp()
        if moment - self._last.get(who, 0.0) < QUIET_S:
            return True
        self._last[who] = moment
        self._last.move_to_end(who)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        return False

    def _heard(self, fact: dict[str, Any]) -> None:
        hint = {"type": TYPING, "conversation": fact["conversation"], "account": fact["account"]}
        self._hub.whisper({UUID(one) for one in fact["to"]}, hint)
