"""The ledger's services, made together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from telegut.clock import Clock
from telegut.db.engine import Database
from telegut.db.sealed import Vault
from telegut.messaging.ledger.absences import Absences
from telegut.messaging.ledger.calls import UrgentCalls
from telegut.messaging.ledger.escalation import Escalations, StillUnread
from telegut.messaging.ledger.on_call import OnCallLists
from telegut.messaging.ledger.service import ReplyLedger
from telegut.messaging.ledger.urgency import Pace
from telegut.messaging.replies import Replies
from telegut.notices import Notices
from telegut.notices.rules import Kind
from telegut.settings import Settings


@dataclass(frozen=True, slots=True)
class LedgerServices:
    """Who answers, who is away, who is on call, and what happens to urgent messages that nobody reads."""

    ledger: ReplyLedger
    absences: Absences
    on_call: OnCallLists
    escalations: Escalations
    calls: UrgentCalls


def build_ledger(
    db: Database, vault: Vault, now: Clock, notices: Notices, replies: Replies, settings: Settings
) -> LedgerServices:
    """The services, as *settings* want them. *replies*: the clinic's promise, as messaging keeps it."""
    pace = Pace(
        timedelta(seconds=settings.urgent_first_s), timedelta(seconds=settings.urgent_every_s), settings.urgent_times
    )
    cover_for = timedelta(hours=settings.urgent_cover_hours)
    return LedgerServices(
        ledger=ReplyLedger(db, vault, now, replies),
        absences=Absences(db),
        on_call=OnCallLists(db),
        escalations=Escalations(db, vault, notices, pace, replies.zone, cover_for),
        calls=UrgentCalls(db),
    )


def subjects() -> dict[Kind, StillUnread]:
    """Who is asked right before an urgent notice leaves."""
    return {Kind.URGENT: StillUnread()}
