"""What a group of messages is to the feeds that are open in the process that stored it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from telegut.messaging import log
from telegut.messaging.events import facts
from telegut.messaging.rules import EntryType
from telegut.realtime.outbox import Appended

if TYPE_CHECKING:
    from telegut.messaging.batch import Send, Sent


class Telling:
    """
    What a group has put into the mailboxes, for those whose feeds are open in this process.

    Who may see a message was asked in the transaction that stored it, of everybody who takes part.
    """

    def __init__(
        self,
        appended: Appended,
        entries: Sequence[tuple[Send, Sent, UUID]],
        seeing: frozenset[tuple[UUID, UUID]],
    ) -> None:
        self.appended = appended
        self._entries = entries
        self._seeing = seeing
        self._texts: dict[int, str] = {}

    def event(self, place: int, account: UUID) -> str | None:
        """
        The JSON of the event at *place* of what was told, as the feed of *account* shows it; None when it must be read.

        A message that is more than words, a mention, and what somebody may not see, are read from the mailbox.
        """
        if place >= len(self._entries):
            return None
        send, sent, patient = self._entries[place]
        if send.extras or send.attachments or (send.conversation, account) not in self._seeing:
            return None
        text = self._texts.get(place)
        if text is None:
            what = facts(send.conversation, sent.seq)
            kept = {name: what[name] for name in sorted(what, key=lambda name: (len(name), name))}  # as jsonb keeps it
            known = {"type": EntryType.SENT.value, "patient": str(patient), **kept}
            words = (send.client_id, send.urgent, send.body)
            shown = log.words_alone((send.conversation, sent.seq), sent.id, sent.key.sender, sent.sent_at, words)
            text = self._texts[place] = json.dumps({**known, **shown})
        return text
